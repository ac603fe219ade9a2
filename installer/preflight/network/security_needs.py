"""Traffic that uses of a subnet need through its network security group.

Sources: azure-docs, application-gateway/configuration-infrastructure.md (ports 65200-65535 from GatewayManager), app-service/
overview-vnet-integration.md (only outbound rules count for an integrated app), private-link/disable-private-endpoint-network-policy.md
(rules count for private endpoints if the policies of the subnet are enabled); azure-aks-docs, aks/outbound-rules-control-egress.md (nodes reach the API server,
the container registry of Microsoft and Entra over 443); github.com/Azure/AKS/issues/1607 (creation ends with exit 50 if they do not);
azure-container-apps-docs, container-apps/firewall-integration.md (the load balancer probes 30000-32767; outbound 443 to the container
registry of Microsoft, Front Door, Entra and Azure Monitor).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.preflight.footprint import CLUSTER, POOL
from installer.preflight.model import WayOut

if TYPE_CHECKING:
    from collections.abc import Iterable

ENDPOINT: Final = "microsoft.network/privateendpoints"
_GATEWAY: Final = "microsoft.network/applicationgateways"
_SITE: Final = "microsoft.web/sites"
_APPS: Final = "microsoft.app/managedenvironments"
_EVERYWHERE: Final = frozenset({"*", "any", "0.0.0.0/0"})
_INTERNET: Final = _EVERYWHERE | {"internet"}
_WITHIN: Final = _EVERYWHERE | {"virtualnetwork"}


@dataclass(frozen=True)
class TrafficNeed:
    """TCP traffic that a use of a subnet needs.

    Attributes:
        name: Name of a rule that allows it.
        inbound: Whether it comes in.
        tag: Where it comes from or goes to, as a rule names it.
        places: Places in lower case that have all of it.
        ports: First and last port.
        what: The traffic in words.
        why: The consequence without it.
        within: Whether the other side is in the virtual network, so that ranges of it count as well.
        allowed_by_default: Whether a group without rules allows it.
        blocks: Whether the installation fails without it.
        ways: Further ways out.
        code: Error code with which Azure refuses, "" without one.

    """

    name: str
    inbound: bool
    tag: str
    places: frozenset[str]
    ports: tuple[int, int]
    what: str
    why: str
    within: bool = False
    allowed_by_default: bool = True
    blocks: bool = True
    ways: tuple[WayOut, ...] = ()
    code: str = ""


_MANAGERS: Final = TrafficNeed(
    "gateway-manager",
    True,  # noqa: FBT003  the fields are named above
    "GatewayManager",
    _INTERNET | {"gatewaymanager"},
    (65200, 65535),
    "the health probes of the gateway",
    "Azure refuses the Application Gateway",
    allowed_by_default=False,
    code="ApplicationGatewaySubnetInboundTrafficBlockedByNetworkSecurityGroup",
)
_NODES: Final = TrafficNeed(
    "azure",
    False,  # noqa: FBT003
    "AzureCloud",
    _INTERNET,
    (443, 443),
    "everything outbound",
    "the nodes have to reach the API server, mcr.microsoft.com and Entra over 443; otherwise the creation of the cluster fails",
    ways=(WayOut("or allow what plan F lists for a firewall"),),
)
_ENVIRONMENT: Final = TrafficNeed(
    "azure",
    False,  # noqa: FBT003
    "AzureCloud",
    _INTERNET,
    (443, 443),
    "port 443 outbound",
    "the environment has to reach the container registry of Microsoft, Front Door, Entra and Azure Monitor; otherwise it is not created",
)
_PROBES: Final = TrafficNeed(
    "load-balancer",
    True,  # noqa: FBT003
    "AzureLoadBalancer",
    _EVERYWHERE | {"azureloadbalancer"},
    (30000, 32767),
    "the probes of Azure's load balancer",
    "the environment of Container Apps counts as unhealthy, and its apps cannot be reached",
)
_CLIENTS: Final = TrafficNeed(
    "clients",
    True,  # noqa: FBT003
    "VirtualNetwork",
    _WITHIN,
    (443, 443),
    "port 443 from the virtual network",
    "the apps call each other through their environment, and users the web app",
    within=True,
)
_SIGN_ON: Final = TrafficNeed(
    "sign-on",
    False,  # noqa: FBT003
    "AzureActiveDirectory",
    _INTERNET | {"azureactivedirectory"},
    (443, 443),
    "port 443 outbound to Entra",
    "the web app cannot sign users on, nor get tokens for the database",
    blocks=False,
)


def _services(name: str, port: int, what: str, *, inbound: bool) -> TrafficNeed:
    """Private endpoints, from their clients in the virtual network or to them."""
    towards = "from" if inbound else "to"
    return TrafficNeed(
        name,
        inbound,
        "VirtualNetwork",
        _WITHIN,
        (port, port),
        f"port {port} {towards} the virtual network",
        f"{what} cannot be reached",
        within=True,
    )


_VAULTS: Final = "key vaults, storage accounts and the registry"
_DATABASE: Final = "the database"
_OUT: Final = (
    _services("services", 443, _VAULTS, inbound=False),
    _services("database", 5432, _DATABASE, inbound=False),
)
_IN: Final = _services("services", 443, _VAULTS, inbound=True)
_OF_ENDPOINTS: Final = {
    f"{ENDPOINT}/postgresqlserver": _services("database", 5432, _DATABASE, inbound=True),
    f"{ENDPOINT}/redisenterprise": _services("redis", 10000, "Redis", inbound=True),
}
"""Needs of private endpoints by sub-resource; others are reached over HTTPS."""
_NEEDS: Final = {
    _GATEWAY: (_MANAGERS,),
    CLUSTER: (_NODES, *_OUT),
    POOL: (_NODES, *_OUT),
    _APPS: (_ENVIRONMENT, _PROBES, _CLIENTS, *_OUT),
    _SITE: (*_OUT, _SIGN_ON),
}


def is_endpoint(use: str) -> bool:
    """Whether a use is a private endpoint."""
    return use.startswith(f"{ENDPOINT}/")


def needs_of_uses(uses: Iterable[str]) -> tuple[TrafficNeed, ...]:
    """Needs of types in lower case, once each; private endpoints have their sub-resource after their type."""
    found = (need for use in sorted(uses) for need in _needs_of(use))
    return tuple(dict.fromkeys(found))


def _needs_of(use: str) -> tuple[TrafficNeed, ...]:
    return (_OF_ENDPOINTS.get(use, _IN),) if is_endpoint(use) else _NEEDS.get(use, ())
