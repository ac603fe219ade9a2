"""The target scope of a resource, and its id in that scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.errors import TemplateError
from installer.arm_templates.evaluator import evaluate, resolve
from installer.arm_templates.expressions import Call, Literal, is_expression
from installer.arm_templates.nodes import DEPLOYMENTS
from installer.arm_templates.scopes import Scope
from installer.arm_templates.to_text import to_json
from installer.arm_templates.values import Unresolved

if TYPE_CHECKING:
    from installer.arm_templates.frames import Locals
    from installer.arm_templates.nodes import Node, OwningPlan
    from installer.jsontypes import Json


def target_scope(plan: OwningPlan, definition: dict[str, Json], scope: Locals) -> Scope:
    """The scope of a deployment or existing resource by its target properties; otherwise the scope of the plan."""
    here = plan.context.scope
    deployment = str(definition.get("type", "")).lower() == DEPLOYMENTS
    if not deployment and definition.get("existing") is not True:
        return here
    target = {
        key: resolve(definition[key], plan.frame, scope)
        for key in ("resourceGroup", "subscriptionId", "scope")
        if key in definition
    }
    group, subscription, base = (target.get(key) or None for key in ("resourceGroup", "subscriptionId", "scope"))
    if isinstance(base, str) and deployment:
        return parse_scope(base, here)
    if group is not None:
        chosen = str(to_json(subscription)) if subscription is not None else here.subscription_id
        return Scope("resourceGroup", here.tenant_id, chosen, str(to_json(group)))
    if subscription is not None:
        return Scope("subscription", here.tenant_id, str(to_json(subscription)))
    return here


def refuse_target(node: Node) -> None:
    """Refuse a target of a deployment or an existing resource that is no subscription, or no resource group."""
    plan, definition, texts = node.plan, node.definition, {}
    if is_expression(node.name) or not (node.is_deployment or node.existing):
        return
    for key in ("subscriptionId", "resourceGroup"):
        value = resolve(definition[key], plan.frame, node.locals) if key in definition else None
        if isinstance(value, Unresolved):
            return
        if value:
            texts[key] = str(value)
    if not texts:
        return
    here = plan.context.scope.subscription_id
    heads = [texts.get("subscriptionId", here or ""), *([texts["resourceGroup"]] if "resourceGroup" in texts else [])]
    function = "resourceId" if "resourceGroup" in texts else "subscriptionResourceId"
    texts_of_id = (*heads, node.type, *node.name.split("/"))
    evaluate(Call(function, tuple(Literal(text) for text in texts_of_id)), plan.frame, node.locals)


def refuse_location(node: Node) -> None:
    """Refuse a nested deployment to a resource group that names a location, and one to any other scope that names none.

    Source: the compiler's snapshot; code and text also in github.com/Azure/bicep-deploy/issues/79 and
    github.com/MicrosoftDocs/azure-docs/issues/69681.
    """
    if node.excluded or not node.is_deployment:
        return
    location = resolve(node.definition.get("location"), node.plan.frame, node.locals)
    to_group = node.scope.resource_group is not None
    if isinstance(location, Unresolved) or (location is None) == to_group:
        return
    what = (
        f"is not allowed for '{node.id}' at resource group scope" if to_group else f"must be specified for '{node.id}'"
    )
    raise TemplateError(
        f"The 'location' property {what}. Please see https://aka.ms/arm-deployment-subscription for usage details.",
        code="InvalidDeployment",
    )


def parse_scope(text: str, here: Scope) -> Scope:
    """A scope from its id: ``/``, a management group, subscription or resource group.

    An id without a slash before it is one below the scope of the deployment, which names a management group at most.
    """
    if not text.startswith("/") and (text.endswith("/") or here.subscription_id is not None):
        return here
    parts = text.strip("/").split("/")
    lower = [part.lower() for part in parts]
    if lower == [""]:
        return Scope("tenant", here.tenant_id)
    if "managementgroups" in lower:
        return Scope("managementGroup", here.tenant_id, management_group=parts[-1])
    if lower[0] == "subscriptions" and len(parts) >= 4:
        return Scope("resourceGroup", here.tenant_id, parts[1], parts[3])
    if lower[0] == "subscriptions" and len(parts) >= 2:
        return Scope("subscription", here.tenant_id, parts[1])
    return here
