"""Microsoft.ManagedIdentity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.ids import derived_guid
from installer.emulator.providers.provider import Behaviour, Case

if TYPE_CHECKING:
    from installer.json_access import JsonObject


def _identity(case: Case) -> JsonObject:
    return {
        "properties": {
            "tenantId": case.tenant_id,
            "principalId": derived_guid(case.id, "principalId"),
            "clientId": derived_guid(case.id, "clientId"),
        }
    }


BEHAVIOURS = {"Microsoft.ManagedIdentity/userAssignedIdentities": Behaviour(computed=_identity)}
