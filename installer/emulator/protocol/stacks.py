"""Deployment stacks over HTTP, at subscription and at group scope. Their states are spelt in lower case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.deployments.engine import scope_of
from installer.emulator.deployments.preflight import check_proposal, validated
from installer.emulator.deployments.request import check_name, propose, read_body
from installer.emulator.deployments.stacks import STACK_TYPE, TERMINAL, deployment_name, stack_id
from installer.emulator.errors import ArmError
from installer.emulator.protocol.async_operations import job_started, signed
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.durations import length_of_action
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.deployments.request import DeploymentRequest
    from installer.emulator.state.resources import Resource

_KINDS = ("resources", "resourceGroups", "managementGroups")


def _scope_id(call: ArmRequest, *, for_writing: bool = False) -> str:
    subscription = call.subscription(for_writing=for_writing)
    group = f"/resourceGroups/{call.group().name}" if "group" in call.parts else ""
    return f"/subscriptions/{subscription.id}{group}"


def _found(call: ArmRequest) -> Resource:
    name = call.parts["name"]
    stack = call.world.resources.get(stack_id(_scope_id(call), name))
    if stack is None:
        place = f" under resource group '{call.group().name}'" if "group" in call.parts else ""
        raise ArmError(
            404,
            "ResourceNotFound",
            f"The Resource '{STACK_TYPE}/{name}'{place} was not found. For more details please go to "
            "https://aka.ms/ARMResourceNotFoundFix",
        )
    return stack


async def _proposal(call: ArmRequest) -> tuple[JsonObject, DeploymentRequest]:
    """What the stack asks to be deployed; its body is that of a deployment with a few members more."""
    own, text = _scope_id(call, for_writing=True), await call.text()
    body = as_object(read_body(text).value)
    check_name(call.parts["name"])
    if member(body, "properties", "actionOnUnmanage", "resources") is None:
        raise ArmError(
            400, "InvalidDeploymentStack", "The property 'properties.actionOnUnmanage.resources' is required."
        )
    if member(body, "properties", "denySettings", "mode") is None:
        raise ArmError(400, "InvalidDeploymentStack", "The property 'properties.denySettings.mode' is required.")
    target = as_text(member(body, "properties", "deploymentScope")) or own
    proposal = propose(
        call.world,
        scope_of(target, call.world.directory.tenant_id),
        deployment_name(call.parts["name"]),
        text,
        runtime=call.azure.engine.runtime,
        needs_location=True,
    )
    check_proposal(call.world, proposal)
    return body, proposal


async def _put(call: ArmRequest) -> Response:
    body, proposal = await _proposal(call)
    where = stack_id(_scope_id(call), call.parts["name"])
    new = call.azure.stacks.submit(where, body, proposal, call.api_version, call.correlation_id)
    stack = _found(call)
    job = call.world.jobs.begin("stackwrite", stack.id, call.world.clock.now())
    call.world.jobs.finish(job.id)
    place = (
        f"/subscriptions/{call.subscription().id}/providers/Microsoft.Resources/locations/{stack.location or 'global'}"
    )
    status = signed(call, f"{place}/deploymentStackOperationStatus/{job.id}")
    return answer(201 if new else 200, call.world.view(stack), {"Azure-AsyncOperation": status})


async def _status(call: ArmRequest) -> Response:
    job = call.world.jobs.get(call.parts["job"])
    stack = call.world.resources.get(job.subject) if job else None
    if job is None or stack is None:
        raise ArmError(404, "NotFound", "The operation could not be found.")
    body: JsonObject = {"id": call.path, "name": job.id, "status": stack.state}
    if (error := member(stack.computed, "properties", "error")) is not None:
        body["error"] = error
    return answer(200, body, None if stack.state in TERMINAL else {"Retry-After": "1"})


async def _validate(call: ArmRequest) -> Response:
    body, proposal = await _proposal(call)
    found = as_object(validated(call.world, proposal, call.correlation_id)["properties"])
    asked = as_object(body["properties"])
    properties: JsonObject = {
        "actionOnUnmanage": asked["actionOnUnmanage"],
        "denySettings": asked["denySettings"],
        "correlationId": call.correlation_id,
        "parameters": proposal.safe_parameters,
        "validatedResources": found["validatedResources"],
    }
    where = stack_id(_scope_id(call), call.parts["name"])
    result: JsonObject = {"id": where, "name": call.parts["name"], "type": STACK_TYPE, "properties": properties}
    ready = call.world.clock.now() + call.world.real_seconds(length_of_action("whatIf"))
    job = call.world.jobs.begin("stackvalidation", where, ready, 200, result)
    call.world.jobs.finish(job.id)
    return job_started(call, job)


async def _get(call: ArmRequest) -> Response:
    return answer(200, call.world.view(_found(call)))


async def _list(call: ArmRequest) -> Response:
    prefix = stack_id(_scope_id(call), "").lower()
    found = [item for item in call.world.resources.of_type(STACK_TYPE) if item.key.startswith(prefix)]
    return page(call, [call.world.view(item) for item in found])


async def _delete(call: ArmRequest) -> Response:
    _scope_id(call, for_writing=True)
    stack = call.world.resources.get(stack_id(_scope_id(call), call.parts["name"]))
    if stack is None:
        return answer(204)
    lowered = {name.lower(): value for name, value in call.query.items()}
    actions: JsonObject = {kind: lowered.get(f"unmanageaction.{kind.lower()}", "detach") for kind in _KINDS}
    job = call.world.jobs.get(call.azure.stacks.delete(stack, actions))
    if job is None:
        return answer(204)
    return job_started(call, job)


async def _export(call: ArmRequest) -> Response:
    deployment = as_text(member(_found(call).computed, "properties", "deploymentId"))
    submission = call.world.deployments.submission(deployment)
    return answer(200, {"template": submission.template if submission else {}})


def _routes(scope: str) -> list[Route]:
    one = f"{scope}/providers/{STACK_TYPE}/{{name}}"
    return [
        Route(f"{scope}/providers/{STACK_TYPE}", {"GET": _list}),
        Route(one, {"GET": _get, "PUT": _put, "DELETE": _delete}),
        Route(f"{one}/validate", {"POST": _validate}),
        Route(f"{one}/exportTemplate", {"POST": _export}),
    ]


_SUBSCRIPTION = "/subscriptions/{subscription}"
ROUTES = [
    *_routes(f"{_SUBSCRIPTION}/resourcegroups/{{group}}"),
    *_routes(_SUBSCRIPTION),
    Route(
        f"{_SUBSCRIPTION}/providers/Microsoft.Resources/locations/{{location}}/deploymentStackOperationStatus/{{job}}",
        {"GET": _status},
    ),
]
