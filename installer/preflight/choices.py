"""Lists of answers that Azure and Entra ID offer, for the fields of the wizard: sizes, subnets, DNS zones, groups, applications.

Each has the name that a person searches for and the facts that decide: cores, memory, zones, quota left. What cannot be chosen is shown with its
reason. Sources: Resource Skus - List, Capabilities By Location of PostgreSQL, Virtual Networks - Get, Resources - List, Secrets - List of key vaults (the secret behind a certificate has
its content type and end), Microsoft Graph List groups and List applications.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from installer.cloud.models import Choice
from installer.conventions.sizing import SYSTEM_NODE_CORES, is_burstable
from installer.json_access import as_list, as_text, member, objects_of
from installer.preflight.offer_facts import capability, free_of, postgres_sizes, size_problem, usage_of, vm_sizes
from installer.preflight.offer_reads import COMPUTE, machine_sizes, postgres_offer, usages
from installer.preflight.reads import NotVisible, Reads, listing, resource
from installer.resource_id import group_of, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.jsontypes import Json

_CERTIFICATE_TYPES: Final = ("application/x-pkcs12", "application/x-pem-file")
"""Content types of the secret behind a certificate. Source: azure-docs, key-vault/certificates/about-certificates.md."""
MIN_CORES: Final = 2
"""Sizes with fewer vCPUs are not offered: AKS takes none of them for a node. Source: azure-docs, aks/quotas-skus-regions.md."""


@dataclass(frozen=True)
class Offer:
    """Scope of a list.

    Attributes:
        arm: Reads of Azure Resource Manager.
        graph: Reads of Microsoft Graph.
        subscription: ID of the subscription.
        region: Name of the region.
        network: Resource ID of the hub network, "" without one.

    """

    arm: Reads
    graph: Reads
    subscription: str
    region: str
    network: str = ""


def _node_sizes(offer: Offer) -> list[Choice]:
    return _machine_sizes(offer, lambda _name, _cores: "")


def _system_sizes(offer: Offer) -> list[Choice]:
    def refused(name: str, cores: int) -> str:
        if is_burstable(name):
            return "B series are not supported for system nodes"
        return "" if cores >= SYSTEM_NODE_CORES else f"system nodes need {SYSTEM_NODE_CORES} cores"

    return _machine_sizes(offer, refused)


def _machine_sizes(offer: Offer, refused: Callable[[str, int], str]) -> list[Choice]:
    if not offer.region:
        return []
    limits = usages(COMPUTE, offer.subscription, offer.region)
    sizes = machine_sizes(offer.subscription, offer.region)
    offer.arm.ahead([sizes, limits])
    offered = vm_sizes(offer.arm.every(sizes)).values()
    try:
        used = usage_of(offer.arm.every(limits))
    except NotVisible:  # the list is useful without the quota
        used = {}
    found = []
    for sku in offered:
        name, cores = as_text(sku.get("name")), int(capability(sku, "vCPUs") or 0)
        if cores < MIN_CORES:
            continue
        family = used.get(as_text(sku.get("family")).lower(), {})
        free = free_of(family) if family else None
        arm64 = "the images are for x64" if capability(sku, "CpuArchitectureType") == "Arm64" else ""
        wrong = size_problem(sku, ()) or refused(name, cores) or arm64
        facts = [f"{cores} cores", f"{capability(sku, 'MemoryGB') or '?'} GB"]
        facts += [f"{free} free" if free is not None else "", _zones(sku)]
        fact = wrong or " · ".join(one for one in facts if one)
        found.append((bool(wrong), cores, name, Choice(name, "", fact, usable=not wrong)))
    return [choice for *_, choice in sorted(found, key=lambda one: one[:3])]


def _zones(sku: Mapping[str, Json]) -> str:
    zones = {str(zone) for info in objects_of(sku.get("locationInfo")) for zone in as_list(info.get("zones"))}
    return f"zones {' '.join(sorted(zones))}" if zones else "no zones"


def _postgres_sizes(offer: Offer) -> list[Choice]:
    if not offer.region:
        return []
    sizes = postgres_sizes(offer.arm.every(postgres_offer(offer.subscription, offer.region)))
    found = []
    for name, sku in sizes.items():
        cores, per_core = int(_number(sku.get("vCores"))), _number(sku.get("supportedMemoryPerVcoreMb"))
        ha = (
            "high availability"
            if "ZoneRedundant" in map(str, as_list(sku.get("supportedHaMode")))
            else "no zone redundancy"
        )
        facts = [f"{cores} core{'' if cores == 1 else 's'}", f"{cores * per_core / 1024:g} GB" if per_core else "", ha]
        found.append((cores, name, Choice(name, "", " · ".join(fact for fact in facts if fact))))
    return [choice for *_, choice in sorted(found, key=lambda one: one[:2])]


def _number(value: Json) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _hub_subnets(offer: Offer) -> list[Choice]:
    if not offer.network.startswith("/"):
        return []
    network = offer.arm.find(resource(f"{offer.network}?api-version=2025-05-01", "the hub network"))
    found = []
    for subnet in objects_of(member(network or {}, "properties", "subnets")):
        properties = member(subnet, "properties")
        ranges = [
            as_text(member(properties, "addressPrefix")),
            *map(str, as_list(member(properties, "addressPrefixes"))),
        ]
        services = [
            as_text(member(one, "properties", "serviceName")) for one in objects_of(member(properties, "delegations"))
        ]
        fact = " ".join(one for one in ranges if one)
        wrong = f"delegated to {services[0]}" if services else ""
        found.append(Choice(as_text(subnet.get("name")), fact, wrong, usable=not wrong))
    return found


def _resources(offer: Offer, kind: str) -> list[dict[str, Json]]:
    wanted = quote(f"resourceType eq '{kind}'")
    path = f"/subscriptions/{offer.subscription}/resources?api-version=2021-04-01&$filter={wanted}"
    return offer.arm.every(listing(path, f"resources of type {kind}"))


def _zone_groups(offer: Offer) -> list[Choice]:
    """Resource groups with private DNS zones, with their number."""
    zones = _resources(offer, "Microsoft.Network/privateDnsZones")
    groups: dict[str, int] = {}
    for zone in zones:
        group = as_text(zone.get("id")).partition("/providers/")[0]
        groups[group] = groups.get(group, 0) + 1
    return [
        Choice(group, name_of(group), f"{count} private DNS {'zone' if count == 1 else 'zones'}")
        for group, count in sorted(groups.items())
    ]


def _purview_accounts(offer: Offer) -> list[Choice]:
    found = _resources(offer, "Microsoft.Purview/accounts")
    return [Choice(as_text(one.get("id")), as_text(one.get("name")), as_text(one.get("location"))) for one in found]


def _certificates(offer: Offer) -> list[Choice]:
    """Certificates in the key vaults of the subscription, by the URI of their secrets, with the group of the vault."""
    vaults = [as_text(one.get("id")) for one in _resources(offer, "Microsoft.KeyVault/vaults")]
    requests = [listing(f"{vault}/secrets?api-version=2024-11-01", f"secrets of {name_of(vault)}") for vault in vaults]
    offer.arm.ahead(requests)
    found = []
    for vault, request in zip(vaults, requests, strict=True):
        try:
            secrets = offer.arm.every(request)
        except NotVisible:  # the certificates of other vaults are still useful
            continue
        for secret in secrets:
            properties = member(secret, "properties")
            uri, ends = as_text(member(properties, "secretUri")), member(properties, "attributes", "exp")
            if as_text(member(properties, "contentType")) in _CERTIFICATE_TYPES and uri:
                found.append(_certificate(uri, group_of(vault), ends, member(properties, "attributes", "enabled")))
    return sorted(found, key=lambda one: (not one.usable, one.value))


def _certificate(uri: str, group: str, ends: Json, enabled: Json) -> Choice:
    if enabled is False:
        return Choice(uri, group, "disabled", usable=False)
    if not isinstance(ends, int):
        return Choice(uri, group, "no end known")
    day = datetime.fromtimestamp(ends, UTC).date().isoformat()
    return Choice(uri, group, f"expires {day}") if ends > time() else Choice(uri, group, f"expired {day}", usable=False)


def _groups(offer: Offer) -> list[Choice]:
    """Groups that can get rights: mail-enabled ones without security cannot."""
    path = "/groups?$filter=securityEnabled%20eq%20true&$select=id,displayName&$top=999"
    found = offer.graph.every(listing(path, "groups of the tenant"))
    return _named(found, "id")


def _applications(offer: Offer) -> list[Choice]:
    path = "/applications?$select=appId,displayName&$top=999"
    found = offer.graph.every(listing(path, "app registrations of the tenant"))
    return _named(found, "appId")


def _named(found: list[dict[str, Json]], value: str) -> list[Choice]:
    choices = [Choice(as_text(one.get(value)), as_text(one.get("displayName"))) for one in found]
    return sorted((one for one in choices if one.value), key=lambda one: one.label.lower())


LISTS: Final[Mapping[str, Callable[[Offer], list[Choice]]]] = {
    "node_sizes": _node_sizes,
    "system_sizes": _system_sizes,
    "postgres_sizes": _postgres_sizes,
    "hub_subnets": _hub_subnets,
    "zone_groups": _zone_groups,
    "purview_accounts": _purview_accounts,
    "certificates": _certificates,
    "groups": _groups,
    "applications": _applications,
}
"""Readers by name of the source, as questions have it. They raise NotVisible."""
DEPEND_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "subscription.tenant": ("groups", "applications"),
    "subscription.subscription": (
        "node_sizes",
        "system_sizes",
        "postgres_sizes",
        "zone_groups",
        "purview_accounts",
        "certificates",
    ),
    "subscription.region": ("node_sizes", "system_sizes", "postgres_sizes"),
    "network.hub_id": ("hub_subnets",),
}
"""Lists that have to be read again when an answer changes."""
