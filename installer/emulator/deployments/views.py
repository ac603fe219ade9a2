"""Deployments and operations in ARM's response format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.clock import instant, period
from installer.emulator.providers.deployment_scripts import NOT_RUN, SCRIPT_TYPE
from installer.json_access import JsonObject, as_object, as_text, member
from installer.resource_id import DEPLOYMENT_TYPE

if TYPE_CHECKING:
    from installer.emulator.state.deployments import Deployment, Operation
    from installer.jsontypes import Json


_SCRIPT = SCRIPT_TYPE.lower()


def deployment_body(deployment: Deployment, *, echo_nulls: bool = False) -> JsonObject:
    """A deployment; `echo_nulls` as in the answer to validate and PUT, where a null parameter shows its value."""
    properties: JsonObject = {
        "templateHash": deployment.template_hash,
        "parameters": {name: _echo(entry, nulls=echo_nulls) for name, entry in deployment.parameters.items()},
        "mode": deployment.mode,
        "provisioningState": deployment.state,
        "timestamp": instant(deployment.changed),
        "duration": period(deployment.changed - deployment.started),
        "correlationId": deployment.correlation_id,
        "providers": deployment.providers,
        "dependencies": deployment.dependencies,
    }
    if deployment.outputs is not None:
        properties["outputs"] = deployment.outputs
    if deployment.output_resources is not None:
        properties["outputResources"] = deployment.output_resources
    if deployment.error is not None:
        properties["error"] = deployment.error
    body: JsonObject = {"id": deployment.id, "name": deployment.name, "type": DEPLOYMENT_TYPE}
    if deployment.location is not None:
        body["location"] = deployment.location
    if deployment.tags is not None:
        body["tags"] = deployment.tags
    body["properties"] = properties
    return body


def _echo(entry: Json, *, nulls: bool) -> Json:
    shown = as_object(entry)
    if not nulls and "value" in shown and shown["value"] is None:
        return {name: item for name, item in shown.items() if name != "value"}
    return shown


def operation_body(deployment: Deployment, operation: Operation, *, with_request: bool = False) -> JsonObject:
    """An operation; `with_request` adds the copy of itself without which one release of the Bicep CLI crashes.

    In that copy a target outside any group is left out, for the same client's sake.
    """
    properties: JsonObject = {
        "provisioningOperation": operation.kind,
        "provisioningState": operation.state,
        "timestamp": instant(operation.ends if operation.finished else operation.started),
        "duration": period(operation.ends - operation.started if operation.finished else 0),
        "trackingId": operation.tracking_id,
        "serviceRequestId": operation.tracking_id,
        "statusCode": operation.status_code,
    }
    if operation.error is not None and operation.finished:
        properties["statusMessage"] = {"status": "Failed", "error": operation.error}
    if (
        operation.error is None
        and operation.finished
        and as_text(member(operation.target, "resourceType")).lower() == _SCRIPT
    ):
        properties["statusMessage"] = {"status": operation.state, "message": NOT_RUN}
    if operation.target is not None:
        properties["targetResource"] = operation.target
    body: JsonObject = {
        "id": f"{deployment.id}/operations/{operation.operation_id}",
        "operationId": operation.operation_id,
        "properties": properties,
    }
    if with_request:
        target = str(as_object(operation.target).get("id", ""))
        copied = {
            name: item for name, item in properties.items() if name != "targetResource" or "/providers/" in target
        }
        properties["request"] = {"content": {**body, "properties": copied}}
    return body


def output_name(name: str) -> str:
    """An output's name as ARM returns it: leading capitals in lower case, except one that begins a word.

    AZURE_ID becomes azurE_ID, MyOut becomes myOut, IDs becomes iDs.
    """
    letters = list(name)
    for index, letter in enumerate(letters):
        if not letter.isupper():
            break
        following = letters[index + 1] if index + 1 < len(letters) else ""
        if index > 0 and following and not following.isupper():
            break
        letters[index] = letter.lower()
    return "".join(letters)
