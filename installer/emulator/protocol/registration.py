"""Resource providers: their types, and registration of subscriptions."""

from __future__ import annotations

from collections import defaultdict
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
    from collections.abc import Mapping

    from starlette.responses import Response

    from installer.jsontypes import Json

_FREE = "RegistrationFree"


@cache
def _namespaces() -> dict[str, str]:
    """Every namespace of Azure by its lower-case name; of some only the name is known."""
    other = [as_text(name) for name in as_list(member(load("seed"), "other"))]
    return {name.lower(): name for name in (*as_object(load("api_versions")), *other)}


@cache
def _always() -> frozenset[str]:
    return frozenset(as_text(name).lower() for name in as_list(member(load("seed"), "alwaysRegistered")))


@cache
def _types(namespace: str, cloud: str) -> list[Json]:
    """The resource types of a namespace with display names of locations and API versions, newest first."""
    places = strings([as_text(region["displayName"]) for region in regions(cloud)])
    global_names = {as_text(name).lower() for name in as_list(member(load("seed"), "global"))}
    result: list[Json] = []
    for name, versions in as_object(member(load("api_versions"), namespace)).items():
        is_global = bool({namespace.lower(), f"{namespace}/{name}".lower()} & global_names)
        kind: JsonObject = {
            "resourceType": name,
            "locations": ["global"] if is_global else places,
            "apiVersions": versions,
            "capabilities": "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags",
        }
        result.append(kind)
    return result


def _provider(
    request: ArmRequest, subscription: str, namespace: str, closed: Mapping[str, set[str]] | None = None
) -> JsonObject:
    state = request.emulator.registrations.state(subscription, namespace, request.emulator.clock.now())
    free = namespace.lower() in _always()
    closed = _closed(request) if closed is None else closed
    kinds = _types(namespace, request.emulator.directory.cloud)
    return {
        "id": f"/subscriptions/{subscription}/providers/{namespace}",
        "namespace": namespace,
        "resourceTypes": [_surveyed(closed, namespace, as_object(one)) for one in kinds],
        "registrationState": state,
        "registrationPolicy": _FREE if free else "RegistrationRequired",
    }


def _closed(request: ArmRequest) -> dict[str, set[str]]:
    """Regions, by their display names, that do not offer a resource type according to the survey."""
    found: dict[str, set[str]] = defaultdict(set)
    for region in regions(request.emulator.directory.cloud):
        surveyed = request.emulator.survey.region(as_text(region["name"]))
        for kind in surveyed.unavailable if surveyed else ():
            found[kind.lower()].add(as_text(region["displayName"]))
    return found


def _surveyed(closed: Mapping[str, set[str]], namespace: str, kind: JsonObject) -> Json:
    """A resource type without the regions that do not offer it."""
    gone = closed.get(f"{namespace}/{as_text(kind.get('resourceType'))}".lower(), set())
    return {**kind, "locations": [place for place in as_list(kind["locations"]) if place not in gone]} if gone else kind


def known_namespace(name: str) -> str:
    """A namespace in Azure's spelling; ArmError for an unknown one."""
    found = _namespaces().get(name.lower())
    if found is None:
        raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{name}' is invalid.")
    return found


def _namespace(request: ArmRequest) -> str:
    return known_namespace(request.parts["namespace"])


async def _list(request: ArmRequest) -> Response:
    subscription = request.subscription().id
    closed = _closed(request)
    return page(request, [_provider(request, subscription, name, closed) for name in _namespaces().values()])


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
