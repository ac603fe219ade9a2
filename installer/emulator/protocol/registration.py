"""Resource providers: what they offer, and registering a subscription for them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.clouds import regions
from installer.emulator.providers.data_files import load
from installer.emulator.providers.durations import length_of_action
from installer.json_access import JsonObject, as_list, as_object, as_text, member, strings

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.jsontypes import Json

_FREE = "RegistrationFree"


@cache
def _namespaces() -> dict[str, str]:
    """Every namespace that Azure has, by its lower-case name; of some we know no more than that."""
    other = [as_text(name) for name in as_list(member(load("seed"), "other"))]
    return {name.lower(): name for name in (*as_object(load("api_versions")), *other)}


@cache
def _always() -> frozenset[str]:
    return frozenset(as_text(name).lower() for name in as_list(member(load("seed"), "alwaysRegistered")))


@cache
def _types(namespace: str, cloud: str) -> list[Json]:
    """The resource types of a namespace with display names of locations and API versions, newest first."""
    places = strings([as_text(region["displayName"]) for region in regions(cloud)])
    worldwide = {as_text(name).lower() for name in as_list(member(load("seed"), "global"))}
    result: list[Json] = []
    for name, versions in as_object(member(load("api_versions"), namespace)).items():
        everywhere = bool({namespace.lower(), f"{namespace}/{name}".lower()} & worldwide)
        kind: JsonObject = {
            "resourceType": name,
            "locations": ["global"] if everywhere else places,
            "apiVersions": versions,
            "capabilities": "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags",
        }
        result.append(kind)
    return result


def _provider(call: ArmRequest, subscription: str, namespace: str) -> JsonObject:
    state = call.world.registrations.state(subscription, namespace, call.world.clock.now())
    free = namespace.lower() in _always()
    return {
        "id": f"/subscriptions/{subscription}/providers/{namespace}",
        "namespace": namespace,
        "resourceTypes": _types(namespace, call.world.directory.cloud),
        "registrationState": state,
        "registrationPolicy": _FREE if free else "RegistrationRequired",
    }


def known_namespace(name: str) -> str:
    """A namespace in Azure's spelling; ArmError when there is none of that name."""
    found = _namespaces().get(name.lower())
    if found is None:
        raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{name}' is invalid.")
    return found


def _namespace(call: ArmRequest) -> str:
    return known_namespace(call.parts["namespace"])


async def _list(call: ArmRequest) -> Response:
    subscription = call.subscription().id
    return page(call, [_provider(call, subscription, name) for name in _namespaces().values()])


async def _get(call: ArmRequest) -> Response:
    return answer(200, _provider(call, call.subscription().id, _namespace(call)))


async def _register(call: ArmRequest) -> Response:
    subscription, namespace = call.subscription(for_writing=True).id, _namespace(call)
    moment = call.world.clock.now()
    if call.world.registrations.state(subscription, namespace, moment) != "Registered":
        ready = moment + call.world.real_seconds(length_of_action("register"))
        call.world.registrations.set(subscription, namespace, "Registering", ready)
    return answer(200, _provider(call, subscription, namespace))


async def _unregister(call: ArmRequest) -> Response:
    subscription, namespace = call.subscription(for_writing=True).id, _namespace(call)
    if namespace.lower() in _always():
        raise ArmError(409, "CannotUnregister", f"The namespace '{namespace}' is registered for every subscription.")
    call.world.registrations.set(subscription, namespace, "Unregistered", call.world.clock.now())
    return answer(200, _provider(call, subscription, namespace))


ROUTES = [
    Route("/subscriptions/{subscription}/providers", {"GET": _list}),
    Route("/subscriptions/{subscription}/providers/{namespace}", {"GET": _get}),
    Route("/subscriptions/{subscription}/providers/{namespace}/register", {"POST": _register}),
    Route("/subscriptions/{subscription}/providers/{namespace}/unregister", {"POST": _unregister}),
]
