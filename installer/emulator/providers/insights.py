"""Microsoft.Insights: Application Insights components and data collection rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.providers.private_link_scopes import check_unlinked, shown_entries
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, defaults
from installer.json_access import as_text, member

if TYPE_CHECKING:
    from installer.json_access import JsonObject
    from installer.jsontypes import Json


def _component(context: ProviderContext) -> JsonObject:
    key, app = derived_guid(context.id, "instrumentationKey"), derived_guid(context.id, "appId")
    place = context.location
    connection = (
        f"InstrumentationKey={key};IngestionEndpoint=https://{place}-0.in.applicationinsights.azure.com/;"
        f"LiveEndpoint=https://{place}.livediagnostics.monitor.azure.com/;ApplicationId={app}"
    )
    # Defaults of the REST API's Components - Create Or Update.
    settings = defaults(
        context.properties, {"Application_Type": "web", "Flow_Type": "Bluefield", "Request_Source": "rest"}
    )
    return {
        "properties": {
            **settings,
            "AppId": app,
            "ApplicationId": context.leaf,
            "InstrumentationKey": key,
            "ConnectionString": connection,
            "TenantId": context.tenant_id,
        }
    }


def _component_scopes(context: ProviderContext) -> JsonObject:
    shown: list[Json] = [
        {"ResourceId": member(one, "resourceId"), "ScopeId": member(one, "scopeId")} for one in shown_entries(context)
    ]
    return {"properties": {"PrivateLinkScopedResources": shown}} if shown else {}


def _rule(context: ProviderContext) -> JsonObject:
    number = derived_hex(context.id, "immutableId", 32)
    properties: JsonObject = {"immutableId": f"dcr-{number}"}
    if as_text(context.resource.desired.get("kind")).lower() == "direct":
        name, place = f"{context.leaf}-{derived_hex(context.id, 'endpoint', 4)}", context.location
        properties["endpoints"] = {
            "logsIngestion": f"https://{name}-{place}.logs.z1.ingest.monitor.azure.com",
            "metricsIngestion": f"https://{name}-{place}.metrics.z1.ingest.monitor.azure.com",
        }
    return {"properties": properties}


HOOKS = {
    "Microsoft.Insights/components": ProviderHooks(
        computed=_component, display=_component_scopes, check_removal=check_unlinked
    ),
    "Microsoft.Insights/dataCollectionRules": ProviderHooks(computed=_rule),
}
