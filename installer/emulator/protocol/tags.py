"""Tags of resources and scopes, and the tag names and values of a subscription."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.governance import locks
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.resources import TAGS_TYPE, set_tags, tags_body, tags_of
from installer.emulator.providers.tag_rules import check_tags, given_tags
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.resource_id import canonical_scope, segments

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.jsontypes import Json


def _scope(request: ArmRequest) -> str:
    """The scope in the path; ArmError if it does not exist."""
    scope = canonical_scope(segments(request.parts["scope"]))
    parts = segments(scope)
    if len(parts) == 2 and parts[0] == "subscriptions" and request.emulator.directory.subscription(parts[1]):
        return scope
    found = request.emulator.resources.get(scope)
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The resource '{scope}' was not found.")
    return found.id


def _answer(request: ArmRequest, scope: str) -> Response:
    return answer(200, tags_body(request.emulator.resources, scope))


def _write(request: ArmRequest, scope: str, tags: JsonObject) -> Response:
    locks.check(request.emulator.resources, scope, "write")
    tagged = request.emulator.resources.get(scope)
    check_tags(tagged.type if tagged else "", tags)
    moment, own = request.emulator.clock.now(), f"{scope}/providers/{TAGS_TYPE}/default"
    with request.emulator.database.transaction():
        request.emulator.resources.save(
            Resource(
                own, TAGS_TYPE, "default", request.api_version, "Succeeded", moment, moment, None, _desired(tags), {}
            )
        )
        set_tags(request.emulator.resources, scope, tags, moment)
    return _answer(request, scope)


def _desired(tags: JsonObject) -> JsonObject:
    return {"properties": {"tags": tags}}


async def _get(request: ArmRequest) -> Response:
    return _answer(request, _scope(request))


async def _put(request: ArmRequest) -> Response:
    return _write(request, _scope(request), given_tags(member(await request.body(), "properties", "tags")))


async def _patch(request: ArmRequest) -> Response:
    scope, body = _scope(request), await request.body()
    current = dict(tags_of(request.emulator.resources, scope))
    given = given_tags(member(body, "properties", "tags"))
    operation = as_text(member(body, "operation")).lower()
    lowered = {name.lower(): name for name in current}
    if operation == "replace":
        current = given
    elif operation == "merge":
        current |= {lowered.get(name.lower(), name): value for name, value in given.items()}
    elif operation == "delete":
        for name, value in given.items():
            spelled = lowered.get(name.lower(), name)
            if current.get(spelled) == value:
                del current[spelled]
    else:
        raise ArmError(400, "InvalidTagsOperation", "The operation must be one of 'Replace', 'Merge' and 'Delete'.")
    return _write(request, scope, current)


async def _delete(request: ArmRequest) -> Response:
    scope = _scope(request)
    _write(request, scope, {})
    return answer(200)


def _fact_key(request: ArmRequest) -> str:
    return f"tagNames:{request.subscription().id}"


def _predefined(request: ArmRequest) -> dict[str, list[Json]]:
    known = json.loads(request.emulator.database.fact(_fact_key(request)) or "{}")
    return {name: as_list(values) for name, values in as_object(known).items()}


def _shown(request: ArmRequest, name: str, values: dict[str, int]) -> JsonObject:
    base = f"/subscriptions/{request.subscription().id}/tagNames/{name}"
    count = sum(values.values())
    shown: list[Json] = [
        {"id": f"{base}/tagValues/{value}", "tagValue": value, "count": {"type": "Partial", "value": uses}}
        for value, uses in values.items()
    ]
    return {"id": base, "tagName": name, "count": {"type": "Partial", "value": count}, "values": shown}


def _counted(request: ArmRequest) -> dict[str, dict[str, int]]:
    """Every tag name with its values and the number of their uses."""
    names = {name: {as_text(value): 0 for value in values} for name, values in _predefined(request).items()}
    subscription = request.subscription().id
    holders = [
        *request.emulator.resources.groups(subscription),
        *request.emulator.resources.of_subscription(subscription),
    ]
    for holder in holders:
        for name, value in as_object(holder.desired.get("tags")).items():
            uses = names.setdefault(name, {})
            uses[as_text(value)] = uses.get(as_text(value), 0) + 1
    return names


async def _names(request: ArmRequest) -> Response:
    return page(request, [_shown(request, name, values) for name, values in sorted(_counted(request).items())])


def _store_names(request: ArmRequest, names: dict[str, list[Json]]) -> None:
    request.emulator.database.remember(_fact_key(request), json.dumps(names))


async def _name_put(request: ArmRequest) -> Response:
    names, name = _predefined(request), request.parts["name"]
    new = name not in names
    names.setdefault(name, [])
    _store_names(request, names)
    return answer(201 if new else 200, _shown(request, name, _counted(request)[name]))


async def _name_delete(request: ArmRequest) -> Response:
    names = _predefined(request)
    known = names.pop(request.parts["name"], None) is not None
    _store_names(request, names)
    return answer(200 if known else 204)


async def _value_put(request: ArmRequest) -> Response:
    names, name, value = _predefined(request), request.parts["name"], request.parts["value"]
    if name not in names:
        raise ArmError(404, "TagNotFound", f"The tag '{name}' was not found.")
    new = value not in names[name]
    if new:
        names[name].append(value)
        _store_names(request, names)
    base = f"/subscriptions/{request.subscription().id}/tagNames/{name}/tagValues/{value}"
    body: JsonObject = {"id": base, "tagValue": value, "count": {"type": "Partial", "value": 0}}
    return answer(201 if new else 200, body)


async def _value_delete(request: ArmRequest) -> Response:
    names, value = _predefined(request), request.parts["value"]
    values = names.get(request.parts["name"], [])
    known = value in values
    if known:
        values.remove(value)
        _store_names(request, names)
    return answer(200 if known else 204)


_NAMES = "/subscriptions/{subscription}/tagNames"
ROUTES = [
    Route(
        "{scope:path}/providers/Microsoft.Resources/tags/default",
        {"GET": _get, "PUT": _put, "PATCH": _patch, "DELETE": _delete},
    ),
    Route(_NAMES, {"GET": _names}),
    Route(f"{_NAMES}/{{name}}", {"PUT": _name_put, "DELETE": _name_delete}),
    Route(f"{_NAMES}/{{name}}/tagValues/{{value}}", {"PUT": _value_put, "DELETE": _value_delete}),
]
