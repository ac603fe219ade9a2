"""Resources that the answers name and that the installation does not create: they exist."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.answers.draft import flatten
from installer.conventions.counts import counted
from installer.estate.assumed_resources import named_resources
from installer.estate.resource_type_names import type_name
from installer.json_access import as_text
from installer.preflight.commands import in_group
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import network, read_network
from installer.preflight.network.subnets import SUBNET, misfits, subnet_of
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import groups, resources
from installer.resource_id import GROUP_TYPE, ResourceId, contains, parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_NETWORK: Final = "microsoft.network/virtualnetworks"
_ZONE: Final = "microsoft.network/privatednszones"


def existing_resources(subject: Subject) -> Iterator[Entry]:
    """Named resources that do not exist, and subnets that do not fit."""
    named = [
        parsed for one in named_resources(subject.answers) if (parsed := parse_id(as_text(one.get("id")))) is not None
    ]
    tops = [one for one in named if len(one.types) == 1]
    subject.arm.ahead(resources(one) for one in dict.fromkeys(one.subscription for one in tops if not _is_network(one)))
    subject.arm.ahead(network(one.id) for one in named if _is_network(one))
    found, missing = 0, list[ResourceId]()
    for one in named:
        try:
            exists = _exists(subject, one)
        except NotVisible as unseen:
            yield NotChecked(f"whether {one.name} exists", unseen.why)
            continue
        if exists is None:
            continue
        found += exists
        if not exists:
            missing.append(one)
    yield from _absent(subject, missing)
    unfit = list(misfits(subject))
    yield from unfit
    if found and not any(isinstance(one, Finding) for one in unfit):
        yield Proof(counted(found, "resource that the answers name exists", "resources that the answers name exist"))


def _exists(subject: Subject, one: ResourceId) -> bool | None:
    """Whether a resource exists; None if no list has it, as that of a child of another type than a subnet."""
    if one.type.lower() == GROUP_TYPE.lower():
        request = groups(one.subscription, one.id)
        listed = subject.arm.every(request)
        return any(as_text(each.get("name")).lower() == one.name.lower() for each in listed)
    if one.type.lower() == SUBNET:
        parent = one.parent
        return None if parent is None else subnet_of(subject, parent.id, one.names[-1]) is not None
    if _is_network(one):
        return read_network(subject, one.id) is not None
    if len(one.types) > 1 or one.namespace.lower() == "microsoft.authorization":
        return None
    request = resources(one.subscription, one.id)
    listed = subject.arm.every(request)
    return any(as_text(each.get("id")).lower() == one.id.lower() for each in listed)


def _group_id(resource_id: str) -> str:
    """ID of the resource group of a resource."""
    return resource_id.partition("/providers/")[0]


def _is_network(one: ResourceId) -> bool:
    return one.type.lower() == _NETWORK


def _absent(subject: Subject, missing: list[ResourceId]) -> Iterator[Finding]:
    """One finding for what comes into being together: a network or group with what is in it, zones of one group."""
    outer = [one for one in missing if not _within(one, missing)]
    zones: dict[str, list[ResourceId]] = defaultdict(list)
    for one in outer:
        if one.type.lower() == _ZONE:
            zones[_group_id(one.id)].append(one)
    for one in outer:
        if one.type.lower() != _ZONE:
            inside = [other for other in missing if contains(one.id, other.id) and other != one]
            has = f"; it has to have {', '.join(other.name for other in inside)}" if inside else ""
            own = _own_zones(subject) if any(other.type.lower() == _ZONE for other in inside) else ()
            yield _finding([one], (*_ways(subject.answers, one), *own), has)
    for some in zones.values():
        yield _finding(some, (*_ways(subject.answers, some[0], len(some)), *_own_zones(subject)))


def _within(one: ResourceId, missing: list[ResourceId]) -> bool:
    return any(contains(other.id, one.id) and other != one for other in missing)


def _finding(missing: list[ResourceId], ways: tuple[WayOut, ...], more: str = "") -> Finding:
    """One missing resource, or several zones of one group."""
    first, it, count = missing[0], "it" if len(missing) == 1 else "them", len(missing)
    what = f"{first.name} ({type_name(first.type)}) does not exist, or this account may not see it"
    if count > 1:
        names = ", ".join(one.name for one in missing)
        what = f"{count} private DNS zones do not exist in {first.group}, or this account may not see them: {names}"
    return Finding(
        "blocks",
        what,
        first.id if count == 1 else _group_id(first.id),
        f"the answers name {it}, and the installation does not create {it}{more}",
        ways,
        "ResourceNotFound",
        f"zones of {_group_id(first.id)}".lower() if first.type.lower() == _ZONE else "",
    )


def _own_zones(subject: Subject) -> tuple[WayOut, ...]:
    """Zones of the installation itself, where the answers name a group of others for them."""
    made = WayOut("let the installation create its own zones", (("network.dns", "created"),))
    return (made,) if subject.answers.network.dns == "existing" else ()


def _ways(answers: Answers, one: ResourceId, count: int = 1) -> tuple[WayOut, ...]:
    """How missing resources come into being, if not by another answer."""
    where, made = in_group(one.id), tuple[WayOut, ...]()
    if one.type.lower() == _ZONE:
        command = (
            f"az network private-dns zone create {where} -n {one.name if count == 1 else 'NAME, for each of them'}"
        )
        made = (WayOut(f"ask its owner to create {'it' if count == 1 else 'them'}: {command}"),)
    elif one.type.lower() == SUBNET:
        made = (
            WayOut(
                f"ask its owner to create it: az network vnet subnet create {where} --vnet-name {one.names[0]} "
                f"-n {one.names[1]} --address-prefixes RANGE"
            ),
        )
    it = "it" if count == 1 else "them"
    correct = f"correct the answer that names {it}"
    if keys := tuple(_naming(answers, one)):
        correct += f" ({', '.join(keys)})"
    return (*made, WayOut(correct), WayOut("ask its owner for the role Reader"))


def _naming(answers: Answers, one: ResourceId) -> Iterator[str]:
    """Keys of the answers with the ID of a resource, or of one that it is in or that is in it; of a subnet those with its name."""
    for key, value in flatten(answers).items():
        text = as_text(value).lower() if isinstance(value, str) else ""
        named = text.startswith("/") and (contains(text, one.id.lower()) or contains(one.id.lower(), text))
        if named or (one.type.lower() == SUBNET and text == one.names[-1].lower()):
            yield key
