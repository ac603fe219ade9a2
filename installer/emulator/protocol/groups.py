"""Resource groups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.emulator.deployments.errors import being_deleted
from installer.emulator.errors import ArmError
from installer.emulator.governance import locks
from installer.emulator.protocol.async_operations import job_started
from installer.emulator.protocol.listing import listed, tagged
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.durations import length_of_action
from installer.json_access import as_object, as_text

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.json_access import JsonObject

_NAME = re.compile(r"[\w\-.()]{1,90}")


async def _list(call: ArmRequest) -> Response:
    groups = call.world.resources.groups(call.subscription().id)
    wanted = call.query.get("$filter", "")
    return page(call, [call.world.view(group) for group in groups if tagged(group, wanted)])


async def _get(call: ArmRequest) -> Response:
    return answer(200, call.world.view(call.group()))


async def _head(call: ArmRequest) -> Response:
    call.group()
    return answer(204)


async def _put(call: ArmRequest) -> Response:
    subscription = call.subscription(for_writing=True)
    name = call.parts["group"]
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise ArmError(
            400,
            "InvalidResourceGroup",
            f"The provided resource group name '{name}' has these invalid characters or ends with a period, or is "
            "longer than 90 characters.",
        )
    body = await call.body()
    if not as_text(body.get("location")):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    group_id = f"/subscriptions/{subscription.id}/resourceGroups/{name}"
    before = call.world.resources.get(group_id)
    if before is not None and before.state == "Deleting":
        raise being_deleted(before.name)
    moment = call.world.clock.now()
    asked: JsonObject = {key: value for key, value in body.items() if key in {"location", "tags", "managedBy"}}
    group, _ = call.azure.engine.work.prepared(group_id, call.api_version, asked, moment)
    group.state = "Succeeded"  # groups are made while the client waits
    call.world.resources.save(group)
    return answer(200 if before else 201, call.world.view(group))


async def _patch(call: ArmRequest) -> Response:
    call.subscription(for_writing=True)
    group = call.group()
    body = await call.body()
    if "tags" in body:
        group.desired["tags"] = as_object(body["tags"])
        group.changed = call.world.clock.now()
        call.world.resources.save(group)
    return answer(200, call.world.view(group))


async def _delete(call: ArmRequest) -> Response:
    call.subscription(for_writing=True)
    group = call.group()
    locks.check(call.world.resources, group.id, "delete")
    call.world.faults.refuse_resource(group, deletion=True)
    group.state = "Deleting"
    ready = call.world.clock.now() + call.world.real_seconds(length_of_action("deleteGroup"))
    with call.world.database.transaction():
        call.world.resources.save(group)
        job = call.world.jobs.begin("resourcegroupdeletion", group.id, ready)
    call.azure.engine.spawn(call.azure.engine.delete_later(job))
    return job_started(call, job)


async def _resources(call: ArmRequest) -> Response:
    group = call.group()
    found = call.world.resources.of_group(call.subscription().id, group.name)
    return listed(call, found)


_GROUP = "/subscriptions/{subscription}/resourcegroups/{group}"
ROUTES = [
    Route("/subscriptions/{subscription}/resourcegroups", {"GET": _list}),
    Route(_GROUP, {"GET": _get, "HEAD": _head, "PUT": _put, "PATCH": _patch, "DELETE": _delete}),
    Route(f"{_GROUP}/resources", {"GET": _resources}),
]
