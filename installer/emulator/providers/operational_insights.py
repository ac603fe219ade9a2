"""Microsoft.OperationalInsights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, defaults

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_DAY = 86_400


def _workspace(case: ProviderContext) -> JsonObject:
    created = case.resource.created
    settings = defaults(
        case.properties,
        {
            "sku": {"name": "PerGB2018", "lastSkuUpdate": instant(created)},
            "retentionInDays": 30,
            "features": {"legacy": 0, "searchVersion": 1, "enableLogAccessUsingOnlyResourcePermissions": True},
            "workspaceCapping": {
                "dailyQuotaGb": -1.0,
                "quotaNextResetTime": instant((created // _DAY + 1) * _DAY),
                "dataIngestionStatus": "RespectQuota",
            },
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
        },
    )
    return {
        "etag": f'"{derived_guid(f"{case.id}@{case.resource.changed}", "etag")}"',
        "properties": {
            **settings,
            "customerId": derived_guid(case.id, "customerId"),
            "createdDate": instant(created),
            "modifiedDate": instant(case.resource.changed),
        },
    }


def _shared_keys(case: ProviderContext, _body: JsonObject) -> JsonObject:
    return {f"{name}SharedKey": f"rehearsal-{derived_hex(case.id, name, 32)}==" for name in ("primary", "secondary")}


BEHAVIOURS = {
    "Microsoft.OperationalInsights/workspaces": ProviderHooks(
        computed=_workspace, actions={"listkeys": _shared_keys, "sharedkeys": _shared_keys}
    )
}
