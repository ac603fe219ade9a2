"""Resources of any type by id, lists by type, and actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.deployments.secure_values import SecureValues
from installer.emulator.errors import ArmError, unregistered
from installer.emulator.governance import locks
from installer.emulator.protocol.async_operations import WRITE, status_headers
from installer.emulator.protocol.etags import check_preconditions, tag_of
from installer.emulator.protocol.listing import listed
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Handler, Route
from installer.emulator.providers import registry
from installer.emulator.providers.durations import length_of
from installer.emulator.providers.key_vault import keep_value
from installer.emulator.providers.resource_types import known_namespace
from installer.emulator.providers.schema_errors import conforming
from installer.emulator.providers.status_codes import Method, statuses_of
from installer.emulator.providers.versions import check_version
from installer.resource_id import ResourceId, canonical_scope, last_provider, parse_id, segments

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject
    from installer.jsontypes import Json


ACCEPTED, NO_CONTENT = 202, 204
_ENGINE_TYPES = {"microsoft.resources/deployments", "microsoft.resources/deploymentstacks"}
_ZONES = {"microsoft.network/privatednszones", "microsoft.network/dnszones"}
_ALL_RECORDS = {"all", "recordsets"}
RECORDS = frozenset({"A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"})
_SHOWN_WHEN_DELETED = {"microsoft.authorization/roleassignments", "microsoft.authorization/roledefinitions"}


async def _all(request: ArmRequest) -> Response:
    return listed(request, request.emulator.resources.of_subscription(request.subscription().id))


def _parsed(request: ArmRequest) -> ResourceId:
    parsed = parse_id(request.path)
    if parsed is None:
        raise ArmError(404, "InvalidResourceType", f"The path '{request.path}' names no resource.")
    _check_subscription(request, parsed)
    check_version(parsed.type, request.api_version)
    return parsed


def _check_subscription(request: ArmRequest, parsed: ResourceId, *, for_writing: bool = False) -> None:
    if parsed.subscription:
        parts = {"subscription": parsed.subscription}
        ArmRequest(request.azure, request.http, request.path, parts, request.query, "").subscription(
            for_writing=for_writing
        )


def _found(request: ArmRequest, parsed: ResourceId) -> Resource:
    resource = request.emulator.find_resource(parsed.id)
    if resource is None:
        what = f"{parsed.namespace}/" + "/".join(f"{a}/{b}" for a, b in zip(parsed.types, parsed.names, strict=True))
        place = f" under resource group '{parsed.group}'" if parsed.group else ""
        raise ArmError(
            404,
            "ResourceNotFound",
            f"The Resource '{what}'{place} was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        )
    return resource


async def _get(request: ArmRequest) -> Response:
    if parse_id(request.path) is None and (collection := _collection(request)) is not None:
        return page(request, [request.emulator.view(item) for item in collection])
    resource = _found(request, _parsed(request))
    tag = tag_of(resource)
    if request.http.headers.get("if-none-match", "") == tag:
        return answer(304, headers={"ETag": tag})
    return answer(200, request.emulator.view(resource), {"ETag": tag})


def _collection(request: ArmRequest) -> list[Resource] | None:
    """The resources of a type under a scope or parent, when the path names a collection."""
    parts = segments(request.path)
    at = last_provider([part.lower() for part in parts])
    if at is None or (len(parts) - at) % 2 == 0 or len(parts) < at + 3:
        return None
    scope = canonical_scope(parts[:at])
    names, namespace = parts[at + 2 :], known_namespace(parts[at + 1])
    resource_type = "/".join((namespace, *names[0::2]))
    if len(names) == 1:
        return [item for item in request.emulator.resources.of_type(resource_type) if _within(item.key, scope.lower())]
    parent = parse_id("/".join(parts[:-1]))
    if parent is None:
        return None
    if parent.type.lower() in _ZONES and names[-1].lower() in _ALL_RECORDS:
        records = request.emulator.resources.under(parent.id)
        return [item for item in records if item.type.rpartition("/")[2] in RECORDS]
    return request.emulator.children_of(parent.id, resource_type)


def _within(key: str, scope: str) -> bool:
    return key.startswith(f"{scope}/")


async def _head(request: ArmRequest) -> Response:
    _found(request, _parsed(request))
    return answer(204)


async def _put(request: ArmRequest) -> Response:
    parsed = _parsed(request)
    before = _writable(request, parsed)
    return await _written(request, parsed, before, await request.body(), "PUT")


async def _patch(request: ArmRequest) -> Response:
    """Merges `properties` deeply; replaces other members as a whole."""
    parsed = _parsed(request)
    if parsed.type.lower() in _ENGINE_TYPES:
        raise ArmError(405, "MethodNotAllowed", f"The http method 'PATCH' is not supported for '{request.path}'.")
    before = _writable(request, parsed) or _found(request, parsed)
    sent = await request.body()
    return await _written(request, parsed, before, {**before.desired, **_merged(before.desired, sent)}, "PATCH")


def _merged(before: JsonObject, sent: JsonObject) -> JsonObject:
    merged = dict(sent)
    if "properties" in sent:
        merged["properties"] = _merged_deeply(before.get("properties"), sent["properties"])
    return merged


def _merged_deeply(before: Json, sent: Json) -> Json:
    if not isinstance(before, dict) or not isinstance(sent, dict):
        return sent
    return {**before, **{name: _merged_deeply(before.get(name), value) for name, value in sent.items()}}


def _writable(request: ArmRequest, parsed: ResourceId) -> Resource | None:
    """The existing resource before a write, or None; ArmError if it may not be written."""
    _check_subscription(request, parsed, for_writing=True)
    namespace, moment = known_namespace(parsed.namespace), request.emulator.clock.now()
    if parsed.subscription and (
        request.emulator.registrations.state(parsed.subscription, namespace, moment) != "Registered"
    ):
        raise unregistered([namespace])
    before = request.emulator.resources.get(parsed.id)
    check_preconditions(request.http.headers, before)
    return before


async def _written(
    request: ArmRequest, parsed: ResourceId, before: Resource | None, content: JsonObject, method: Method
) -> Response:
    moment = request.emulator.clock.now()
    sent = conforming(parsed.type, request.api_version, parsed.names[-1], content)
    body = SecureValues().without_secrets(sent, parsed.type)
    resource, change = request.azure.engine.work.prepared(parsed.id, request.api_version, body, moment)
    keep_value(request.emulator.secret_values, resource, sent)
    statuses = statuses_of(resource.type, method)
    status = statuses.of_write(created=before is None)
    if registry.hooks_of(resource.type).immediate or not statuses.later:
        resource.ends = moment
        request.emulator.resources.save(resource)
        await request.azure.engine.work.complete(resource)
        found = _found(request, parsed)
        return answer(status, request.emulator.view(found), {"ETag": tag_of(found)})
    seconds = length_of(resource.type, resource.id, change)
    resource.ends = max(moment, resource.ends or 0) + request.emulator.real_seconds(seconds)
    request.emulator.resources.save(resource)
    request.azure.engine.spawn(request.azure.engine.work.complete(resource))
    view, headers = request.emulator.view(resource), {"ETag": tag_of(resource)}
    if status == ACCEPTED:
        job = request.emulator.jobs.begin(WRITE, resource.id, resource.ends)
        return answer(status, view, {**headers, **status_headers(request, job, parsed, resource.location)})
    # Without a status URL clients follow the resource's own provisioningState.
    return answer(status, view, headers)


async def _delete(request: ArmRequest) -> Response:
    parsed = _parsed(request)
    _check_subscription(request, parsed, for_writing=True)
    statuses = statuses_of(parsed.type, "DELETE")
    if request.emulator.resources.get(parsed.id) is None and statuses.of_absence() == NO_CONTENT:
        return answer(NO_CONTENT)
    resource = _found(request, parsed)
    check_preconditions(request.http.headers, resource)
    locks.check(request.emulator.resources, resource.id, "delete")
    request.emulator.policies.check_deletion(resource)
    registry.check_removal(request.emulator.provider_context(resource))
    request.emulator.faults.refuse_resource(resource, deletion=True)
    status = statuses.of_removal()
    if registry.hooks_of(resource.type).immediate or status != ACCEPTED:
        view = request.emulator.view(resource)
        request.emulator.remove(resource.id)
        return answer(status, view if resource.type.lower() in _SHOWN_WHEN_DELETED else None)
    resource.state = "Deleting"
    ready = request.emulator.clock.now() + request.emulator.real_seconds(
        length_of(resource.type, resource.id, "delete")
    )
    with request.emulator.database.transaction():
        request.emulator.resources.save(resource)
        job = request.emulator.jobs.begin("resourcedeletion", resource.id, ready, 200)
    request.azure.engine.spawn(request.azure.engine.delete_later(job))
    return answer(ACCEPTED, headers=status_headers(request, job, parsed, resource.location))


async def _post(request: ArmRequest) -> Response:
    parts = segments(request.path)
    parsed = parse_id("/".join(parts[:-1]))
    if parsed is None:
        raise ArmError(404, "InvalidResourceType", f"The path '{request.path}' names no action of a resource.")
    _check_subscription(request, parsed)
    resource = _found(request, parsed)
    return answer(
        200,
        registry.act(request.emulator.provider_context(resource), parts[-1], await request.body(), request.api_version),
    )


_METHODS: dict[str, Handler] = {
    "GET": _get,
    "HEAD": _head,
    "PUT": _put,
    "PATCH": _patch,
    "DELETE": _delete,
    "POST": _post,
}
ROUTES = [
    Route("/subscriptions/{subscription}/resources", {"GET": _all}),
    Route("{scope:path}/providers/{rest:path}", _METHODS),
    Route("/providers/{rest:path}", _METHODS),
]
