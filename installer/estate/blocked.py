"""Changes that Azure does not make: of a resource itself, or because of another one that stays beside it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network

from installer.estate.resource_type_names import type_name
from installer.immutable_properties import Immutable, Kind, conflicts, rules_of, shown
from installer.json_access import JsonObject, as_text, member
from installer.jsontypes import Json
from installer.resource_id import group_of, subscription_of


@dataclass(frozen=True)
class Blocked:
    """A change that Azure does not make.

    Attributes:
        stage: Key of the stage.
        api_version: For reading the resource.
        element: Name of an array element, such as a node pool; "" outside arrays.
        before: The former value.
        after: The value of the new answers.
        body: The resource as the new answers define it.

    """

    stage: str
    id: str
    type: str
    api_version: str
    rule: Immutable
    element: str
    before: Json
    after: Json
    body: Mapping[str, Json] = field(repr=False)

    def sentence(self) -> str:
        """The blocked change, the way to the other value, and the interruption, in one line."""
        name = "/".join(part for part in (self.id.rpartition("/")[2], self.element) if part)
        kind = type_name(self.type)
        verb = "ignores the change of" if self.rule.ignored else "refuses to change"
        return (
            f"{name} ({kind}): Azure {verb} {self.rule.label} from {shown(self.before)} to {shown(self.after)}; "
            f"necessary: {self.rule.work}; meanwhile: {self.rule.downtime}"
        )

    def holds(self, live: JsonObject) -> bool:
        """Whether Azure would refuse or ignore it for the live state of the resource."""
        return any(
            (found.rule, found.element) == (self.rule, self.element) for found in conflicts(self.type, live, self.body)
        )


@dataclass(frozen=True)
class Overlapping(Blocked):
    """A new subnet in the range of an existing one, which a deployment does not delete.

    `id`, `type` and `before` are of the existing subnet, `element`, `after` and `body` of the new one.
    """

    def sentence(self) -> str:
        """The two subnets, the way to the new one, and the interruption, in one line."""
        network, name = self.id.split("/")[-3], self.id.rpartition("/")[2]
        return (
            f"{network}: Azure refuses subnet {self.element} ({shown(self.after)}), because its range overlaps "
            f"{name} ({shown(self.before)}); necessary: {self.rule.work}; meanwhile: {self.rule.downtime}"
        )

    def holds(self, live: JsonObject) -> bool:
        """Whether the existing subnet still has an overlapping range."""
        return _overlap(_range(live), _range(self.body))


@dataclass(frozen=True)
class Elsewhere(Blocked):
    """A new resource beside an existing one in another subscription or group, where Azure allows only one of them.

    Either the name is unique, or what the rule's path names can have only one of that name: a network one zone of a name.

    `id` and `before` are of the existing resource, `after` is the id of the new one.
    """

    def sentence(self) -> str:
        """The resource, the way to the other place, and the interruption, in one line."""
        name, kind = "/".join(self.id.split("/")[8::2]), type_name(self.type)
        other = shown(self.after)
        return (
            f"{name} ({kind}): Azure refuses a second one in {group_of(other)}, subscription {subscription_of(other)}, "
            f"beside the one in {group_of(self.id)}, subscription {subscription_of(self.id)}; "
            f"necessary: {self.rule.work}; meanwhile: {self.rule.downtime}"
        )

    def holds(self, live: JsonObject) -> bool:  # noqa: ARG002  the same for every change
        """As long as the existing resource exists."""
        return True


def blocked_in_stage(
    stage: str, before: Mapping[str, Mapping[str, Json]], after: Mapping[str, Mapping[str, Json]]
) -> Iterator[Blocked]:
    """The blocked changes of a stage.

    Args:
        stage: key of the stage.
        before: definitions of the resources by id in lower case, with the former answers.
        after: the same with the new answers.

    """
    for key, raw in after.items():
        if key in before:
            kind, version = str(raw["type"]), str(raw["apiVersion"])
            for found in conflicts(kind, before[key], raw):
                yield Blocked(
                    stage, str(raw["id"]), kind, version, found.rule, found.element, found.before, found.after, raw
                )
        else:
            yield from _overlapping(stage, before, raw)
            yield from _elsewhere(stage, before, raw)


def _overlapping(
    stage: str, before: Mapping[str, Mapping[str, Json]], new: Mapping[str, Json]
) -> Iterator[Overlapping]:
    """Former subnets of the same network in whose range a new one is."""
    rule = _rule(new, "overlap")
    if rule is None:
        return
    network, _, name = str(new["id"]).rpartition("/")
    for key, old in before.items():
        if key.rpartition("/")[0] == network.lower() and _overlap(_range(old), _range(new)):
            where, kind, version = str(old["id"]), str(old["type"]), str(old["apiVersion"])
            yield Overlapping(stage, where, kind, version, rule, name, _range(old), _range(new), new)


def _elsewhere(stage: str, before: Mapping[str, Mapping[str, Json]], new: Mapping[str, Json]) -> Iterator[Elsewhere]:
    """The former resource of the same name elsewhere, if there can be only one."""
    rule = _rule(new, "elsewhere")
    if rule is None:
        return
    for old in before.values():
        same = (str(old["type"]).lower(), old["name"]) == (str(new["type"]).lower(), new["name"])
        if same and _at(old, rule.path) == _at(new, rule.path):
            where, kind, version = str(old["id"]), str(old["type"]), str(old["apiVersion"])
            yield Elsewhere(stage, where, kind, version, rule, "", where, str(new["id"]), new)


def _rule(new: Mapping[str, Json], change: Kind) -> Immutable | None:
    return next((rule for rule in rules_of(str(new["type"])) if rule.change == change), None)


def _at(resource: Mapping[str, Json], path: tuple[str, ...]) -> str:
    return as_text(member(dict(resource), *path)).lower()


def _range(subnet: Mapping[str, Json]) -> str:
    return as_text(member(dict(subnet), "properties", "addressPrefix"))


def _overlap(one: str, other: str) -> bool:
    try:
        return ip_network(one).overlaps(ip_network(other))
    except (TypeError, ValueError):  # IPv4 and IPv6, or no range
        return False
