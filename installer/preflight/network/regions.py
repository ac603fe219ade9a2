"""Existing resources in another region than what the plan puts into them or ties to them (regional_ties.toml)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import read_network
from installer.preflight.reads import NotVisible
from installer.preflight.region_ranking import region_key
from installer.preflight.subscription_reads import resources
from installer.regional_ties import same_region, ties
from installer.resource_id import name_of, normalised_location, parent_id_of, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.bodies import PlannedBody
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_NETWORK: Final = "microsoft.network/virtualnetworks"
_MAX_SHOWN: Final = 3


def regional_references(subject: Subject) -> Iterator[Entry]:
    """Existing resources that Azure would not accept for reasons of their region, one finding for each."""
    planned = {body.id.lower(): _region(body) for body in subject.bodies}
    wrong: dict[tuple[str, str, str], list[tuple[PlannedBody, str]]] = defaultdict(list)
    unseen: dict[str, str] = {}
    right: set[str] = set()
    for body in subject.bodies:
        here = planned[body.id.lower()] or planned.get(parent_id_of(body.id).lower(), "")
        for tie in ties(body.type, body.id, body.body):
            if tie.place.lower() in planned:
                continue
            try:
                there = _existing_region(subject, tie.place)
            except NotVisible as one:
                unseen[name_of(tie.place)] = one.why
                continue
            if there is None:
                continue  # named as missing
            if not same_region(here, there):
                wrong[tie.place, here, there].append((body, tie.code))
            elif here and there:
                right.add(name_of(tie.place))
            else:
                unseen[name_of(tie.place)] = "its region is not known"
    yield from (NotChecked(f"region of {name}", why) for name, why in unseen.items())
    for (place, here, there), users in wrong.items():
        yield _elsewhere(subject, place, here, there, users)
    if right and not wrong:
        yield Proof(f"{', '.join(sorted(right))}: in the region of what uses it")


def _region(body: PlannedBody) -> str:
    return normalised_location(as_text(body.body.get("location")))


def _existing_region(subject: Subject, resource_id: str) -> str | None:
    """The normalised region of an existing resource, None if it does not exist. Raises NotVisible."""
    parsed = parse_id(resource_id)
    if parsed is not None and parsed.type.lower() == _NETWORK:
        found = read_network(subject, resource_id)
    else:
        listed = subject.arm.every(resources(subscription_of(resource_id), resource_id))
        found = next((one for one in listed if as_text(one.get("id")).lower() == resource_id.lower()), None)
    return None if found is None else normalised_location(as_text(found.get("location")))


def _elsewhere(subject: Subject, place: str, here: str, there: str, users: list[tuple[PlannedBody, str]]) -> Finding:
    kinds = list(dict.fromkeys(body.type for body, _ in users))
    more = f" and {len(kinds) - _MAX_SHOWN} more types" if len(kinds) > _MAX_SHOWN else ""
    return Finding(
        "blocks",
        f"{name_of(place)} is in {there}; {', '.join(kinds[:_MAX_SHOWN])}{more} in {here} cannot use it",
        place,
        "Azure accepts them only in the region of what they are put into",
        (
            WayOut(f"install in {there}", ((region_key(subject, here), there),)),
            WayOut(f"name one in {here} instead, or ask the owner of {name_of(place)} for it"),
        ),
        users[0][1],
    )
