"""Microsoft.Insights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import as_text

if TYPE_CHECKING:
    from installer.json_access import JsonObject


def _component(case: ProviderContext) -> JsonObject:
    key, app = derived_guid(case.id, "instrumentationKey"), derived_guid(case.id, "appId")
    place = case.location
    connection = (
        f"InstrumentationKey={key};IngestionEndpoint=https://{place}-0.in.applicationinsights.azure.com/;"
        f"LiveEndpoint=https://{place}.livediagnostics.monitor.azure.com/;ApplicationId={app}"
    )
    return {
        "properties": {
            "AppId": app,
            "ApplicationId": case.leaf,
            "InstrumentationKey": key,
            "ConnectionString": connection,
            "TenantId": case.tenant_id,
        }
    }


def _rule(case: ProviderContext) -> JsonObject:
    number = derived_hex(case.id, "immutableId", 32)
    properties: JsonObject = {"immutableId": f"dcr-{number}"}
    if as_text(case.resource.desired.get("kind")).lower() == "direct":
        name, place = f"{case.leaf}-{derived_hex(case.id, 'endpoint', 4)}", case.location
        properties["endpoints"] = {
            "logsIngestion": f"https://{name}-{place}.logs.z1.ingest.monitor.azure.com",
            "metricsIngestion": f"https://{name}-{place}.metrics.z1.ingest.monitor.azure.com",
        }
    return {"properties": properties}


BEHAVIOURS = {
    "Microsoft.Insights/components": ProviderHooks(computed=_component),
    "Microsoft.Insights/dataCollectionRules": ProviderHooks(computed=_rule),
}
