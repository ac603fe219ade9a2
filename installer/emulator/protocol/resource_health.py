"""Azure Resource Health: the current availability of the resources of a subscription.

Sources: REST API Availability Statuses - List By Subscription Id (2025-05-01: availabilityState Available, Unavailable, Degraded or
Unknown; reasonType Planned, Unplanned or UserInitiated); azure-docs, service-health/resource-health-overview.md (an event that a user
has begun makes a resource unavailable, too) and resource-health-checks-resource-types.md (types); github.com/Azure/azure-functions-ux
pull 1473 (409 where the provider Microsoft.ResourceHealth is not registered). Events of the platform are not simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.errors import unregistered
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.power_state import BY_TYPE

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.protocol.request import ArmRequest
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject

_NAMESPACE: Final = "Microsoft.ResourceHealth"
_TYPES: Final = frozenset(
    {
        "microsoft.cache/redisenterprise",
        "microsoft.cdn/profiles",
        "microsoft.containerservice/managedclusters",
        "microsoft.dbforpostgresql/flexibleservers",
        "microsoft.keyvault/vaults",
        "microsoft.network/applicationgateways",
        "microsoft.network/natgateways",
        "microsoft.storage/storageaccounts",
        "microsoft.web/sites",
    }
)


async def _statuses(request: ArmRequest) -> Response:
    subscription, moment = request.subscription().id, request.emulator.clock.now()
    if request.emulator.registrations.state(subscription, _NAMESPACE, moment) != "Registered":
        raise unregistered([_NAMESPACE])
    found = [one for one in request.emulator.resources.of_subscription(subscription) if one.type.lower() in _TYPES]
    return page(request, [_status(request, one) for one in found])


def _status(request: ArmRequest, resource: Resource) -> JsonObject:
    power = BY_TYPE.get(resource.type.lower())
    stopped = power is not None and power.of(request.emulator.provider_context(resource)) == power.off
    state = "Unavailable" if stopped else "Available"
    summary = "This resource has been stopped by a user." if stopped else "There are no known Azure platform problems."
    shown: JsonObject = {
        "availabilityState": state,
        "title": state,
        "summary": summary,
        "occurredTime": instant(resource.changed),
        **({"reasonType": "UserInitiated"} if stopped else {}),
    }
    return {
        "id": f"{resource.id}/providers/{_NAMESPACE}/availabilityStatuses/current",
        "name": "current",
        "type": f"{_NAMESPACE}/AvailabilityStatuses",
        "location": resource.location,
        "properties": shown,
    }


ROUTES = [
    Route(f"/subscriptions/{{subscription}}/providers/{_NAMESPACE}/availabilityStatuses", {"GET": _statuses}),
]
