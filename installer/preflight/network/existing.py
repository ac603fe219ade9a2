"""Resources that the answers name and that the installation does not create: they exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.assumed_resources import named_resources
from installer.json_access import as_text
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import network, read_network
from installer.preflight.network.subnets import SUBNET, misfits, subnet_of
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import groups, resources
from installer.resource_id import GROUP_TYPE, parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject
    from installer.resource_id import ResourceId

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
    found = 0
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
            yield Finding(
                "blocks",
                f"{one.type.rpartition('/')[2]} {one.name} does not exist, or this account may not see it",
                one.id,
                "the answers name it, and the installation does not create it",
                _ways(one),
                "ResourceNotFound",
            )
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


def _is_network(one: ResourceId) -> bool:
    return one.type.lower() == _NETWORK


def _ways(one: ResourceId) -> tuple[WayOut, ...]:
    """How a missing resource comes into being, if not by another answer."""
    where = f"--subscription {one.subscription} -g {one.group}"
    made: tuple[WayOut, ...] = ()
    if one.type.lower() == _ZONE:
        made = (WayOut(f"ask its owner to create it: az network private-dns zone create {where} -n {one.name}"),)
    elif one.type.lower() == SUBNET:
        made = (
            WayOut(
                f"ask its owner to create it: az network vnet subnet create {where} --vnet-name {one.names[0]} "
                f"-n {one.names[1]} --address-prefixes RANGE"
            ),
        )
    return (*made, WayOut("correct the answer that names it"), WayOut("ask its owner for the role Reader"))
