"""Functions about the template itself: parameters, variables, loops, lambdas, the deployment and its scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.arguments import HELP, Arguments, function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.expressions import Access, Call, Literal, is_expression
from installer.arm_templates.functions import symbols
from installer.arm_templates.to_text import from_text, to_expression
from installer.arm_templates.values import PendingError, Unresolved, Value, as_value
from installer.json_access import as_object
from installer.resource_id import GROUP_TYPE, GUID

if TYPE_CHECKING:
    from installer.jsontypes import Json

COPY_HELP = "Please see https://aka.ms/arm-resource-loops for usage details."


@function("parameters", 1)
def _parameters(arguments: Arguments) -> Value:
    name = arguments.text(0)
    own = arguments.locals.arguments
    if own is None:
        return symbols.parameter(arguments.frame, name).value
    if name.lower() not in own:
        raise symbols.unknown_parameter(name)
    return own[name.lower()]


@function("variables", 1)
def _variables(arguments: Arguments) -> Value:
    return symbols.variable(arguments.frame, arguments.text(0))


@function("lambdaVariables", 1)
def _lambda_variables(arguments: Arguments) -> Value:
    name = arguments.text(0)
    if name.lower() not in arguments.locals.variables:
        raise TemplateError(f"The template function '{arguments.name}' is not valid. {HELP}")
    return arguments.locals.variables[name.lower()]


@function("copyIndex", 0, 2)
def _copy_index(arguments: Arguments) -> Value:
    here = arguments.locals
    values = arguments.all_resolved()
    name = here.loop
    offset = 0
    for value in values:
        if isinstance(value, str):
            name = value.lower()
        elif isinstance(value, int) and not isinstance(value, bool):
            offset = value
        else:
            raise arguments.refusal(len(values) - 1, "Integer", type(value).__name__)
    if not here.loops:
        raise TemplateError(
            f"The template function '{arguments.name}' is not expected at this location. The function can only be "
            f"used in a resource with copy specified. {COPY_HELP}"
        )
    if name is None or name not in here.loops:
        raise TemplateError(
            f"The template language function '{arguments.name}' has an invalid argument. The provided copy name "
            f"'{values[0] if values else ''}' doesn't exist in the resource. {COPY_HELP}"
        )
    return here.loops[name] + offset


@function("fail", 1)
def _fail(arguments: Arguments) -> Value:
    raise TemplateError(arguments.text(0))


@function("newGuid", default_only=True)
def _new_guid(arguments: Arguments) -> Value:
    session = arguments.frame.session
    if session.runtime is None or session.predicting:
        raise PendingError
    return session.runtime.new_guid()


def _deferred(name: str, member: str) -> Unresolved:
    return Unresolved(Access(Call(name), Literal(member)))


def _members(value: Json) -> dict[str, Value]:
    return {name: as_value(item) for name, item in as_object(value).items()}


@function("deployment")
def _deployment(arguments: Arguments) -> Value:
    frame = arguments.frame
    template: dict[str, Value] = {}
    version = frame.template.get("contentVersion")
    if version is not None:
        template["contentVersion"] = as_value(version)
    result: dict[str, Value] = {
        "name": from_text(frame.context.deployment_name),
        "properties": {"template": template},
    }
    if frame.context.scope.kind != "resourceGroup":
        result["location"] = frame.context.location or _deferred(arguments.name, "location")
    return result


@function("environment")
def _environment(arguments: Arguments) -> Value:
    if arguments.frame.session.predicting:
        raise PendingError
    return as_value(dict(arguments.frame.context.cloud))


@function("deployer")
def _deployer(arguments: Arguments) -> Value:
    deployer = arguments.frame.context.deployer
    if deployer is None or arguments.frame.session.predicting:
        raise PendingError
    return as_value(dict(deployer))


@function("tenant")
def _tenant(arguments: Arguments) -> Value:
    tenant = arguments.frame.context.scope.tenant_id
    if not tenant:
        raise PendingError
    session = arguments.frame.session
    if session.runtime is not None and not session.predicting:
        return _members(session.runtime.tenant()) | {"id": f"/tenants/{tenant}", "tenantId": tenant}
    return {
        "countryCode": _deferred(arguments.name, "countryCode"),
        "displayName": _deferred(arguments.name, "displayName"),
        "id": f"/tenants/{tenant}",
        "tenantId": tenant,
    }


@function("subscription", 0, 1)
def _subscription(arguments: Arguments) -> Value:
    scope = arguments.frame.context.scope
    subscription = arguments.text(0) if len(arguments) else scope.subscription_id
    if subscription is None:
        raise TemplateError("The deployment metadata 'subscription' is not valid.")
    if len(arguments):
        if not GUID.match(subscription):
            raise TemplateError(
                f"The provided value '{subscription}' is not valid subscription identifier. Please see "
                "https://aka.ms/arm-resource-functions/#subscriptionresourceid for usage details."
            )
        return {"id": f"/subscriptions/{subscription}", "subscriptionId": subscription}
    session = arguments.frame.session
    if session.runtime is not None and not session.predicting and not is_expression(subscription):
        # Members: learn.microsoft.com, azure/azure-resource-manager/templates/template-functions-resource#subscription
        known: dict[str, Value] = {
            "id": f"/subscriptions/{subscription}",
            "subscriptionId": subscription,
            "tenantId": scope.tenant_id,
        }
        return {**known, **_members(session.runtime.subscription(subscription))}
    found = from_text(subscription)
    known_id: Value = f"/subscriptions/{subscription}"
    if isinstance(found, Unresolved):
        known_id = Unresolved(Call("concat", (Literal("/subscriptions/"), found.expression)))
    return {
        "id": known_id,
        "subscriptionId": found,
        "tenantId": scope.tenant_id or _deferred("tenant", "tenantId"),
        "displayName": _deferred(arguments.name, "displayName"),
    }


@function("resourceGroup", 0, 2)
def _resource_group(arguments: Arguments) -> Value:
    frame = arguments.frame
    scope = frame.context.scope
    subscription, name = scope.subscription_id, scope.resource_group
    if len(arguments) == 1:
        name = arguments.text(0)
    elif len(arguments) == 2:
        subscription, name = arguments.text(0), arguments.text(1)
    if name is None or subscription is None:
        raise TemplateError("The deployment metadata 'resourceGroup' is not valid.")
    if frame.session.runtime is not None and not frame.session.predicting:
        return as_value(frame.session.runtime.resource_group(subscription, name))
    group: dict[str, Value] = {
        "id": f"/subscriptions/{subscription}/resourceGroups/{name}",
        "name": from_text(name),
        "type": GROUP_TYPE,
    }
    if is_expression(name) or is_expression(subscription):
        parts = (to_expression(from_text(subscription)), Literal(GROUP_TYPE), to_expression(from_text(name)))
        group["id"] = Unresolved(Call("subscriptionResourceId", parts))
    if len(arguments):
        return group
    location = frame.context.resource_group_location
    recorded = frame.session.groups.get(str(group["id"]).lower())
    given = {"location": location} if location is not None else {}
    members = (
        ("location", "tags", "managedBy", "properties")
        if given and recorded is None
        else ("location", "tags", "properties")
    )
    known: dict[str, Value] = {**given, **(recorded or {})}
    return group | {name: known.get(name, _deferred(arguments.name, name)) for name in members}


@function("managementGroup", 0, 1)
def _management_group(arguments: Arguments) -> Value:
    name = arguments.text(0) if len(arguments) else arguments.frame.context.scope.management_group
    if name is None:
        raise TemplateError("The deployment metadata 'managementGroup' is not valid.")
    group: dict[str, Value] = {
        "id": f"/providers/Microsoft.Management/managementGroups/{name}",
        "name": name,
        "type": "Microsoft.Management/managementGroups",
    }
    if len(arguments):
        return group | {"type": f"/providers/{group['type']}"}
    return group | {"properties": _deferred(arguments.name, "properties")}
