"""The target scope of a resource, and its id in that scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.evaluator import resolve
from installer.arm_templates.expressions import Access, Call, Expression, Literal, render
from installer.arm_templates.nodes import DEPLOYMENTS
from installer.arm_templates.scopes import Scope
from installer.arm_templates.to_text import to_expression, to_json

if TYPE_CHECKING:
    from installer.arm_templates.frames import Locals
    from installer.arm_templates.nodes import Node, OwningPlan
    from installer.arm_templates.values import Unresolved
    from installer.jsontypes import Json


def target_scope(plan: OwningPlan, definition: dict[str, Json], scope: Locals) -> Scope:
    """The scope of a deployment or existing resource by its target properties; otherwise the scope of the plan."""
    here = plan.context.scope
    deployment = str(definition.get("type", "")).lower() == DEPLOYMENTS
    if not deployment and definition.get("existing") is not True:
        return here
    target = {
        key: resolve(definition[key], plan.frame, scope)
        for key in ("subscriptionId", "resourceGroup", "scope")
        if key in definition
    }
    subscription, group, base = (target.get(key) for key in ("subscriptionId", "resourceGroup", "scope"))
    if isinstance(base, str) and deployment:
        return parse_scope(base, here)
    if group is not None:
        chosen = str(to_json(subscription)) if subscription is not None else here.subscription_id
        return Scope("resourceGroup", here.tenant_id, chosen, str(to_json(group)))
    if subscription is not None:
        return Scope("subscription", here.tenant_id, str(to_json(subscription)))
    return here


def parse_scope(text: str, here: Scope) -> Scope:
    """A scope from its id: ``/``, a management group, subscription or resource group."""
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


def base_id(plan: OwningPlan, definition: dict[str, Json], scope: Locals, where: Scope, parent: Node | None) -> str:
    """The id that the resource's own provider path is appended to."""
    value = resolve(definition.get("scope"), plan.frame, scope)
    deployment = str(definition.get("type", "")).lower() == DEPLOYMENTS
    if value is None and parent is not None:
        return parent.id.rpartition("/providers/")[0]
    if value is None or deployment:
        return where.id
    text = str(to_json(value))
    if text.startswith("/"):
        return text.rstrip("/")
    kind, _, _ = text.partition("/")
    return f"{where.id}/providers/{text}" if "." in kind else text


def deferred_id(where: Scope, base: str, kind: str, name: Unresolved) -> str:
    """The id of a resource whose name is known only during the run, as the engine writes it."""
    count = kind.count("/")
    parts: list[Expression] = [name.expression]
    if count > 1:
        body = Call("not", (Call("empty", (Call("lambdaVariables", (Literal("x"),)),)),))
        pieces = Call("split", (name.expression, Literal("/")))
        segments = Call("filter", (pieces, Call("lambda", (Literal("x"), body))))
        parts = [Access(segments, Literal(index)) for index in range(count)]
    if base != where.id:
        return f"[{render(Call('extensionResourceId', (Literal(base), Literal(kind), *parts)))}]"
    heads = [part for part in (where.subscription_id, where.resource_group) if part is not None]
    call = Call("resourceId", (*(to_expression(part) for part in heads), Literal(kind), *parts))
    return f"[{render(call)}]"
