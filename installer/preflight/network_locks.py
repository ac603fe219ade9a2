"""Locks of either level on virtual networks in which a PostgreSQL server is to be created (VNet integration).

Azure creates no server in a network with a lock on itself, above it or on one of its subnets, also if that is against deletion only;
afterwards it may be set again. Sources: MicrosoftDocs/azure-docs#89219 and 96941 (how-to-manage-virtual-network-portal.md, prerequisites),
github.com/hashicorp/terraform-provider-azurerm/issues/19262 (locks of the resource group, with the code).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member
from installer.preflight.footprint import SERVER
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import existing_resources, locks
from installer.resource_id import contains, extended_id_of, name_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.json_access import JsonObject
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_ENDPOINT: Final = WayOut(
    "connect the servers by private endpoints instead of VNet integration", (("data.postgres_network", "endpoint"),)
)


def server_network_locks(subject: Subject) -> Iterator[Entry]:
    """Existing locks on the networks of new servers; nothing without VNet integration.

    Those that a run sets itself come after its servers, but one of an earlier run is in the way of a further server.
    """
    networks = [*_networks(subject)]
    found: dict[str, list[str]] = {}
    for network in networks:
        try:
            listed = subject.arm.every(locks(subscription_of(network)))
        except NotVisible as unseen:
            yield NotChecked(f"whether a lock keeps servers out of {name_of(network)}: {unseen.what}", unseen.why)
            continue
        for lock in [as_text(one.get("id")) for one in listed if not _read_only(subject, one)]:
            if _locks(lock, network):
                found.setdefault(lock, []).append(network)
    yield from (_finding(lock, some) for lock, some in found.items())


def _read_only(subject: Subject, lock: JsonObject) -> bool:
    """Whether a lock refuses all writes of the plan below it, which another check names."""
    scope = extended_id_of(as_text(lock.get("id")))
    level = as_text(member(lock, "properties", "level")).lower()
    return level == "readonly" and any(contains(scope, body.id) for body in subject.bodies)


def _networks(subject: Subject) -> Iterator[str]:
    """Virtual networks of servers that do not exist yet."""
    found: dict[str, str] = {}
    for body in subject.bodies:
        subnet = as_text(member(body.body, "properties", "network", "delegatedSubnetResourceId"))
        if body.type.lower() == SERVER and subnet and body.id.lower() not in existing_resources(subject):
            found.setdefault(subnet.lower().partition("/subnets/")[0], subnet.partition("/subnets/")[0])
    yield from found.values()


def _locks(lock: str, network: str) -> bool:
    """Whether a lock is on a network, above it or on a part of it."""
    scope = extended_id_of(lock)
    return contains(scope, network) or contains(network, scope)


def _finding(lock: str, networks: list[str]) -> Finding:
    scope = extended_id_of(lock)
    where = "the subscription" if scope.count("/") == 2 else name_of(scope)
    removal = WayOut(f"ask its owner to remove it until the servers exist: az lock delete --ids {lock}")
    return Finding(
        "blocks",
        f"the lock {name_of(lock)} of {where} keeps new PostgreSQL servers out of {', '.join(map(name_of, networks))}",
        scope,
        "Azure creates no server with VNet integration in a network with a lock, even one against deletion only",
        (removal, _ENDPOINT),
        "OperationFailed",
    )
