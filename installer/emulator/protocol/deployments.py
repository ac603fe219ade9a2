"""Deployments over HTTP, at subscription and at group scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError
from installer.emulator.deployments.engine import scope_of
from installer.emulator.deployments.preflight import check_proposal, validated
from installer.emulator.deployments.request import propose, read_body, without_secrets
from installer.emulator.deployments.views import deployment_body, operation_body
from installer.emulator.deployments.whatif import what_if
from installer.emulator.errors import ArmError
from installer.emulator.protocol.async_operations import job_started, signed
from installer.emulator.protocol.paging import page_of
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.durations import length_of_action
from installer.json_access import JsonObject, as_object, as_text, member
from installer.resource_id import canonical_scope, segments

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.arm_templates import Scope
    from installer.emulator.deployments.request import DeploymentRequest
    from installer.emulator.state.deployments import Deployment, Operation
    from installer.jsontypes import Json

_ENGINE_VERSION = "1.0"
_DEPLOYMENTS = 50  # on a page
_OPERATIONS = 100  # on a page: a large deployment's list shall not hold up everybody else
_FILTER = "provisioningstate eq "


def _scope(call: ArmRequest, *, for_writing: bool = False) -> Scope:
    """The scope in the path, checked to exist."""
    tenant = call.world.directory.tenant_id
    if "management" in call.parts:
        return scope_of(_management_group(call), tenant)
    if "subscription" not in call.parts:
        return scope_of("", tenant)
    subscription = call.subscription(for_writing=for_writing)
    group = f"/resourceGroups/{call.group().name}" if "group" in call.parts else ""
    return scope_of(f"/subscriptions/{subscription.id}{group}", tenant)


def _management_group(call: ArmRequest) -> str:
    """The id of the management group in the path: the tenant's root, or one that was made here."""
    name = call.parts["management"]
    where = f"/providers/Microsoft.Management/managementGroups/{name}"
    if name.lower() != call.world.directory.tenant_id.lower() and call.world.resources.get(where) is None:
        raise ArmError(404, "ManagementGroupNotFound", f"The management group '{name}' cannot be found.")
    return where


def _id(call: ArmRequest) -> str:
    """The deployment's id: the path up to its name, as ARM spells it."""
    scope = _scope(call).id
    return f"{scope}/providers/Microsoft.Resources/deployments/{call.parts['name']}"


def _found(call: ArmRequest) -> Deployment:
    found = call.world.deployments.get(_id(call))
    if found is None:
        raise ArmError(404, "DeploymentNotFound", f"Deployment '{call.parts['name']}' could not be found.")
    return found


async def _proposal(call: ArmRequest, *, needs_location: bool, text: str | None = None) -> DeploymentRequest:
    scope = _scope(call, for_writing=True)
    content = await call.text() if text is None else text
    return propose(
        call.world,
        scope,
        call.parts["name"],
        content,
        runtime=call.azure.engine.runtime,
        needs_location=needs_location,
    )


async def _put(call: ArmRequest) -> Response:
    text = await call.text()
    status = 0
    try:
        proposal = await _proposal(call, needs_location=True, text=text)
        check_proposal(call.world, proposal)
        deployment, new = call.azure.engine.accept(proposal, call.correlation_id)
        status = 201 if new else 200
    except ArmError as refusal:
        status = refusal.status
        raise
    finally:
        _note(call, text, status)
    path = f"{call.path}/operationStatuses/{deployment.serial}"
    headers = {
        "Azure-AsyncOperation": signed(call, path),
        "x-ms-deployment-engine-version": _ENGINE_VERSION,
    }
    return answer(status, deployment_body(deployment, echo_nulls=True), headers)


def _note(call: ArmRequest, text: str, status: int) -> None:
    """Enter the request in the diary, if it can be read at all."""
    try:
        body = as_object(read_body(text).value)
    except ArmError:
        body = {}
    shown, parameters = without_secrets(body)
    scope = canonical_scope(segments(call.path)[:-4])
    call.world.request_log.note(
        call.world.clock.now(),
        name=call.parts["name"],
        scope=scope,
        status=status,
        body=shown,
        parameters=parameters,
    )


async def _validate(call: ArmRequest) -> Response:
    proposal = await _proposal(call, needs_location=True)
    check_proposal(call.world, proposal)
    return answer(200, validated(call.world, proposal, call.correlation_id))


async def _what_if(call: ArmRequest) -> Response:
    proposal = await _proposal(call, needs_location=False)
    result = what_if(call.world, proposal, call.correlation_id)
    ready = call.world.clock.now() + call.world.real_seconds(length_of_action("whatIf"))
    job = call.world.jobs.begin("whatif", proposal.id, ready, 200, result)
    call.world.jobs.finish(job.id)
    return job_started(call, job)


async def _get(call: ArmRequest) -> Response:
    return answer(200, deployment_body(_found(call)))


async def _head(call: ArmRequest) -> Response:
    _found(call)
    return answer(204)


async def _delete(call: ArmRequest) -> Response:
    deployment = call.world.deployments.get(_id(call))
    if deployment is None:
        return answer(204)
    if deployment.active:
        raise ArmError(
            409,
            "DeploymentBeingDeployed",
            f"The deployment '{deployment.name}' is still active and cannot be deleted; cancel it first.",
        )
    call.world.deployments.remove(deployment.id)
    job = call.world.jobs.begin("deploymentdeletion", deployment.id, call.world.clock.now(), 204)
    call.world.jobs.finish(job.id)
    return job_started(call, job)


async def _cancel(call: ArmRequest) -> Response:
    call.azure.engine.cancel(_found(call))
    return answer(204)


async def _export(call: ArmRequest) -> Response:
    submission = call.world.deployments.submission(_found(call).id)
    return answer(200, {"template": submission.template if submission else {}})


async def _status(call: ArmRequest) -> Response:
    deployment = _found(call)
    if deployment.serial != call.parts["serial"]:
        raise ArmError(404, "NotFound", "The operation could not be found.")
    status: JsonObject = {"status": deployment.state}
    if deployment.error is not None:
        status["error"] = deployment.error
    return answer(200, status)


async def _list(call: ArmRequest) -> Response:
    """The deployments of a scope. ARM filters page by page: a page may be empty and yet not be the last."""
    wanted = call.query.get("$filter", "").strip()
    items = call.world.deployments.of_scope(_scope(call).id)
    state = wanted[len(_FILTER) :].strip().strip("'").lower() if wanted.lower().startswith(_FILTER) else ""

    def read(start: int, size: int) -> list[Json]:
        return [deployment_body(item) for item in items[start : start + size] if state in {"", item.state.lower()}]

    return page_of(call, len(items), read, _DEPLOYMENTS)


async def _secure_outputs(call: ArmRequest) -> Response:
    try:
        return answer(200, call.azure.engine.runtime.secure_outputs(_found(call).id))
    except TemplateError as problem:
        raise ArmError(409, problem.code, problem.message) from problem


async def _operations(call: ArmRequest) -> Response:
    deployment, known = _found(call), call.world.deployments

    def read(start: int, size: int) -> list[Json]:
        return _shown(call, deployment, known.operations_from(deployment.key, start, size))

    return page_of(call, known.count_operations(deployment.key), read, _OPERATIONS)


async def _operation(call: ArmRequest) -> Response:
    wanted = call.parts["operation"].lower()
    deployment = _found(call)
    for operation in _shown(call, deployment, call.world.deployments.operations(deployment.key)):
        if as_text(member(operation, "operationId")).lower() == wanted:
            return answer(200, operation)
    raise ArmError(
        404,
        "DeploymentOperationNotFound",
        f"The deployment operation '{call.parts['operation']}' could not be found.",
    )


def _shown(call: ArmRequest, deployment: Deployment, operations: list[Operation]) -> list[Json]:
    # One release of the Bicep CLI reads an operation from a copy inside it, and crashes without.
    bicep = call.request.headers.get("user-agent", "").lower().startswith("bicep/")
    return [operation_body(deployment, item, with_request=bicep) for item in operations]


def _routes(scope: str) -> list[Route]:
    collection = f"{scope}/providers/Microsoft.Resources/deployments"
    one = f"{collection}/{{name}}"
    return [
        Route(collection, {"GET": _list}),
        Route(one, {"GET": _get, "HEAD": _head, "PUT": _put, "DELETE": _delete}),
        Route(f"{one}/validate", {"POST": _validate}),
        Route(f"{one}/whatIf", {"POST": _what_if}),
        Route(f"{one}/cancel", {"POST": _cancel}),
        Route(f"{one}/exportTemplate", {"POST": _export}),
        Route(f"{one}/listOutputsWithSecureValues", {"POST": _secure_outputs}),
        Route(f"{one}/operationStatuses/{{serial}}", {"GET": _status}),
        Route(f"{one}/operations", {"GET": _operations}),
        Route(f"{one}/operations/{{operation}}", {"GET": _operation}),
    ]


_GROUP = "/subscriptions/{subscription}/resourcegroups/{group}"
ROUTES = [
    *_routes(_GROUP),
    *_routes("/subscriptions/{subscription}"),
    *_routes("/providers/Microsoft.Management/managementGroups/{management}"),
    *_routes(""),
    # Older clients ask for the operations of a group's deployment without naming the provider.
    Route(f"{_GROUP}/deployments/{{name}}/operations", {"GET": _operations}),
    Route(f"{_GROUP}/deployments/{{name}}/operations/{{operation}}", {"GET": _operation}),
]
