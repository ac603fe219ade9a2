"""Tags of anything that may have them, and the names and values in use in a subscription."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.governance import locks
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.resources import TAGS_TYPE, hand_over, tags_of
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.resource_id import canonical_scope, segments

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.jsontypes import Json

_MOST = 50
_LONGEST_NAME, _LONGEST_VALUE = 512, 256


def _scope(call: ArmRequest) -> str:
    """The scope in the path; ArmError when nothing is there that could have tags."""
    scope = canonical_scope(segments(call.parts["scope"]))
    parts = segments(scope)
    if len(parts) == 2 and parts[0] == "subscriptions" and call.world.directory.subscription(parts[1]):
        return scope
    found = call.world.resources.get(scope)
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The resource '{scope}' was not found.")
    return found.id


def _checked(tags: JsonObject) -> JsonObject:
    if len(tags) > _MOST:
        raise ArmError(400, "InvalidTags", f"The number of tags is '{len(tags)}', at most '{_MOST}' are allowed.")
    for name, value in tags.items():
        if not name or len(name) > _LONGEST_NAME or len(as_text(value)) > _LONGEST_VALUE or not isinstance(value, str):
            raise ArmError(400, "InvalidTag", f"The tag '{name}' has a name or a value that is not allowed.")
    return tags


def _answer(call: ArmRequest, scope: str) -> Response:
    tags = tags_of(call.world.resources, scope)
    body: JsonObject = {
        "id": f"{scope}/providers/{TAGS_TYPE}/default",
        "name": "default",
        "type": TAGS_TYPE,
        "properties": {"tags": tags},
    }
    return answer(200, body)


def _write(call: ArmRequest, scope: str, tags: JsonObject) -> Response:
    locks.check(call.world.resources, scope, "write")
    moment, own = call.world.clock.now(), f"{scope}/providers/{TAGS_TYPE}/default"
    with call.world.database.transaction():
        call.world.resources.save(
            Resource(own, TAGS_TYPE, "default", call.api_version, "Succeeded", moment, moment, None, _kept(tags), {})
        )
        hand_over(call.world.resources, scope, _checked(tags), moment)
    return _answer(call, scope)


def _kept(tags: JsonObject) -> JsonObject:
    return {"properties": {"tags": tags}}


async def _get(call: ArmRequest) -> Response:
    return _answer(call, _scope(call))


async def _put(call: ArmRequest) -> Response:
    return _write(call, _scope(call), as_object(member(await call.body(), "properties", "tags")))


async def _patch(call: ArmRequest) -> Response:
    scope, body = _scope(call), await call.body()
    present = dict(tags_of(call.world.resources, scope))
    given = as_object(member(body, "properties", "tags"))
    operation = as_text(member(body, "operation")).lower()
    lowered = {name.lower(): name for name in present}
    if operation == "replace":
        present = given
    elif operation == "merge":
        present |= {lowered.get(name.lower(), name): value for name, value in given.items()}
    elif operation == "delete":
        for name, value in given.items():
            spelled = lowered.get(name.lower(), name)
            if present.get(spelled) == value:
                del present[spelled]
    else:
        raise ArmError(400, "InvalidTagsOperation", "The operation must be one of 'Replace', 'Merge' and 'Delete'.")
    return _write(call, scope, present)


async def _delete(call: ArmRequest) -> Response:
    scope = _scope(call)
    _write(call, scope, {})
    return answer(200)


def _fact(call: ArmRequest) -> str:
    return f"tagNames:{call.subscription().id}"


def _predefined(call: ArmRequest) -> dict[str, list[Json]]:
    known = json.loads(call.world.database.fact(_fact(call)) or "{}")
    return {name: as_list(values) for name, values in as_object(known).items()}


def _shown(call: ArmRequest, name: str, values: dict[str, int]) -> JsonObject:
    base = f"/subscriptions/{call.subscription().id}/tagNames/{name}"
    count = sum(values.values())
    shown: list[Json] = [
        {"id": f"{base}/tagValues/{value}", "tagValue": value, "count": {"type": "Partial", "value": uses}}
        for value, uses in values.items()
    ]
    return {"id": base, "tagName": name, "count": {"type": "Partial", "value": count}, "values": shown}


def _counted(call: ArmRequest) -> dict[str, dict[str, int]]:
    """Every tag name with its values and how often each is used."""
    names = {name: {as_text(value): 0 for value in values} for name, values in _predefined(call).items()}
    subscription = call.subscription().id
    holders = [*call.world.resources.groups(subscription), *call.world.resources.of_subscription(subscription)]
    for holder in holders:
        for name, value in as_object(holder.desired.get("tags")).items():
            uses = names.setdefault(name, {})
            uses[as_text(value)] = uses.get(as_text(value), 0) + 1
    return names


async def _names(call: ArmRequest) -> Response:
    return page(call, [_shown(call, name, values) for name, values in sorted(_counted(call).items())])


def _keep(call: ArmRequest, names: dict[str, list[Json]]) -> None:
    call.world.database.remember(_fact(call), json.dumps(names))


async def _name_put(call: ArmRequest) -> Response:
    names, name = _predefined(call), call.parts["name"]
    new = name not in names
    names.setdefault(name, [])
    _keep(call, names)
    return answer(201 if new else 200, _shown(call, name, _counted(call)[name]))


async def _name_delete(call: ArmRequest) -> Response:
    names = _predefined(call)
    known = names.pop(call.parts["name"], None) is not None
    _keep(call, names)
    return answer(200 if known else 204)


async def _value_put(call: ArmRequest) -> Response:
    names, name, value = _predefined(call), call.parts["name"], call.parts["value"]
    if name not in names:
        raise ArmError(404, "TagNotFound", f"The tag '{name}' was not found.")
    new = value not in names[name]
    if new:
        names[name].append(value)
        _keep(call, names)
    base = f"/subscriptions/{call.subscription().id}/tagNames/{name}/tagValues/{value}"
    body: JsonObject = {"id": base, "tagValue": value, "count": {"type": "Partial", "value": 0}}
    return answer(201 if new else 200, body)


async def _value_delete(call: ArmRequest) -> Response:
    names, value = _predefined(call), call.parts["value"]
    values = names.get(call.parts["name"], [])
    known = value in values
    if known:
        values.remove(value)
        _keep(call, names)
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
