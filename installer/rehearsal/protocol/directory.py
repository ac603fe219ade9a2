"""Tenants, subscriptions and regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.rehearsal.ids import derived_hex
from installer.rehearsal.protocol.calls import Call, answer
from installer.rehearsal.protocol.routes import Route
from installer.rehearsal.providers.facts import load
from installer.rehearsal.shapes import JsonObject, as_list, as_object, as_text

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.rehearsal.directory import Subscription
    from installer.rehearsal.evaluation import Json


async def _tenants(call: Call) -> Response:
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


def _shown(call: Call, subscription: Subscription) -> JsonObject:
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


async def _subscriptions(call: Call) -> Response:
    value: list[Json] = [_shown(call, item) for item in call.world.directory.subscriptions]
    return answer(200, {"value": value, "count": {"type": "Total", "value": len(value)}})


async def _subscription(call: Call) -> Response:
    return answer(200, _shown(call, call.subscription()))


async def _locations(call: Call) -> Response:
    prefix = f"/subscriptions/{call.subscription().id}/locations"
    value: list[Json] = [_region(prefix, as_object(item)) for item in as_list(load("regions"))]
    return answer(200, {"value": value})


def _region(prefix: str, facts: JsonObject) -> JsonObject:
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
    zones = facts["zones"]
    if isinstance(zones, int) and zones:
        region["availabilityZoneMappings"] = _zones(prefix, name, zones)
    return region


def _zones(prefix: str, region: str, count: int) -> list[Json]:
    """Logical zones map to physical ones in an order of each subscription's own."""
    turn = int(derived_hex(prefix, region, 4), 16) % count
    return [
        {"logicalZone": str(zone + 1), "physicalZone": f"{region}-az{(zone + turn) % count + 1}"}
        for zone in range(count)
    ]


ROUTES = [
    Route("/tenants", {"GET": _tenants}),
    Route("/subscriptions", {"GET": _subscriptions}),
    Route("/subscriptions/{subscription}", {"GET": _subscription}),
    Route("/subscriptions/{subscription}/locations", {"GET": _locations}),
]
