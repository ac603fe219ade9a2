"""ARM's checks of a whole plan before accepting it: registrations, permissions, request bodies, policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError
from installer.emulator.authorization.access import action_of
from installer.emulator.clock import instant
from installer.emulator.deployments import records
from installer.emulator.deployments.secure_values import SecureValues
from installer.emulator.deployments.views import deployment_body
from installer.emulator.errors import ArmError, unregistered
from installer.emulator.governance.policy.service import disallowed
from installer.emulator.providers.schema_errors import objections
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.arm_templates import Node, Plan
    from installer.emulator.core import Emulator
    from installer.emulator.deployments.request import DeploymentRequest
    from installer.jsontypes import Json

_UNCHECKED = {"template", "providernorbac"}


def every_node(plan: Plan) -> Iterator[Node]:
    """The nodes of a plan and of the nested plans that can be expanded before the run; without existing ones."""
    for node in plan.resources:
        if node.existing:
            continue
        yield node
        if node.is_deployment:
            try:
                nested = plan.nested(node, None)
            except TemplateError:
                continue  # depends on values of the run, so it cannot be checked before
            yield from every_node(nested)


def check_proposal(emulator: Emulator, proposal: DeploymentRequest) -> None:
    """Run all preflight checks on a request, the same for PUT, validate and what-if; ArmError for the first fault."""
    missing: dict[str, None] = {}
    moment = emulator.clock.now()
    for node in every_node(proposal.plan):
        namespace, subscription = node.type.split("/", 1)[0], node.scope.subscription_id
        if subscription and emulator.registrations.state(subscription, namespace, moment) != "Registered":
            missing[namespace] = None
    if missing:
        raise unregistered(list(missing))
    check_permissions(emulator, proposal)
    check_bodies(proposal)
    check_policies(emulator, proposal)
    emulator.faults.refuse_deployment("preflight", proposal.id, proposal.location)


def check_permissions(emulator: Emulator, proposal: DeploymentRequest) -> None:
    """Refuse a plan that the caller may not deploy (ArmError 403), as validation by the providers does."""
    access = emulator.access
    if not access.limited or as_text(proposal.settings.get("validationLevel")).lower() in _UNCHECKED:
        return
    access.check("Microsoft.Resources/deployments/write", proposal.id)
    for node in every_node(proposal.plan):
        action = action_of(node.type, "write")
        if not access.allowed(action, node.id, _known_body(node)):
            failed = access.failed(action, node.id)
            text = (
                f"Deployment failed with error: 'Authorization failed for template resource '{node.name}' of type "
                f"'{node.type}'. The client '{access.client_id}' with object id '{access.object_id}' does not have "
                f"permission to perform action '{action}' at scope '{node.id}'.'."
            )
            details = [failed.error()]
            raise ArmError(403, "InvalidTemplateDeployment", text, details=details)


def check_bodies(proposal: DeploymentRequest) -> None:
    """Refuse a plan with resource bodies that violate their schema (ArmError 400); reports all of them."""
    secrecy = SecureValues()
    secrecy.learn(proposal.plan, proposal.template)
    details: list[JsonObject] = []
    for node in every_node(proposal.plan):
        body = None if node.is_deployment else _known_body(node)
        if body is not None:
            details += objections(node.type, node.api_version, node.id.rpartition("/")[2], body)
    if details:
        text = (
            f"The template deployment '{proposal.id.rpartition('/')[2]}' is not valid according to the validation "
            "procedure. See inner errors for details."
        )
        shown = [as_object(secrecy.masked(detail)) for detail in details]
        raise ArmError(400, "InvalidTemplateDeployment", text, details=shown)


def check_policies(emulator: Emulator, proposal: DeploymentRequest) -> None:
    """Refuse a plan with resources that a policy denies (ArmError 400); reports all of them."""
    if not emulator.policies.book.rules:
        return
    details = []
    for node in every_node(proposal.plan):
        body = _known_body(node)
        if body is None or node.is_deployment:
            continue
        parsed = parse_id(node.id)
        name = parsed.names[-1] if parsed else node.name
        requested = Resource(node.id, node.type, name, node.api_version, "Creating", 0, 0, desired=body)
        if found := emulator.policies.refusals(requested):
            details.append(disallowed(name, found).error())
    if details:
        text = "The template deployment failed because of policy violation. Please see details for more information."
        raise ArmError(400, "InvalidTemplateDeployment", text, details=details)


def _known_body(node: Node) -> JsonObject | None:
    """The body of a node, partly unresolved before the run; None where it cannot be evaluated."""
    try:
        return as_object(node.body(None))
    except TemplateError:
        return None


def validated(emulator: Emulator, proposal: DeploymentRequest, correlation_id: str) -> JsonObject:
    """The response of a successful validation."""
    secrecy = SecureValues()
    secrecy.learn(proposal.plan, proposal.template)
    record = records.new_record(
        plan=proposal.plan,
        deployment_id=proposal.id,
        template=proposal.template,
        secrecy=secrecy,
        started=emulator.clock.now(),
        correlation_id=correlation_id,
        tags=proposal.tags,
        mode=proposal.mode,
    )
    record.state = "Succeeded"
    body = deployment_body(record, echo_nulls=True)
    found: list[Json] = [{"id": node.id} for node in every_node(proposal.plan)]
    properties = as_object(body["properties"])
    properties |= {"timestamp": instant(record.started), "duration": "PT0S", "validatedResources": found}
    return body
