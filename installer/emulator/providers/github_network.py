"""GitHub.Network: the connection of a subnet to the runners that GitHub hosts.

GitHub writes its own ID of the settings into the tag GitHubId, with which they are named there (docs.github.com/organizations/
managing-organization-settings/configuring-private-networking-for-github-hosted-runners-in-your-organization). The subnet has to be delegated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import as_list, as_object, as_text, member

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_SETTINGS = "GitHub.Network/networkSettings"


def _check_delegation(context: ProviderContext) -> None:
    subnet = context.resources.get(context.text("subnetId"))
    delegations = as_list(member(subnet.desired, "properties", "delegations")) if subnet is not None else []
    names = {as_text(member(one, "properties", "serviceName")).lower() for one in delegations if isinstance(one, dict)}
    if _SETTINGS.lower() not in names:
        raise ArmError(
            400,
            "SubnetMissingRequiredDelegation",
            f"Subnet {context.text('subnetId')} requires the delegation {_SETTINGS}.",
            cause="service",
        )


def _numbered(context: ProviderContext) -> JsonObject:
    """The ID is of GitHub: any that stays the same serves here."""
    tags = as_object(context.resource.desired.get("tags"))
    return {"tags": {**tags, "GitHubId": derived_guid(context.id, "github").replace("-", "").upper()}}


HOOKS = {_SETTINGS: ProviderHooks(check=_check_delegation, computed=_numbered)}
