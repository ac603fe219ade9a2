"""Resource providers: their types, and registration of subscriptions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.data_files import load
from installer.emulator.providers.durations import length_of_action
from installer.emulator.providers.resource_types import closed_regions, known_namespace, namespaces, resource_types
from installer.json_access import JsonObject, as_list, as_text, member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

_FREE = "RegistrationFree"


@cache
def _always() -> frozenset[str]:
    return frozenset(as_text(name).lower() for name in as_list(member(load("seed"), "alwaysRegistered")))


def _provider(
    request: ArmRequest, subscription: str, namespace: str, closed: Mapping[str, set[str]] | None = None
) -> JsonObject:
    state = request.emulator.registrations.state(subscription, namespace, request.emulator.clock.now())
    free = namespace.lower() in _always()
    return {
        "id": f"/subscriptions/{subscription}/providers/{namespace}",
        "namespace": namespace,
        "resourceTypes": resource_types(namespace, request.emulator.directory.cloud, request.emulator.survey, closed),
        "registrationState": state,
        "registrationPolicy": _FREE if free else "RegistrationRequired",
    }


def _namespace(request: ArmRequest) -> str:
    return known_namespace(request.parts["namespace"])


async def _list(request: ArmRequest) -> Response:
    subscription = request.subscription().id
    closed = closed_regions(request.emulator.directory.cloud, request.emulator.survey)
    return page(request, [_provider(request, subscription, name, closed) for name in namespaces().values()])


async def _get(request: ArmRequest) -> Response:
    return answer(200, _provider(request, request.subscription().id, _namespace(request)))


async def _register(request: ArmRequest) -> Response:
    subscription, namespace = request.subscription(for_writing=True).id, _namespace(request)
    moment = request.emulator.clock.now()
    if request.emulator.registrations.state(subscription, namespace, moment) != "Registered":
        ready = moment + request.emulator.real_seconds(length_of_action("register"))
        request.emulator.registrations.set(subscription, namespace, "Registering", ready)
    return answer(200, _provider(request, subscription, namespace))


async def _unregister(request: ArmRequest) -> Response:
    subscription, namespace = request.subscription(for_writing=True).id, _namespace(request)
    if namespace.lower() in _always():
        raise ArmError(409, "CannotUnregister", f"The namespace '{namespace}' is registered for every subscription.")
    request.emulator.registrations.set(subscription, namespace, "Unregistered", request.emulator.clock.now())
    return answer(200, _provider(request, subscription, namespace))


ROUTES = [
    Route("/subscriptions/{subscription}/providers", {"GET": _list}),
    Route("/subscriptions/{subscription}/providers/{namespace}", {"GET": _get}),
    Route("/subscriptions/{subscription}/providers/{namespace}/register", {"POST": _register}),
    Route("/subscriptions/{subscription}/providers/{namespace}/unregister", {"POST": _unregister}),
]
