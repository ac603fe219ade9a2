"""Existing resources of the plan that no recorded answers explain: made by hand, by another tool, or by a run whose record is gone.

Azure does not change some properties of an existing resource (immutable_properties.json); the live state of each is compared with what
the plan would send. Regions are compared in bound_regions.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.resource_type_names import type_name
from installer.immutable_properties import conflicts, rules_of, shown
from installer.json_access import as_list, as_text, member, objects_of
from installer.preflight.bound_regions import removal
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.names import kind_of_name
from installer.preflight.network.reads import range_of, ranges_in
from installer.preflight.reads import NotVisible, resource
from installer.preflight.subscription_reads import existing_resources
from installer.resource_id import parent_id_of, top_level_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.bodies import PlannedBody
    from installer.immutable_properties import Conflict
    from installer.json_access import JsonObject
    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject

_LOCATION: Final = ("location",)
_RANGES: Final = ("properties", "addressSpace", "addressPrefixes")
"""A run keeps the ranges of an existing network beside its own (kept_by_others.py)."""
_NETWORK: Final = "microsoft.network/virtualnetworks"
_USERS: Final = ("ipConfigurations", "privateEndpoints", "serviceAssociationLinks")
"""Members of a subnet that show what uses it."""


def unrecorded(subject: Subject) -> Iterator[Entry]:
    """Properties of existing resources that Azure would refuse to change. Raises NotVisible."""
    there = existing_resources(subject)
    planned = [
        body
        for body in subject.bodies
        if any(rule.path != _LOCATION for rule in rules_of(body.type)) and top_level_id_of(body.id).lower() in there
    ]
    if not planned:
        yield Proof("there is no former run of this installation")
        return
    subject.arm.ahead(map(_state, planned))
    compared = refused = 0
    for body in planned:
        try:
            live = subject.arm.find(_state(body))
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
            continue
        if live is None or as_text(member(live, "properties", "provisioningState")).lower() == "failed":
            continue  # what Azure could not create has no fixed properties yet
        compared += 1
        for finding in (*_conflicts(subject, body, live), *_overlaps(subject, body, live)):
            refused += 1
            yield finding
    if compared and not refused:
        yield Proof(f"{counted(compared, 'existing resource')} without a record of their answers can become as planned")


def _state(body: PlannedBody) -> Request:
    return resource(f"{body.id}?api-version={body.api_version}", f"the state of {body.id}")


def _conflicts(subject: Subject, body: PlannedBody, live: JsonObject) -> Iterator[Finding]:
    """One finding for what Azure refuses to change of a resource, and one for what it ignores."""
    found = [
        one
        for one in conflicts(body.type, live, body.body)
        if one.rule.path not in (_LOCATION, _RANGES) and (not one.rule.occupied or _occupied(live))
    ]
    for ignored in (False, True):
        if some := [one for one in found if one.rule.ignored is ignored]:
            yield _finding(subject, body, some)


def _overlaps(subject: Subject, network: PlannedBody, live: JsonObject) -> Iterator[Finding]:
    """Planned subnets of an existing network in the range of another subnet of it, which a deployment does not delete."""
    if network.type.lower() != _NETWORK:
        return
    there = {as_text(one.get("name")).lower(): one for one in objects_of(member(live, "properties", "subnets"))}
    for body in subject.bodies:
        prefix = as_text(member(body.body, "properties", "addressPrefix"))
        if parent_id_of(body.id).lower() != network.id.lower() or not prefix or body.name.lower() in there:
            continue
        for name, other in there.items():
            if any(range_of(prefix).overlaps(one) for one in ranges_in(_prefixes(other))):
                yield Finding(
                    "blocks",
                    f"{network.name} exists, and its subnet {as_text(other.get('name'))} overlaps {prefix} of the planned {body.name}",
                    f"{network.id}/subnets/{name}",
                    "Azure refuses subnets that overlap, and a run deletes none",
                    (
                        *_renamed(subject, network),
                        WayOut(f"ask its owner to delete the subnet, or to move it out of {prefix}"),
                    ),
                    "NetcfgInvalidSubnet",
                )


def _prefixes(subnet: JsonObject) -> list[Json]:
    properties = member(subnet, "properties")
    return [
        one for one in (member(properties, "addressPrefix"), *as_list(member(properties, "addressPrefixes"))) if one
    ]


def _finding(subject: Subject, body: PlannedBody, found: list[Conflict]) -> Finding:
    first = found[0].rule
    verb = "ignores the change of" if first.ignored else "refuses to change"
    changes = ", ".join(
        f"{'.'.join(filter(None, (one.element, one.rule.label)))} from {shown(one.before)} to {shown(one.after)}"
        for one in found
    )
    return Finding(
        "warns" if first.ignored else "blocks",
        f"{body.name} ({type_name(body.type)}) exists, and Azure {verb} {changes}",
        body.id,
        f"no recorded answers of a former run explain it; necessary: {first.work}; meanwhile: {first.downtime}",
        (
            *_renamed(subject, body),
            WayOut(removal(subject, [body.id])),
            WayOut("install with another prefix beside it"),
        ),
        first.code,
        f"existing {body.id}".lower(),
    )


def _renamed(subject: Subject, body: PlannedBody) -> Iterator[WayOut]:
    """Another name, with which the existing resource stays as it is; the check of names judges it when it is tried."""
    if subject.tried or (known := kind_of_name(subject.it.names, body.name)) is None:
        return
    named, rule = known
    name = f"{body.name[: rule.longest - 1]}2"
    kept = [entry for entry in subject.answers.governance.names if not entry.startswith(f"{named}=")]
    yield WayOut(f"leave it as it is, and use the name {name}", (("governance.names", [*kept, f"{named}={name}"]),))


def _occupied(live: JsonObject) -> bool:
    """Whether something uses a subnet, or a subnet of a network."""
    subnets = [live, *objects_of(member(live, "properties", "subnets"))]
    return any(as_list(member(one, "properties", name)) for one in subnets for name in _USERS)
