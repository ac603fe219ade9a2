"""Sections of the report about what exists: addresses, resources by group, identities with their rights. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator

from installer.conventions.counts import counted
from installer.estate.bodies import PlannedBody
from installer.estate.resource_titles import ASSIGNMENTS, Principals
from installer.estate.resource_type_names import type_name
from installer.planning.document import Section
from installer.resource_id import name_of, parse_id
from installer.topology.model import Topology

_UNLISTED = frozenset({ASSIGNMENTS, "microsoft.insights/diagnosticsettings", "microsoft.resources/resourcegroups"})
"""Types that are counted only: role assignments are listed with their identities, the others are alike."""


def inventory(bodies: Iterable[PlannedBody]) -> Iterator[Section]:
    """The top-level resources of each group with the number of their children, then how many there are of the other types."""
    own: dict[str, tuple[str, str]] = {}
    children: Counter[str] = Counter()
    unlisted: Counter[str] = Counter()
    parents: dict[str, tuple[str, str]] = {}
    titles = Principals({})
    for body in bodies:
        if body.type.lower() in _UNLISTED:
            unlisted[body.type] += 1
            continue
        depth = body.type.count("/") - 1
        if not depth:
            own[body.id] = (type_name(body.type), titles.title(body.id, body.type, body.body) or body.name)
            continue
        parent = body.id.rsplit("/", 2 * depth)[0]
        children[parent.lower()] += 1
        parents.setdefault(parent, (type_name(body.type.rsplit("/", depth)[0]), f"{name_of(parent)} (existing)"))
    listed = {key.lower() for key in own}
    rows = {**own, **{key: row for key, row in parents.items() if key.lower() not in listed}}
    for group in dict.fromkeys(map(_group, rows)):
        found = sorted((*row, _children(children[key.lower()])) for key, row in rows.items() if _group(key) == group)
        yield Section(f"Resources in {group}", ("type", "name", "with"), tuple(found))
    rest = [(type_name(kind), str(count)) for kind, count in sorted(unlisted.items())]
    if rest:
        yield Section("Also deployed", ("type", "number"), tuple(rest))


def _group(resource_id: str) -> str:
    parsed = parse_id(resource_id)
    return (parsed.group if parsed else "") or "the subscription"


def _children(number: int) -> str:
    return counted(number, "child resource") if number else ""


def rights(found: Topology) -> Section:
    """Who has which roles on which resource."""
    rows = [
        (one.environment or "all", one.name, ", ".join(one.used_by), grant.target, ", ".join(grant.roles))
        for one in found.identities
        for grant in one.grants
    ]
    return Section("Identities and their rights", ("environment", "who", "used by", "on", "roles"), tuple(rows))
