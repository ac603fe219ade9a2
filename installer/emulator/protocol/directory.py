"""Tenants, subscriptions and regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.faults.requested import lasting
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.clouds import regions
from installer.emulator.providers.region_catalogue import zone_mappings
from installer.emulator.providers.resources import tags_of
from installer.json_access import JsonObject, as_text

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.authorization.tenant import Subscription
    from installer.jsontypes import Json


async def _tenants(request: ArmRequest) -> Response:
    directory = request.emulator.directory
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


def _shown(request: ArmRequest, subscription: Subscription) -> JsonObject:
    disabled = any(lasting(request.emulator.faults.injected, "ReadOnlyDisabledSubscription"))
    return {
        "id": f"/subscriptions/{subscription.id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription.id,
        "tenantId": request.emulator.directory.tenant_id,
        "displayName": subscription.name,
        "state": "Disabled" if disabled else subscription.state,
        "tags": tags_of(request.emulator.resources, f"/subscriptions/{subscription.id}"),
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
        **subscription.facts,
    }


async def _subscriptions(request: ArmRequest) -> Response:
    value: list[Json] = [_shown(request, item) for item in request.emulator.directory.subscriptions]
    return answer(200, {"value": value, "count": {"type": "Total", "value": len(value)}})


async def _subscription(request: ArmRequest) -> Response:
    return answer(200, _shown(request, request.subscription()))


async def _locations(request: ArmRequest) -> Response:
    prefix = f"/subscriptions/{request.subscription().id}/locations"
    value: list[Json] = [_region(request, prefix, item) for item in regions(request.emulator.directory.cloud)]
    return answer(200, {"value": value})


def _region(request: ArmRequest, prefix: str, facts: JsonObject) -> JsonObject:
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
    mappings = zone_mappings(request.subscription().id, name, request.emulator.survey)
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
