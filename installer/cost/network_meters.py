"""Meters of networks: gateways, addresses, private endpoints, names. Pure.

Sources of the names: github.com/ahmadabdalla/azure-cost-calculator, references/services/networking, which reads them from the
list (application-gateway.md, front-door.md, load-balancer.md, nat-gateway.md, private-link.md, ip-addresses.md, private-dns.md,
dns-private-resolver.md). Second source: github.com/infracost/infracost, internal/resources/azure (application_gateway.go,
private_dns_zone.go, private_dns_resolver_inbound_endpoint.go), which has the meters of a gateway without the word Standard and
those of DNS in "Zone 1": both are tried when the list does not have the newer form.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.cost.bodies import GLOBAL, number, region
from installer.cost.model import HOURS, Meter
from installer.json_access import as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.bodies import PlannedBody

_FIRST_ZONE: Final = "Zone 1"
"""Front Door is priced by zones of delivery; the base fee is that of Zone 1 (North America), and Europe has the same."""
_NO_REGION: Final = ""
"""Private DNS has rows without a region."""


def gateway(body: PlannedBody) -> Iterator[Meter]:
    """An application gateway with its least capacity."""
    least = number(member(body.body, "properties", "autoscaleConfiguration", "minCapacity"), 1.0)
    service, where = "Application Gateway", region(body)
    product = ("Application Gateway WAF v2",)
    told = "one gateway all month"
    older = Meter(service, where, HOURS, "hour", told, product, "Standard", "Fixed Cost")
    yield replace(older, meter="Standard Fixed Cost", otherwise=older)
    units = f"{counted(least, 'capacity unit')}, the minimum"
    older = Meter(service, where, least * HOURS, "hour", units, product, "Standard", "Capacity Units")
    yield replace(older, meter="Standard Capacity Units", otherwise=older)


def front_door(body: PlannedBody) -> Iterator[Meter]:
    """The base fee of a profile."""
    tier = as_text(member(body.body, "sku", "name")).partition("_")[0]
    service, product = "Azure Front Door Service", ("Azure Front Door",)
    told = f"base fee of {_FIRST_ZONE}; no traffic"
    yield Meter(service, _FIRST_ZONE, 1.0, "month", told, product, tier, f"{tier} Base Fees")


def nat_gateway(_body: PlannedBody) -> Iterator[Meter]:
    """A NAT gateway; Standard and StandardV2 have the same meter."""
    service, told = "NAT Gateway", "one gateway; no traffic"
    yield Meter(service, GLOBAL, HOURS, "hour", told, (service,), "Standard", "Standard Gateway")


def load_balancer() -> Meter:
    """The load balancer that a cluster has for its services, or for its egress.

    Source: azure-cost-calculator, networking/load-balancer.md (names; the list has them for the region Global only).
    """
    told, meter = (
        "one load balancer of the cluster; up to 5 rules; no traffic",
        "Standard Included LB Rules and Outbound Rules",
    )
    return Meter("Load Balancer", GLOBAL, HOURS, "hour", told, sku="Standard", meter=meter)


def private_endpoint(_body: PlannedBody) -> Iterator[Meter]:
    """A private endpoint."""
    product, meter = ("Virtual Network Private Link",), "Standard Private Endpoint"
    yield Meter("Virtual Network", GLOBAL, HOURS, "hour", "one endpoint; no traffic", product, "Standard", meter)


def public_address(body: PlannedBody) -> Iterator[Meter]:
    """A public IPv4 address; IPv6 is free."""
    if as_text(member(body.body, "properties", "publicIPAddressVersion")) == "IPv6":
        return
    product, meter = ("IP Addresses",), "Standard IPv4 Static Public IP"
    yield Meter("Virtual Network", region(body), HOURS, "hour", "one address all month", product, "Standard", meter)


def private_zone(_body: PlannedBody) -> Iterator[Meter]:
    """A private DNS zone, at the price of the first 25 of a subscription."""
    told = "one zone; no queries; at the price of the first 25 zones"
    yield _dns(told, "Private", "Private Zone")


def resolver_endpoint(_body: PlannedBody) -> Iterator[Meter]:
    """An inbound endpoint of a DNS private resolver."""
    sku, meter = "Private Resolver", "Private Resolver Inbound Endpoint"
    yield _dns("one endpoint all month", sku, meter)


def _dns(told: str, sku: str, meter: str) -> Meter:
    """A meter of DNS, of which the sources name two regions."""
    service = "Azure DNS"
    zoned = Meter(service, _FIRST_ZONE, 1.0, "each", told, (service,), sku, meter)
    return replace(zoned, region=_NO_REGION, otherwise=zoned)
