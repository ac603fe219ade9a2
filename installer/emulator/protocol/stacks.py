"""Deployment stacks over HTTP, at subscription and at group scope. Their states are in lower case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.deployments.preflight import check_proposal, validated
from installer.emulator.deployments.request import check_name, propose, read_body, scope_of
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


def _scope_id(request: ArmRequest, *, for_writing: bool = False) -> str:
    subscription = request.subscription(for_writing=for_writing)
    group = f"/resourceGroups/{request.group().name}" if "group" in request.parts else ""
    return f"/subscriptions/{subscription.id}{group}"


def _found(request: ArmRequest) -> Resource:
    name = request.parts["name"]
    stack = request.emulator.resources.get(stack_id(_scope_id(request), name))
    if stack is None:
        place = f" under resource group '{request.group().name}'" if "group" in request.parts else ""
        raise ArmError(
            404,
            "ResourceNotFound",
            f"The Resource '{STACK_TYPE}/{name}'{place} was not found. For more details please go to "
            "https://aka.ms/ARMResourceNotFoundFix",
        )
    return stack


async def _proposal(request: ArmRequest) -> tuple[JsonObject, DeploymentRequest]:
    """The deployment of a stack; its body is that of a deployment with additional members."""
    scope_id, text = _scope_id(request, for_writing=True), await request.text()
    body = as_object(read_body(text).value)
    check_name(request.parts["name"])
    if member(body, "properties", "actionOnUnmanage", "resources") is None:
        raise ArmError(
            400, "InvalidDeploymentStack", "The property 'properties.actionOnUnmanage.resources' is required."
        )
    if member(body, "properties", "denySettings", "mode") is None:
        raise ArmError(400, "InvalidDeploymentStack", "The property 'properties.denySettings.mode' is required.")
    target = as_text(member(body, "properties", "deploymentScope")) or scope_id
    proposal = propose(
        request.emulator,
        scope_of(target, request.emulator.directory.tenant_id),
        deployment_name(request.parts["name"]),
        text,
        runtime=request.azure.engine.runtime,
        needs_location=True,
    )
    check_proposal(request.emulator, proposal)
    return body, proposal


async def _put(request: ArmRequest) -> Response:
    body, proposal = await _proposal(request)
    where = stack_id(_scope_id(request), request.parts["name"])
    new = request.azure.stacks.submit(where, body, proposal, request.api_version, request.correlation_id)
    stack = _found(request)
    job = request.emulator.jobs.begin("stackwrite", stack.id, request.emulator.clock.now())
    request.emulator.jobs.finish(job.id)
    place = f"/subscriptions/{request.subscription().id}/providers/Microsoft.Resources/locations/{stack.location or 'global'}"
    status = signed(request, f"{place}/deploymentStackOperationStatus/{job.id}")
    return answer(201 if new else 200, request.emulator.view(stack), {"Azure-AsyncOperation": status})


async def _status(request: ArmRequest) -> Response:
    job = request.emulator.jobs.get(request.parts["job"])
    stack = request.emulator.resources.get(job.subject) if job else None
    if job is None or stack is None:
        raise ArmError(404, "NotFound", "The operation could not be found.")
    body: JsonObject = {"id": request.path, "name": job.id, "status": stack.state}
    if (error := member(stack.computed, "properties", "error")) is not None:
        body["error"] = error
    return answer(200, body, None if stack.state in TERMINAL else {"Retry-After": "1"})


async def _validate(request: ArmRequest) -> Response:
    body, proposal = await _proposal(request)
    found = as_object(validated(request.emulator, proposal, request.correlation_id)["properties"])
    requested = as_object(body["properties"])
    properties: JsonObject = {
        "actionOnUnmanage": requested["actionOnUnmanage"],
        "denySettings": requested["denySettings"],
        "correlationId": request.correlation_id,
        "parameters": proposal.safe_parameters,
        "validatedResources": found["validatedResources"],
    }
    where = stack_id(_scope_id(request), request.parts["name"])
    result: JsonObject = {"id": where, "name": request.parts["name"], "type": STACK_TYPE, "properties": properties}
    ready = request.emulator.clock.now() + request.emulator.real_seconds(length_of_action("whatIf"))
    job = request.emulator.jobs.begin("stackvalidation", where, ready, 200, result)
    request.emulator.jobs.finish(job.id)
    return job_started(request, job)


async def _get(request: ArmRequest) -> Response:
    return answer(200, request.emulator.view(_found(request)))


async def _list(request: ArmRequest) -> Response:
    prefix = stack_id(_scope_id(request), "").lower()
    found = [item for item in request.emulator.resources.of_type(STACK_TYPE) if item.key.startswith(prefix)]
    return page(request, [request.emulator.view(item) for item in found])


async def _delete(request: ArmRequest) -> Response:
    _scope_id(request, for_writing=True)
    stack = request.emulator.resources.get(stack_id(_scope_id(request), request.parts["name"]))
    if stack is None:
        return answer(204)
    lowered = {name.lower(): value for name, value in request.query.items()}
    actions: JsonObject = {kind: lowered.get(f"unmanageaction.{kind.lower()}", "detach") for kind in _KINDS}
    job = request.emulator.jobs.get(request.azure.stacks.delete(stack, actions))
    if job is None:
        return answer(204)
    return job_started(request, job)


async def _export(request: ArmRequest) -> Response:
    deployment = as_text(member(_found(request).computed, "properties", "deploymentId"))
    submission = request.emulator.deployments.submission(deployment)
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
