"""Resource groups."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from installer.emulator.deployments.engine import GROUP_DELETION
from installer.emulator.deployments.errors import being_deleted
from installer.emulator.errors import ArmError
from installer.emulator.governance import locks
from installer.emulator.protocol.async_operations import job_started
from installer.emulator.protocol.listing import listed, tagged
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.durations import length_of_action
from installer.emulator.providers.tag_rules import check_tags, given_tags
from installer.json_access import as_text

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.json_access import JsonObject

_NAME = re.compile(r"[\w\-.()]{1,90}")


async def _list(request: ArmRequest) -> Response:
    groups = request.emulator.resources.groups(request.subscription().id)
    filter_text = request.query.get("$filter", "")
    return page(request, [request.emulator.view(group) for group in groups if tagged(group, filter_text)])


async def _get(request: ArmRequest) -> Response:
    return answer(200, request.emulator.view(request.group()))


async def _head(request: ArmRequest) -> Response:
    request.group()
    return answer(204)


async def _put(request: ArmRequest) -> Response:
    subscription = request.subscription(for_writing=True)
    name = request.parts["group"]
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise ArmError(
            400,
            "InvalidResourceGroup",
            f"The provided resource group name '{name}' has these invalid characters or ends with a period, or is "
            "longer than 90 characters.",
        )
    body = await request.body()
    if not as_text(body.get("location")):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    group_id = f"/subscriptions/{subscription.id}/resourceGroups/{name}"
    before = request.emulator.resources.get(group_id)
    if before is not None and before.state == "Deleting":
        raise being_deleted(before.name)
    moment = request.emulator.clock.now()
    requested: JsonObject = {key: value for key, value in body.items() if key in {"location", "tags", "managedBy"}}
    group, _ = request.azure.engine.work.prepared(group_id, request.api_version, requested, moment)
    group.state = "Succeeded"  # groups are created within the request
    request.emulator.resources.save(group)
    request.azure.engine.policy_deployments.after_write(group)
    return answer(200 if before else 201, request.emulator.view(group))


async def _patch(request: ArmRequest) -> Response:
    request.subscription(for_writing=True)
    group = request.group()
    body = await request.body()
    if "tags" in body:
        tags = given_tags(body["tags"])
        check_tags(group.type, tags)
        group.desired = request.emulator.policies.applied(replace(group, desired={**group.desired, "tags": tags}))
        group.changed = request.emulator.clock.now()
        request.emulator.resources.save(group)
    return answer(200, request.emulator.view(group))


async def _delete(request: ArmRequest) -> Response:
    request.subscription(for_writing=True)
    group = request.group()
    locks.check(request.emulator.resources, group.id, "delete")
    locks.check_removed(request.emulator.resources, group.id, request.emulator.clock.now(), request.emulator.speed)
    request.emulator.policies.check_deletion(group)
    for resource in request.emulator.resources.of_group(request.parts["subscription"], group.name):
        request.emulator.policies.check_deletion(resource, with_group=True)
    request.emulator.faults.refuse_resource(group, deletion=True)
    group.state = "Deleting"
    ready = request.emulator.clock.now() + request.emulator.real_seconds(length_of_action("deleteGroup"))
    with request.emulator.database.transaction():
        request.emulator.resources.save(group)
        job = request.emulator.jobs.begin(GROUP_DELETION, group.id, ready)
    request.azure.engine.spawn(request.azure.engine.delete_later(job))
    return job_started(request, job)


async def _resources(request: ArmRequest) -> Response:
    group = request.group()
    found = request.emulator.resources.of_group(request.subscription().id, group.name)
    return listed(request, found)


_GROUP = "/subscriptions/{subscription}/resourcegroups/{group}"
ROUTES = [
    Route("/subscriptions/{subscription}/resourcegroups", {"GET": _list}),
    Route(_GROUP, {"GET": _get, "HEAD": _head, "PUT": _put, "PATCH": _patch, "DELETE": _delete}),
    Route(f"{_GROUP}/resources", {"GET": _resources}),
]
