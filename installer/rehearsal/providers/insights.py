"""Microsoft.Insights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.rehearsal.ids import derived_guid
from installer.rehearsal.providers.behaviour import Behaviour, Case

if TYPE_CHECKING:
    from installer.rehearsal.shapes import JsonObject


def _component(case: Case) -> JsonObject:
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


def _rule(case: Case) -> JsonObject:
    return {"properties": {"immutableId": f"dcr-{derived_guid(case.id, 'immutableId').replace('-', '')}"}}


BEHAVIOURS = {
    "Microsoft.Insights/components": Behaviour(computed=_component),
    "Microsoft.Insights/dataCollectionRules": Behaviour(computed=_rule),
}
