"""Parses and checks a deployment request: the common first half of validate, what-if and PUT."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from installer.arm_templates import Context, Scope, TemplateError, expand, parse_document
from installer.emulator.deployments.secure_values import secure_names, withheld
from installer.emulator.deployments.template_members import check_members, check_required_members
from installer.emulator.errors import ArmError, invalid_template
from installer.emulator.ids import derived_guid
from installer.emulator.providers.clouds import environment
from installer.json_access import JsonObject, as_object, as_text, member
from installer.resource_id import GROUP_TYPE, group_of, normalised_location, subscription_of

if TYPE_CHECKING:
    from installer.arm_templates import Document, Plan
    from installer.emulator.core import Emulator
    from installer.emulator.deployments.runtime import LiveRuntime
    from installer.jsontypes import Json

_NAME = re.compile(r"[A-Za-z0-9\-._()]+")
_MAX_NAME = 64


@dataclass(frozen=True)
class DeploymentRequest:
    """A requested deployment: its scope, content, the plan that it expands to, and the resources that it would send."""

    name: str
    scope: Scope
    location: str | None
    mode: str
    tags: JsonObject | None
    template: JsonObject
    parameters: JsonObject
    secure: frozenset[str]
    plan: Plan
    predicted: list[JsonObject]
    settings: JsonObject = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The deployment's resource id."""
        return f"{self.scope.id}/providers/Microsoft.Resources/deployments/{self.name}"

    @property
    def safe_parameters(self) -> JsonObject:
        """The parameters as sent, without those whose values must not be stored."""
        return {name: entry for name, entry in self.parameters.items() if name not in self.withheld}

    @property
    def withheld(self) -> tuple[str, ...]:
        """The names of the secure parameters that were sent; an empty value is no secret and may decide conditions."""
        return tuple(
            name for name, entry in self.parameters.items() if name.lower() in self.secure and not _empty(entry)
        )


def check_name(name: str) -> None:
    """Refuse a deployment name that ARM would refuse."""
    if len(name) > _MAX_NAME:
        raise ArmError(
            400,
            "DeploymentNameLengthLimitExceeded",
            f"The deployment name '{name}' has a length of '{len(name)}', which is over the limit of "
            f"'{_MAX_NAME}' characters.",
        )
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise ArmError(
            400,
            "DeploymentNameInvalidCharacters",
            f"The deployment name '{name}' is not valid: letters, digits, '-', '.', '_', '(' and ')' are allowed, "
            "and it may not end with '.'.",
        )


def read_body(text: str) -> Document:
    """Parse a request body as leniently as ARM does; ArmError where it is invalid even so."""
    try:
        return parse_document(text)
    except TemplateError as problem:
        raise ArmError(400, "InvalidRequestContent", problem.message) from problem


def without_secrets(body: JsonObject) -> tuple[JsonObject, JsonObject]:
    """A request body and its parameters with the values of secure parameters replaced by a marker."""
    properties = as_object(body.get("properties"))
    template = as_object(properties.get("template"))
    parameters = withheld(as_object(properties.get("parameters")), secure_names(template), marker="(secure)")
    return {**body, "properties": {**properties, "parameters": parameters}}, parameters


def propose(
    emulator: Emulator, scope: Scope, name: str, text: str, *, runtime: LiveRuntime, needs_location: bool
) -> DeploymentRequest:
    """Parse and expand a request; ArmError where it is invalid.

    Nested templates are expanded before resources are checked, where they are known: learn.microsoft.com,
    azure-resource-manager/bicep/deploy-preflight.
    """
    check_name(name)
    document = read_body(text)
    body = as_object(document.value)
    properties = as_object(body.get("properties"))
    template = member(properties, "template")
    if not isinstance(template, dict):
        raise ArmError(
            400, "InvalidRequestContent", "The request content was invalid: 'properties.template' must be an object."
        )
    check_members(document, template)
    mode = as_text(member(properties, "mode"), "Incremental")
    if mode.lower() != "incremental":
        raise ArmError(400, "InvalidDeploymentMode", f"The mode '{mode}' is not known here: only Incremental is.")
    location = _location(scope, body, needed=needs_location)
    check_required_members(template)
    parameters = as_object(member(properties, "parameters"))
    context = context_of(emulator, scope, name, location)
    plan = expanded(template, parameters, context, runtime=runtime, document=document)
    tags = body.get("tags")
    return DeploymentRequest(
        name=name,
        scope=scope,
        location=location,
        mode=mode,
        tags=tags if isinstance(tags, dict) else None,
        template=template,
        parameters=parameters,
        secure=frozenset(secure_names(template)),
        plan=plan,
        predicted=_predicted(plan),
        settings={
            **as_object(member(properties, "whatIfSettings")),
            "validationLevel": member(properties, "validationLevel"),
        },
    )


def context_of(emulator: Emulator, scope: Scope, name: str, location: str | None) -> Context:
    """The context of a deployment; ArmError when its group does not exist."""
    group_location = None
    if scope.kind == "resourceGroup":
        group = emulator.resources.get(scope.id)
        if group is None or group.type.lower() != GROUP_TYPE.lower():
            raise group_not_found(scope.resource_group or "")
        group_location = group.location
    return Context(
        scope=scope,
        deployment_name=name,
        location=location,
        resource_group_location=group_location,
        cloud=environment(emulator.directory.cloud),
        now=datetime.fromtimestamp(emulator.clock.now(), UTC),
        deployer=_deployer(emulator),
    )


def _deployer(emulator: Emulator) -> JsonObject:
    """The principal that deploys; the name of a user is empty for a service principal.

    Source: learn.microsoft.com, azure/azure-resource-manager/bicep/bicep-functions-deployment#deployer.
    """
    tenant = emulator.directory.tenant_id
    own = emulator.access.object_id or derived_guid(f"/tenants/{tenant}", "deployer")
    return {"objectId": own, "tenantId": tenant, "userPrincipalName": ""}


def group_not_found(name: str) -> ArmError:
    """ARM's error for a missing resource group."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def expanded(
    template: JsonObject,
    parameters: JsonObject,
    context: Context,
    *,
    runtime: LiveRuntime,
    document: Document | None = None,
) -> Plan:
    """Expand a template; ArmError InvalidTemplate where it is invalid."""
    # Clients of the .NET family send `"reference": null` beside every value.
    given = {name: _entry(as_object(entry)) for name, entry in parameters.items()}
    try:
        plan = expand(template, given, context, runtime, document=document)
        check_order(plan)
    except TemplateError as problem:
        raise invalid_template(problem) from problem
    return plan


def _predicted(plan: Plan) -> list[JsonObject]:
    """The resources that would be sent; ArmError InvalidTemplate where a nested template is invalid."""
    try:
        return [as_object(found) for found in plan.predict()]
    except TemplateError as problem:
        raise invalid_template(problem) from problem


def check_order(plan: Plan) -> None:
    """Refuse circular dependencies (TemplateError)."""
    graph = {node.key: node.depends_on for node in plan.resources}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as problem:
        circle = ", ".join(f"'{key}'" for key in problem.args[1])
        raise TemplateError(f"Circular dependency detected on resources: {circle}.") from problem


def _empty(entry: Json) -> bool:
    return isinstance(entry, dict) and "value" in entry and entry["value"] in ("", None, {})


def _entry(entry: JsonObject) -> JsonObject:
    return {name: item for name, item in entry.items() if not (name == "reference" and item is None)}


def _location(scope: Scope, body: JsonObject, *, needed: bool) -> str | None:
    if scope.kind == "resourceGroup":
        return None
    location = normalised_location(as_text(body.get("location")))
    if not location and needed:
        raise ArmError(400, "LocationRequired", "The location property is required for this deployment.")
    return location or None


def scope_of(scope_id: str, tenant_id: str) -> Scope:
    """The scope with an id; '' is the tenant."""
    subscription, group = subscription_of(scope_id), group_of(scope_id)
    if group:
        return Scope("resourceGroup", tenant_id, subscription_id=subscription, resource_group=group)
    if subscription:
        return Scope("subscription", tenant_id, subscription_id=subscription)
    if scope_id:
        return Scope("managementGroup", tenant_id, management_group=scope_id.rsplit("/", 1)[-1])
    return Scope("tenant", tenant_id)
