"""Microsoft.ManagedIdentity: ids of user-assigned identities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.ids import derived_guid
from installer.emulator.providers.provider import ProviderContext, ProviderHooks

if TYPE_CHECKING:
    from installer.json_access import JsonObject


def _identity(context: ProviderContext) -> JsonObject:
    return {
        "properties": {
            "tenantId": context.tenant_id,
            "principalId": derived_guid(context.id, "principalId"),
            "clientId": derived_guid(context.id, "clientId"),
        }
    }


HOOKS = {"Microsoft.ManagedIdentity/userAssignedIdentities": ProviderHooks(computed=_identity)}
