"""Microsoft.OperationalInsights: Log Analytics workspaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.providers.app_jobs import EXECUTION_TYPE
from installer.emulator.providers.deleted_workspaces import WORKSPACE_TYPE, check_name, keep, recovered
from installer.emulator.providers.kubernetes.workloads import host
from installer.emulator.providers.private_link_scopes import check_unlinked, shown_entries
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, defaults
from installer.json_access import as_text, member
from installer.resource_id import parent_id_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_DAY = 86_400
_FIXED_DAYS = 30
_INGESTION_SECONDS = 120.0
_OUTPUT_QUERY = re.compile(
    r'ContainerAppConsoleLogs \| where ContainerGroupName startswith "([a-z0-9-]+)" '
    r"\| order by TimeGenerated asc \| project Log"
)


def _workspace(context: ProviderContext) -> JsonObject:
    created = context.resource.created
    settings = defaults(
        context.properties,
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
        "etag": f'"{derived_guid(f"{context.id}@{context.resource.changed}", "etag")}"',
        "properties": {
            **settings,
            "customerId": derived_guid(context.id, "customerId"),
            "createdDate": instant(created),
            "modifiedDate": instant(context.resource.changed),
        },
    }


def _scopes(context: ProviderContext) -> JsonObject:
    shown = shown_entries(context)
    return {"properties": {"privateLinkScopedResources": shown}} if shown else {}


def _shared_keys(context: ProviderContext, _body: JsonObject) -> JsonObject:
    return {f"{name}SharedKey": f"rehearsal-{derived_hex(context.id, name, 32)}==" for name in ("primary", "secondary")}


def _query(context: ProviderContext, body: JsonObject) -> JsonObject:
    """Answers one query: the output of an execution of a Container Apps job, some minutes after its start.

    Other queries are refused by name. The shape is that of Query_Execute in Microsoft.OperationalInsights 2017-10-01; the delay
    is within that of learn.microsoft.com/azure/azure-monitor/logs/data-ingestion-time.
    """
    wanted = _OUTPUT_QUERY.fullmatch(as_text(body.get("query")))
    if wanted is None:
        text = "The embedded Azure answers only the query for the output of an execution of a Container Apps job."
        raise ArmError(400, "BadArgumentError", text, cause="service")
    rows: list[Json] = []
    for execution in context.resources.of_type(EXECUTION_TYPE):
        ready = execution.created + _INGESTION_SECONDS / context.speed
        if execution.name.startswith(wanted[1]) and ready <= context.now:
            rows += [[line] for line in host().log(execution.id).splitlines()]
    return {"tables": [{"name": "PrimaryResult", "columns": [{"name": "Log", "type": "string"}], "rows": rows}]}


def _check_table(context: ProviderContext) -> None:
    """Refuses a retention for queries in a plan in which it is fixed.

    learn.microsoft.com, azure-monitor/logs/data-retention-configure documents that it cannot be set; code and text of the
    refusal are assumed.
    """
    plan = context.text("plan")
    if plan in ("Basic", "Auxiliary") and context.properties.get("retentionInDays") not in (None, -1, _FIXED_DAYS):
        text = f"'retentionInDays' of table {context.leaf} cannot be set in the plan {plan}: it is {_FIXED_DAYS} days."
        raise ArmError(400, "InvalidParameter", text, cause="service")


def _retention(context: ProviderContext) -> JsonObject:
    """The retention of a table that leaves it to the workspace: -1, or none.

    Type index, TableProperties: -1 defaults to the workspace's retention, and in total to that of the table.
    """
    workspace = context.resources.get(parent_id_of(context.id))
    kept = member(workspace.view(), "properties", "retentionInDays") if workspace is not None else None
    given, total = (context.properties.get(name) for name in ("retentionInDays", "totalRetentionInDays"))
    by_workspace, by_table = given in (None, -1), total in (None, -1)
    days = (kept if context.text("plan") in ("", "Analytics") else _FIXED_DAYS) if by_workspace else given
    return {
        "properties": {
            "retentionInDays": days,
            "totalRetentionInDays": days if by_table else total,
            "retentionInDaysAsDefault": by_workspace,
            "totalRetentionInDaysAsDefault": by_table,
        }
    }


HOOKS = {
    WORKSPACE_TYPE: ProviderHooks(
        check=check_name,
        computed=_workspace,
        after_write=recovered,
        after_removal=keep,
        display=_scopes,
        check_removal=check_unlinked,
        actions={"listkeys": _shared_keys, "sharedkeys": _shared_keys, "query": _query},
    ),
    "Microsoft.OperationalInsights/workspaces/tables": ProviderHooks(check=_check_table, display=_retention),
}
