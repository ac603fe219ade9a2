"""Deletions that Azure refuses because another resource uses the one to delete, or because it has parts that go first.

Sources: pulumi/pulumi-azure-native#3051 (network security group); stackshy/cloudemu#967 (route table, NAT gateway);
ernestio/ernest#514 (public IP address); hashicorp/terraform-provider-azurerm#13377 (App Service plan);
learntocloud/networking-lab#8 (links of a private DNS zone). Those of a Container Apps environment are formed after
microsoft/azure-container-apps#1012; their status is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource

_SUBNETS: Final = ("microsoft.network/virtualnetworks/subnets",)
_LINKS: Final = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"


@dataclass(frozen=True)
class _Use:
    """Types whose resources keep another one, and the refusal with the places {id}, {name} and {user}."""

    holders: tuple[str, ...]
    status: int
    code: str
    text: str


_USES: Final = {
    "microsoft.network/networksecuritygroups": _Use(
        _SUBNETS,
        400,
        "InUseNetworkSecurityGroupCannotBeDeleted",
        "Network security group {id} cannot be deleted because it is in use by the following resources: {user}.",
    ),
    "microsoft.network/routetables": _Use(
        _SUBNETS,
        400,
        "InUseRouteTableCannotBeDeleted",
        "Route table {name} is in use and cannot be deleted. It is used by {user}.",
    ),
    "microsoft.network/natgateways": _Use(
        _SUBNETS,
        400,
        "InUseNatGatewayCannotBeDeleted",
        "NAT gateway {name} is in use and cannot be deleted. It is used by {user}.",
    ),
    "microsoft.network/publicipaddresses": _Use(
        (
            "microsoft.network/natgateways",
            "microsoft.network/applicationgateways",
            "microsoft.network/azurefirewalls",
            "microsoft.network/virtualnetworkgateways",
        ),
        400,
        "PublicIPAddressCannotBeDeleted",
        "Public IP address {id} can not be deleted since it is still allocated to resource {user}.",
    ),
    "microsoft.web/serverfarms": _Use(
        ("microsoft.web/sites",),
        409,
        "Conflict",
        "Server farm '{name}' cannot be deleted because it has web app(s) {user} assigned to it.",
    ),
    "microsoft.app/managedenvironments": _Use(
        ("microsoft.app/containerapps", "microsoft.app/jobs"),
        409,
        "ManagedEnvironmentHasContainerApps",
        "The specified environment {name} cannot be deleted because it still contains {user}.",
    ),
}


def check_in_use(context: ProviderContext) -> None:
    """Refuses to delete a resource that another one uses (ArmError)."""
    _check_links(context)
    use = _USES.get(context.resource.type.lower())
    users = _users(context, use) if use else []
    if use and users:
        text = use.text.format(id=context.id, name=context.leaf, user=users[0].id)
        raise ArmError(use.status, use.code, text, cause="service")


def _users(context: ProviderContext, use: _Use) -> list[Resource]:
    found = context.resources.mentioning(context.resource.key)
    return [one for one in found if one.type.lower() in use.holders]


def _check_links(context: ProviderContext) -> None:
    if context.resource.type.lower() != "microsoft.network/privatednszones":
        return
    links = context.resources.children(f"{context.id}/virtualNetworkLinks", _LINKS)
    if links:
        nested = f"{_LINKS.rpartition('/')[0]}/{context.leaf}/virtualNetworkLinks/{links[0].name}"
        raise ArmError(
            409,
            "CannotDeleteResource",
            f"Cannot delete resource while nested resources exist. Some existing nested resource IDs include: '{nested}'. "
            "Please delete all nested resources before deleting this resource.",
        )
