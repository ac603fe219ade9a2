"""Tenants, subscriptions and regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.clouds import regions
from installer.emulator.providers.region_catalogue import zone_mappings
from installer.json_access import JsonObject, as_text

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.authorization.tenant import Subscription
    from installer.jsontypes import Json


async def _tenants(call: ArmRequest) -> Response:
    directory = call.world.directory
    tenant: JsonObject = {
        "id": f"/tenants/{directory.tenant_id}",
        "tenantId": directory.tenant_id,
        "countryCode": directory.country,
        "displayName": directory.tenant_name,
        "domains": [directory.domain],
        "defaultDomain": directory.domain,
        "tenantCategory": "Home",
        "tenantType": "AAD",
    }
    return answer(200, {"value": [tenant]})


def _shown(call: ArmRequest, subscription: Subscription) -> JsonObject:
    return {
        "id": f"/subscriptions/{subscription.id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription.id,
        "tenantId": call.world.directory.tenant_id,
        "displayName": subscription.name,
        "state": subscription.state,
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
    }


async def _subscriptions(call: ArmRequest) -> Response:
    value: list[Json] = [_shown(call, item) for item in call.world.directory.subscriptions]
    return answer(200, {"value": value, "count": {"type": "Total", "value": len(value)}})


async def _subscription(call: ArmRequest) -> Response:
    return answer(200, _shown(call, call.subscription()))


async def _locations(call: ArmRequest) -> Response:
    prefix = f"/subscriptions/{call.subscription().id}/locations"
    value: list[Json] = [_region(call, prefix, item) for item in regions(call.world.directory.cloud)]
    return answer(200, {"value": value})


def _region(call: ArmRequest, prefix: str, facts: JsonObject) -> JsonObject:
    name, pair = as_text(facts["name"]), as_text(facts["paired"])
    metadata: JsonObject = {
        "regionType": "Physical",
        "regionCategory": facts["regionCategory"],
        "geography": facts["geography"],
        "geographyGroup": facts["geographyGroup"],
        "longitude": facts["longitude"],
        "latitude": facts["latitude"],
        "physicalLocation": facts["physicalLocation"],
        "pairedRegion": [{"name": pair, "id": f"{prefix}/{pair}"}] if pair else [],
    }
    region: JsonObject = {
        "id": f"{prefix}/{name}",
        "name": name,
        "type": "Region",
        "displayName": facts["displayName"],
        "regionalDisplayName": facts["regionalDisplayName"],
        "metadata": metadata,
    }
    mappings = zone_mappings(call.subscription().id, name, call.world.survey)
    if mappings:
        region["availabilityZoneMappings"] = [
            {"logicalZone": logical, "physicalZone": physical} for logical, physical in mappings.items()
        ]
    return region


ROUTES = [
    Route("/tenants", {"GET": _tenants}),
    Route("/subscriptions", {"GET": _subscriptions}),
    Route("/subscriptions/{subscription}", {"GET": _subscription}),
    Route("/subscriptions/{subscription}/locations", {"GET": _locations}),
]
