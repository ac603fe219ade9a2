"""Effects of new answers on an existing installation: changes that Azure does not make, and resources left over.

Pure: the templates are evaluated with the former and with the new answers, and the resources are compared with the table of
immutable properties. No list of answers is kept by hand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from installer.answers.draft import flatten
from installer.answers.model import Answers
from installer.conventions.address_ranges import AddressError
from installer.estate.blocked import Blocked, blocked_in_stage
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, StageSpec, stages
from installer.estate.parameters.context import Installation
from installer.estate.resources import Planned, estate, predicted
from installer.jsontypes import Json
from installer.resource_id import GROUP_TYPE, parse_id

_BY_PRINCIPAL: Final = frozenset(
    {"microsoft.authorization/roleassignments", "microsoft.dbforpostgresql/flexibleservers/administrators"}
)
"""Types whose names contain an object ID, which only Azure knows: they go with their identity."""
_SERVERS: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
_EXTENSIONS: Final = frozenset(
    {
        "microsoft.authorization/locks",
        "microsoft.insights/datacollectionruleassociations",
        "microsoft.insights/diagnosticsettings",
    }
)


@dataclass(frozen=True)
class MovedDatabases:
    """Databases that the new answers expect on another server. A run moves no data: it would begin with empty ones.

    Attributes:
        server: The server that has them.
        after: Name of the other server.
        own: Whether the other server is a dedicated one.

    """

    environment: str
    server: Planned
    after: str
    own: bool

    def sentence(self) -> str:
        """The databases, the way to move them, and the answer that keeps them, in one line."""
        keep = "data.prod_server: false" if self.own else "data.prod_server: true, and at least one other environment"
        return (
            f"{self.environment} (databases): a run does not move them from {self.server.name} to {self.after}; necessary: "
            f"dump and restore, during which {self.environment} is stopped; to leave them where they are, answer {keep}"
        )


@dataclass(frozen=True)
class Changes:
    """Comparison of two sets of answers.

    Attributes:
        blocked: Changes that Azure does not make.
        moved: Databases that a run does not move.
        left_over: Resources of the former answers that the new ones do not have, without the contents of other such
            resources: a deployment does not delete them.

    """

    blocked: tuple[Blocked, ...] = ()
    moved: tuple[MovedDatabases, ...] = ()
    left_over: tuple[Planned, ...] = ()

    def refusals(self) -> list[str]:
        """A sentence for each change that is not made."""
        return [*(one.sentence() for one in self.moved), *(one.sentence() for one in self.blocked)]


def compare(former: Answers, new: Answers) -> Changes:
    """Compare two sets of answers of one installation. Takes up to 0.5 s; raises AddressError."""
    if former == new:
        return Changes()
    return Changes(blocked_changes(former, new), tuple(moved_databases(former, new)), tuple(_left_over(former, new)))


def blocked_changes(former: Answers, new: Answers) -> tuple[Blocked, ...]:
    """The changes that Azure does not make. Evaluates only stages whose parameters differ; raises AddressError."""
    olds = {spec.key: spec for spec in stages(former)}
    return tuple(
        found
        for spec in stages(new)
        if spec.key in olds and _parameters(spec) != _parameters(olds[spec.key])
        for found in blocked_in_stage(spec.key, _bodies(former, olds[spec.key]), _bodies(new, spec))
    )


def responsible(former: Answers, new: Answers, blocked: tuple[Blocked, ...]) -> tuple[str, ...]:
    """Keys of changed answers of which each one alone, set back, avoids some of these changes; up to 2 s."""
    trial = _Trial(former, new, frozenset(map(_mark, blocked)), frozenset(one.stage for one in blocked))
    before, after = flatten(former), flatten(new)
    return tuple(key for key in after if before.get(key) != after[key] and trial.helps(key))


@dataclass(frozen=True)
class _Trial:
    """Sets changed answers back one by one; evaluates only the stages with blocked changes."""

    former: Answers
    new: Answers
    marks: frozenset[tuple[str, ...]]
    keys: frozenset[str]

    @cached_property
    def _parameters(self) -> Mapping[str, Mapping[str, Json]]:
        return {spec.key: _parameters(spec) for spec in stages(self.new) if spec.key in self.keys}

    @cached_property
    def _bodies(self) -> Mapping[str, dict[str, Mapping[str, Json]]]:
        return {spec.key: _bodies(self.former, spec) for spec in stages(self.former) if spec.key in self.keys}

    def helps(self, key: str) -> bool:
        """Whether one of the blocked changes disappears with this answer set back."""
        page, _, name = key.partition(".")
        back = getattr(self.new, page).model_copy(update={name: getattr(getattr(self.former, page), name)})
        mixed = self.new.model_copy(update={page: back})
        try:
            return any(self._helps(mixed, spec) for spec in stages(mixed) if spec.key in self.keys)
        except (AddressError, LookupError):  # a combination that the rules do not allow
            return False

    def _helps(self, mixed: Answers, spec: StageSpec) -> bool:
        if _parameters(spec) == self._parameters.get(spec.key):
            return False
        remaining = {_mark(one) for one in blocked_in_stage(spec.key, self._bodies[spec.key], _bodies(mixed, spec))}
        return bool({mark for mark in self.marks if mark[0] == spec.key} - remaining)


def _mark(one: Blocked) -> tuple[str, ...]:
    return one.stage, one.id.lower(), one.element, *one.rule.path


def _parameters(spec: StageSpec) -> Mapping[str, Json]:
    return spec.parameters(PLACEHOLDER_OUTPUTS)


def _bodies(answers: Answers, spec: StageSpec) -> dict[str, Mapping[str, Json]]:
    return {str(raw["id"]).lower(): raw for raw in predicted(answers, spec)}


def moved_databases(former: Answers, new: Answers) -> Iterator[MovedDatabases]:
    """Databases that the new answers expect on another server."""
    before, after = Installation(former), Installation(new)
    servers = {
        one.name: one for stage in estate(former) for one in stage.resources if one.type.lower() == _SERVERS.lower()
    }
    for site in after.sites:
        if site.name in before.environments:
            name = before.postgres(before.site(site.name))
            if name != after.postgres(site) and name in servers:
                yield MovedDatabases(site.name, servers[name], after.postgres(site), site.own_server)


def _left_over(former: Answers, new: Answers) -> Iterator[Planned]:
    """Resources that only the former answers have, outermost first."""
    stay = {one.id.lower() for stage in estate(new) for one in stage.resources}
    gone = {one.id.lower(): one for stage in estate(former) for one in stage.resources if one.id.lower() not in stay}
    for key, one in gone.items():
        if "[" in key or one.type.lower() in _BY_PRINCIPAL:
            continue
        if not any(container in gone for container in _containers(key, one)):
            yield one


def _containers(key: str, one: Planned) -> Iterator[str]:
    """Ids of what contains a resource: its parents, its resource group, the resource that it extends."""
    parsed = parse_id(key)
    while parsed is not None and parsed.parent is not None:
        parsed = parsed.parent
        yield parsed.id.lower()
    if one.type.lower() != GROUP_TYPE.lower() and "/resourcegroups/" in key:
        yield "/".join(key.split("/")[:5])
    if one.type.lower() in _EXTENSIONS:
        yield key.rpartition("/providers/")[0]
