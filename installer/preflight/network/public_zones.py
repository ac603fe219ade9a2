"""Public DNS zones of the host names that users open: where they are in Azure, and whether their parent zone delegates to them.

A run writes the records of the host names into the zone if it is in a subscription of the installation (installer/steps/dns_records.py),
else it shows them. Azure Resource Manager shows neither what the registrar of a domain delegates nor zones elsewhere. Source:
azure-docs, dns/dns-domain-delegation.md (a zone is found only if its parent has NS records with its name servers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_text, member, objects_of
from installer.preflight.commands import in_group
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.reads import NotVisible, resource
from installer.preflight.subscription_reads import existing_resources
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject

_ZONES: Final = "microsoft.network/dnszones"
_VERSION: Final = "2018-05-01"
ELSEWHERE: Final = "its zone is in no subscription of the installation; the run shows the records to create"
REGISTRAR: Final = "the parent zone is not in a subscription of the installation"


def public_zones(subject: Subject) -> Iterator[Entry]:
    """The zone of each public host name; nothing without a public ingress."""
    if subject.answers.ingress.kind not in ("gateway", "frontdoor"):
        return
    hosts = dict.fromkeys(subject.it.public_host(name).lower() for name in subject.it.environments)
    try:
        found = existing_resources(subject).values()
    except NotVisible as unseen:
        yield NotChecked(f"public DNS zones: {unseen.what}", unseen.why)
        return
    zones = [as_text(one.get("id")) for one in found if as_text(one.get("type")).lower() == _ZONES]
    delegated: set[str] = set()
    for host in hosts:
        zone = _closest(zones, host)
        if zone is None:
            yield NotChecked(f"whether {host} resolves", ELSEWHERE)
        elif zone not in delegated:
            delegated.add(zone)
            yield from _delegation(subject, zone, zones)


def _closest(zones: list[str], host: str) -> str | None:
    """The most specific zone of a host name."""
    above = [zone for zone in zones if f".{host}".endswith(f".{name_of(zone).lower()}")]
    return max(above, key=lambda zone: (len(name_of(zone)), zone), default=None)


def _delegation(subject: Subject, zone: str, zones: list[str]) -> Iterator[Entry]:
    """Whether the parent zone, if Azure has it, delegates to a zone."""
    name = name_of(zone).lower()
    parent = _closest([one for one in zones if name_of(one).lower() != name], name)
    if parent is None:
        yield NotChecked(f"whether the public DNS zone {name} is delegated", REGISTRAR)
        return
    label = name.removesuffix(f".{name_of(parent).lower()}")
    try:
        own = _servers(member(subject.arm.find(_zone(zone)), "properties", "nameServers"))
        records = objects_of(member(subject.arm.find(_records(parent, label)), "properties", "NSRecords"))
    except NotVisible as unseen:
        yield NotChecked(unseen.what, unseen.why)
        return
    named = {server for one in records for server in _servers([one.get("nsdname")])}
    if named and (not own or named & own):
        yield Proof(f"the public DNS zone {name} is delegated by {name_of(parent)}")
        return
    where = f"{in_group(parent)} -z {name_of(parent)}"
    yield Finding(
        "warns",
        f"the public DNS zone {name} is not delegated by its parent zone {name_of(parent)}",
        parent,
        "no user finds the records of the web app, and certificates for its name are not issued",
        (
            WayOut(
                f"delegate it: az network dns record-set ns add-record {where} -n {label} -d NAME-SERVER, for each of its name servers"
            ),
        ),
    )


def _servers(value: Json) -> set[str]:
    return {as_text(one).lower().rstrip(".") for one in as_list(value)} - {""}


def _zone(zone: str) -> Request:
    return resource(f"{zone}?api-version={_VERSION}", f"the public DNS zone {name_of(zone)}")


def _records(zone: str, label: str) -> Request:
    return resource(f"{zone}/NS/{label}?api-version={_VERSION}", f"the delegation of {label} in {name_of(zone)}")
