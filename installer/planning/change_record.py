"""Change record of a plan, for those who approve it and for the teams that have to act. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from installer.conventions.counts import counted
from installer.estate.bodies import planned_bodies
from installer.estate.resource_titles import labelled
from installer.json_access import as_text, member, objects_of
from installer.planning.branch import shown
from installer.planning.document import Section, listed
from installer.preflight.rights.needs import needs_of
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.jsontypes import Json
    from installer.planning.model import Plan

_EXEMPTION = "RequestDisallowedByPolicy"
_HTTPS = "443"
_PORTS = {
    "microsoft.dbforpostgresql": "5432",
    "microsoft.cache": "10000",
}
"""Port by provider of the target: azure-databases-docs, postgresql/network/concepts-networking-private-link.md; azure-docs,
redis/private-link.md (Azure Managed Redis listens at 10000)."""
_HEAVY = frozenset({"replace", "delete", "blocked", "left over"})


def change_record(plan: Plan, answers: Answers) -> Iterator[Section]:
    """The sections that follow the changes: reasons, account, rights, risk, rollback, exemptions, and the network requests."""
    yield _why(plan)
    yield _account(plan)
    yield _rights(answers)
    yield listed("Risk", list(_risk(plan)))
    yield listed("Rollback", list(_rollback(plan)))
    exemptions = [
        way.text for one in plan.findings if one.code == _EXEMPTION for way in one.ways if "exemption" in way.text
    ]
    if exemptions:
        yield listed("Policy exemptions to ask for", exemptions)
    yield from _network(plan, answers)


def _why(plan: Plan) -> Section:
    """The answers that someone has given; presets and defaults follow from them."""
    flat = {
        f"{page}.{name}": value
        for page, fields in plan.answers.items()
        if isinstance(fields, dict)
        for name, value in fields.items()
    }
    rows = tuple(
        (key, shown(value), plan.sources.get(key, "file"))
        for key, value in flat.items()
        if plan.sources.get(key, "file") not in ("default", "preset") and value not in (None, [])
    )
    return Section("Why: the answers with their sources", ("answer", "value", "source"), rows)


def _account(plan: Plan) -> Section:
    who = plan.account or "the signed-in account (its name is not known)"
    return listed("Account", [who, f"flowforge-install {plan.installer}, plan made {plan.made}, digest {plan.digest}"])


def _rights(answers: Answers) -> Section:
    """Actions by scope, as the custom role of the command roles has them."""
    scopes: dict[str, dict[str, None]] = defaultdict(dict)
    for need in needs_of(answers):
        scopes[need.scope][need.action] = None
    rows = tuple((scope, ", ".join(sorted(actions))) for scope, actions in scopes.items())
    return Section("Rights used", ("scope", "actions"), rows)


def _risk(plan: Plan) -> Iterator[str]:
    blocking = [one for one in plan.findings if one.severity == "blocks"]
    blocked = counted(len(blocking) + len(plan.blocked), "finding blocks a run", "findings block a run")
    yield f"{blocked}, {counted(len(plan.findings) - len(blocking), 'warning')}"
    for change in plan.changes:
        if change.change in _HEAVY:
            yield f"{change.change}: {labelled(change.title, change.name, change.type)}" + (
                f": {change.why}" if change.why else ""
            )
    if not any(change.change in _HEAVY for change in plan.changes):
        yield "nothing is deleted or replaced"
    if plan.not_checked:
        yield f"{counted(len(plan.not_checked), 'fact')} could not be checked, or only in part"


def _rollback(plan: Plan) -> Iterator[str]:
    """A run has no undo: what leads back, and what does not."""
    if any(change.change == "change" for change in plan.changes):
        yield "changed properties: apply the former answers again; the values before are in this plan"
    if created := sum(change.change == "create" for change in plan.changes):
        stay = "created resource or object stays until it is", "created resources and objects stay until they are"
        yield f"{counted(created, *stay)} deleted; nothing that existed depends on {'it' if created == 1 else 'them'}"
    if plan.blocked:
        yield "blocked changes are not made, so there is nothing to take back"
    yield "a run that is interrupted continues with resume; completed stages are kept"


# -- requests to the network teams -----------------------------------------------------------------------------------


def _network(plan: Plan, answers: Answers) -> Iterator[Section]:
    """Addresses, peers, names and ports, each for the team that owns it."""
    ranges: list[tuple[str, ...]] = []
    peers: list[tuple[str, ...]] = []
    zones: list[str] = []
    endpoints: list[tuple[str, ...]] = []
    for body in planned_bodies(answers):
        kind, properties = body.type.lower(), member(body.body, "properties")
        if kind == "microsoft.network/virtualnetworks":
            prefixes = ", ".join(_texts(member(properties, "addressSpace", "addressPrefixes")))
            ranges.append((body.name, "", prefixes))
            ranges += [(body.name, *_subnet(one)) for one in objects_of(member(properties, "subnets"))]
        elif kind == "microsoft.network/virtualnetworks/subnets":
            ranges.append((body.id.split("/")[-3], *_subnet({**body.body, "name": body.name})))
        elif kind.endswith("/virtualnetworkpeerings"):
            remote = as_text(member(properties, "remoteVirtualNetwork", "id"))
            peers.append((body.id.split("/")[-3], _network_name(remote, plan.subscription)))
        elif kind == "microsoft.network/privatednszones":
            zones.append(body.name)
        elif kind == "microsoft.network/privateendpoints":
            endpoints.append(
                (
                    body.name,
                    as_text(member(properties, "subnet", "id")).rpartition("/")[2],
                    _port(properties),
                )
            )
    if ranges:
        yield Section("Network request: addresses", ("network", "subnet", "range"), tuple(ranges))
    if peers:
        yield Section("Network request: peerings", ("network", "with"), tuple(peers))
    if endpoints:
        yield Section("Network request: private endpoints", ("endpoint", "subnet", "TCP port"), tuple(endpoints))
    records = [(one.name, one.kind, _what(plan, one.id)) for one in plan.changes if one.family == "dns"]
    records += [(zone, "private zone", "linked to the networks above") for zone in zones]
    if records:
        yield Section("Network request: names", ("name", "type", "value"), tuple(records))
    if plan.egress:
        rows = tuple((one.target, f"TCP {one.port}", one.why, one.source) for one in plan.egress)
        yield Section("Network request: egress", ("target", "port", "why", "source"), rows)


def _network_name(resource_id: str, subscription: str) -> str:
    """A network by name and resource group, and by the subscription if that is another one; of another ID all of it."""
    parsed = parse_id(resource_id)
    if parsed is None:
        return resource_id
    elsewhere = f", subscription {parsed.subscription}" if parsed.subscription.lower() != subscription.lower() else ""
    return f"{parsed.name} (resource group {parsed.group}{elsewhere})"


def _port(properties: Json) -> str:
    """The port at which the target of a private endpoint is called."""
    for name in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        for one in objects_of(member(properties, name)):
            parsed = parse_id(as_text(member(one, "properties", "privateLinkServiceId")))
            if parsed is not None:
                return _PORTS.get(parsed.namespace.lower(), _HTTPS)
    return _HTTPS


def _what(plan: Plan, record: str) -> str:
    change = next(one for one in plan.changes if one.id == record)
    values = [shown(one.after) for one in change.properties]
    return ", ".join(values) or change.why or change.change


def _subnet(raw: dict[str, Json]) -> tuple[str, str]:
    properties = member(raw, "properties")
    prefixes = _texts(member(properties, "addressPrefixes")) or [as_text(member(properties, "addressPrefix"))]
    return as_text(raw.get("name")), ", ".join(prefixes)


def _texts(value: Json) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
