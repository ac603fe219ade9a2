"""Deployments over HTTP, at every scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError
from installer.emulator.deployments.preflight import check_proposal, validated
from installer.emulator.deployments.request import propose, read_body, without_secrets
from installer.emulator.deployments.views import deployment_body, operation_body
from installer.emulator.deployments.whatif import what_if
from installer.emulator.errors import ArmError
from installer.emulator.faults.conditions import bound_elsewhere, full_history
from installer.emulator.protocol.async_operations import job_started, signed
from installer.emulator.protocol.deployment_paths import deployment_id, found_deployment, scope_in_path
from installer.emulator.protocol.paging import page, page_of
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.durations import length_of_action
from installer.json_access import JsonObject, as_object, as_text, member
from installer.resource_id import canonical_scope, segments

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.deployments.request import DeploymentRequest
    from installer.emulator.state.deployments import Deployment, Operation
    from installer.jsontypes import Json

_ENGINE_VERSION = "1.0"
_DEPLOYMENTS_PER_PAGE = 50  # on a page
_OPERATIONS_PER_PAGE = 100  # on a page: a large deployment's list must not block other requests
_FILTER = "provisioningstate eq "


async def _proposal(request: ArmRequest, *, needs_location: bool, text: str | None = None) -> DeploymentRequest:
    scope = scope_in_path(request, for_writing=True)
    content = await request.text() if text is None else text
    return propose(
        request.emulator,
        scope,
        request.parts["name"],
        content,
        runtime=request.azure.engine.runtime,
        needs_location=needs_location,
    )


async def _put(request: ArmRequest) -> Response:
    text = await request.text()
    status = 0
    try:
        proposal = await _proposal(request, needs_location=True, text=text)
        check_proposal(request.emulator, proposal)
        deployment, new = request.azure.engine.accept(proposal, request.correlation_id)
        status = 201 if new else 200
    except ArmError as refusal:
        status = refusal.status
        raise
    finally:
        _log_request(request, text, status)
    path = f"{request.path}/operationStatuses/{deployment.serial}"
    headers = {
        "Azure-AsyncOperation": signed(request, path),
        "x-ms-deployment-engine-version": _ENGINE_VERSION,
    }
    return answer(status, deployment_body(deployment, echo_nulls=True), headers)


def _log_request(request: ArmRequest, text: str, status: int) -> None:
    """Records the request, with an empty body if it cannot be parsed."""
    try:
        body = as_object(read_body(text).value)
    except ArmError:
        body = {}
    shown, parameters = without_secrets(body)
    scope = canonical_scope(segments(request.path)[:-4])
    request.emulator.request_log.note(
        request.emulator.clock.now(),
        name=request.parts["name"],
        scope=scope,
        status=status,
        body=shown,
        parameters=parameters,
    )


async def _validate(request: ArmRequest) -> Response:
    proposal = await _proposal(request, needs_location=True)
    check_proposal(request.emulator, proposal)
    return answer(200, validated(request.emulator, proposal, request.correlation_id))


async def _what_if(request: ArmRequest) -> Response:
    proposal = await _proposal(request, needs_location=False)
    # As validation: learn.microsoft.com, azure-resource-manager/bicep/deploy-preflight (what-if runs preflight).
    check_proposal(request.emulator, proposal)
    result = what_if(request.emulator, proposal, request.correlation_id)
    ready = request.emulator.clock.now() + request.emulator.real_seconds(length_of_action("whatIf"))
    job = request.emulator.jobs.begin("whatif", proposal.id, ready, 200, result)
    request.emulator.jobs.finish(job.id)
    return job_started(request, job)


async def _get(request: ArmRequest) -> Response:
    identifier, emulator = deployment_id(request), request.emulator
    elsewhere = bound_elsewhere(emulator.faults.injected, identifier, emulator.directory.cloud)
    if elsewhere is not None and emulator.deployments.get(identifier) is None:
        return answer(200, elsewhere)
    return answer(200, deployment_body(found_deployment(request)))


async def _head(request: ArmRequest) -> Response:
    found_deployment(request)
    return answer(204)


async def _delete(request: ArmRequest) -> Response:
    deployment = request.emulator.deployments.get(deployment_id(request))
    if deployment is None:
        return answer(204)
    if deployment.active:
        raise ArmError(
            409,
            "DeploymentBeingDeployed",
            f"The deployment '{deployment.name}' is still active and cannot be deleted; cancel it first.",
        )
    request.emulator.deployments.remove(deployment.id)
    job = request.emulator.jobs.begin("deploymentdeletion", deployment.id, request.emulator.clock.now(), 204)
    request.emulator.jobs.finish(job.id)
    return job_started(request, job)


async def _cancel(request: ArmRequest) -> Response:
    request.azure.engine.cancel(found_deployment(request))
    return answer(204)


async def _export(request: ArmRequest) -> Response:
    submission = request.emulator.deployments.submission(found_deployment(request).id)
    return answer(200, {"template": submission.template if submission else {}})


async def _status(request: ArmRequest) -> Response:
    deployment = found_deployment(request)
    if deployment.serial != request.parts["serial"]:
        raise ArmError(404, "NotFound", "The operation could not be found.")
    status: JsonObject = {"status": deployment.state}
    if deployment.error is not None:
        status["error"] = deployment.error
    return answer(200, status)


async def _list(request: ArmRequest) -> Response:
    """Lists the deployments of a scope. As in ARM, each page is filtered: one may be empty without being the last."""
    requested = request.query.get("$filter", "").strip()
    scope = scope_in_path(request).id
    items = request.emulator.deployments.of_scope(scope)
    if history := full_history(request.emulator.faults.injected, scope):
        return page(request, [*history, *map(deployment_body, items)])
    state = requested[len(_FILTER) :].strip().strip("'").lower() if requested.lower().startswith(_FILTER) else ""

    def read(start: int, size: int) -> list[Json]:
        return [deployment_body(item) for item in items[start : start + size] if state in {"", item.state.lower()}]

    return page_of(request, len(items), read, _DEPLOYMENTS_PER_PAGE)


async def _secure_outputs(request: ArmRequest) -> Response:
    try:
        return answer(200, request.azure.engine.runtime.secure_outputs(found_deployment(request).id))
    except TemplateError as problem:
        raise ArmError(409, problem.code, problem.message) from problem


async def _operations(request: ArmRequest) -> Response:
    deployment, known = found_deployment(request), request.emulator.deployments

    def read(start: int, size: int) -> list[Json]:
        return _shown(request, deployment, known.operations_from(deployment.key, start, size))

    return page_of(request, known.count_operations(deployment.key), read, _OPERATIONS_PER_PAGE)


async def _operation(request: ArmRequest) -> Response:
    requested = request.parts["operation"].lower()
    deployment = found_deployment(request)
    for operation in _shown(request, deployment, request.emulator.deployments.operations(deployment.key)):
        if as_text(member(operation, "operationId")).lower() == requested:
            return answer(200, operation)
    raise ArmError(
        404,
        "DeploymentOperationNotFound",
        f"The deployment operation '{request.parts['operation']}' could not be found.",
    )


def _shown(request: ArmRequest, deployment: Deployment, operations: list[Operation]) -> list[Json]:
    # One release of the Bicep CLI reads the operation from a copy in `request`, and crashes without it.
    bicep = request.http.headers.get("user-agent", "").lower().startswith("bicep/")
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
    # Older clients query the operations of a group's deployment without the provider segment.
    Route(f"{_GROUP}/deployments/{{name}}/operations", {"GET": _operations}),
    Route(f"{_GROUP}/deployments/{{name}}/operations/{{operation}}", {"GET": _operation}),
]
