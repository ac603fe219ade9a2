"""Microsoft.Insights: Application Insights components and data collection rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import as_text

if TYPE_CHECKING:
    from installer.json_access import JsonObject


def _component(context: ProviderContext) -> JsonObject:
    key, app = derived_guid(context.id, "instrumentationKey"), derived_guid(context.id, "appId")
    place = context.location
    connection = (
        f"InstrumentationKey={key};IngestionEndpoint=https://{place}-0.in.applicationinsights.azure.com/;"
        f"LiveEndpoint=https://{place}.livediagnostics.monitor.azure.com/;ApplicationId={app}"
    )
    return {
        "properties": {
            "AppId": app,
            "ApplicationId": context.leaf,
            "InstrumentationKey": key,
            "ConnectionString": connection,
            "TenantId": context.tenant_id,
        }
    }


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
    "Microsoft.Insights/components": ProviderHooks(computed=_component),
    "Microsoft.Insights/dataCollectionRules": ProviderHooks(computed=_rule),
}
