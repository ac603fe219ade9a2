"""ARM errors of deployments: refusals, and the errors of failed resources and deployments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError
from installer.emulator.deployments.secure_values import SecureValueLostError
from installer.emulator.errors import ArmError, error_object
from installer.json_access import JsonObject, as_object, as_text, member
from installer.resource_id import DEPLOYMENT_TYPE, GROUP_TYPE, group_of

if TYPE_CHECKING:
    from installer.arm_templates import Node, Plan
    from installer.emulator.core import Emulator
    from installer.emulator.deployments.secure_values import SecureValues
    from installer.emulator.state.deployments import Deployment, Operation
    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

EXPECTED = (ArmError, TemplateError, SecureValueLostError)
_HELP = "https://aka.ms/arm-deployment-operations"
_LIFETIME = timedelta(days=7)


def check_replacement(name: str, location: str | None, before: Deployment | None) -> None:
    """Refuse to replace a deployment that is in progress or bound to another location."""
    if before is None:
        return
    if before.active:
        began = datetime.fromtimestamp(before.started, UTC)
        raise ArmError(
            409,
            "DeploymentActive",
            f"Unable to edit or replace deployment '{name}': previous deployment from "
            f"'{_us_date(began)}' is still active (expiration time is '{_us_date(began + _LIFETIME)}'). "
            "Please see https://aka.ms/arm-deploy for usage details.",
        )
    if location and before.location and location != before.location:
        raise ArmError(
            409,
            "InvalidDeploymentLocation",
            f"Invalid deployment location '{location}'. The deployment '{name}' already exists in location "
            f"'{before.location}'.",
        )


def check_nested(emulator: Emulator, node: Node, plan: Plan, before: Deployment | None) -> None:
    """Refuse a nested deployment as a top-level one would be, and one into a missing group or subscription."""
    scope = plan.context.scope
    if scope.subscription_id and emulator.directory.subscription(scope.subscription_id) is None:
        raise subscription_not_found(scope.subscription_id)
    if scope.kind == "resourceGroup" and emulator.resources.get(scope.id) is None:
        raise ArmError(404, "ResourceGroupNotFound", f"Resource group '{scope.resource_group}' could not be found.")
    check_replacement(node.name, plan.context.location, before)


def subscription_not_found(subscription_id: str) -> ArmError:
    """ARM's error for an unknown subscription."""
    return ArmError(404, "SubscriptionNotFound", f"The subscription '{subscription_id}' could not be found.")


def being_deleted(group: str) -> ArmError:
    """The error for any write into a group that is being deleted."""
    return ArmError(
        409,
        "ResourceGroupBeingDeleted",
        f"The resource group '{group}' is in deprovisioning state and cannot perform this operation.",
    )


def moved(resource: Resource, before: Resource) -> ArmError:
    """The error for a write that would move a resource to another location."""
    name = resource.name
    if resource.type.lower() == GROUP_TYPE.lower():
        return ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{resource.location}'. The Resource group already exists in location "
            f"'{before.location}'.",
        )
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{name}' already exists in location '{before.location}' in resource group "
        f"'{group_of(resource.id)}'. A resource with the same name cannot be created in location "
        f"'{resource.location}'. Please select a new resource name.",
    )


def not_cancellable(deployment: Deployment) -> ArmError:
    """The error for cancelling a deployment that has ended."""
    return ArmError(
        409,
        "DeploymentCannotBeCancelled",
        f"The deployment '{deployment.name}' cannot be cancelled because it is in the state '{deployment.state}'.",
    )


def failure_of(problem: Exception, secrecy: SecureValues, detail: JsonObject | None = None) -> tuple[str, JsonObject]:
    """Status word and error object for a node that failed; `detail`: what the emulation lacks for its expression."""
    if isinstance(problem, ArmError):
        word, error = HTTPStatus(problem.status).phrase.replace(" ", ""), problem.error()
    elif isinstance(problem, SecureValueLostError):
        word, error = "Conflict", error_object("SecureParameterUnavailable", str(problem))
    elif isinstance(problem, TemplateError):
        # The engine reports the expression that failed; the cause is the error raised by the runtime.
        cause = problem.__context__ if isinstance(problem.__context__, TemplateError) else problem
        known = cause if cause.code != "InvalidTemplate" else problem
        word = "NotFound" if known.code.endswith("NotFound") else "BadRequest"
        details: list[Json] = [detail] if detail else []
        error = error_object(known.code, known.message, details=details)
    else:
        word, error = "InternalServerError", error_object("InternalServerError", "The embedded Azure failed here.")
    return word, as_object(secrecy.masked(error))


def nested_failure(deployment: Deployment) -> JsonObject:
    """The error of the operation of a nested deployment that failed or was cancelled."""
    details: list[Json] = [deployment.error] if deployment.error else []
    return error_object(
        "ResourceDeploymentFailure",
        "The resource write operation failed to complete successfully, because it reached terminal provisioning "
        f"state '{deployment.state}'.",
        deployment.id,
        details,
    )


def deployment_failed(deployment: Deployment, failed: list[Operation]) -> JsonObject:
    """The error of a deployment in which operations failed: one detail for each."""
    details: list[Json] = []
    for operation in failed:
        error = operation.error or {}
        target = as_text(member(operation.target, "id"))
        nested = as_text(member(operation.target, "resourceType")).lower() == DEPLOYMENT_TYPE.lower()
        details.append(error if nested else {**error, "target": error.get("target", target)})
    return error_object(
        "DeploymentFailed",
        "At least one resource deployment operation failed. Please list deployment operations for details. "
        f"Please see {_HELP} for usage details.",
        deployment.id,
        details,
    )


def output_failed(problem: TemplateError, secrecy: SecureValues, detail: JsonObject | None = None) -> JsonObject:
    """The error of a deployment whose outputs cannot be evaluated; `detail`: what the emulation lacks for it."""
    text = f"Unable to evaluate template outputs: '{problem.message}'."
    details: list[Json] = [detail] if detail else []
    return as_object(secrecy.masked(error_object("DeploymentOutputEvaluationFailed", text, details=details)))


def _us_date(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment.year} {moment:%I:%M:%S %p}"
