"""The id of a resource in its scope: text, or the expression that gets it where a part is known only during the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.deferred_scope import is_known, prefix
from installer.arm_templates.evaluator import resolve
from installer.arm_templates.expressions import Access, Call, Expression, Literal, render
from installer.arm_templates.nodes import DEPLOYMENTS
from installer.arm_templates.to_text import from_text, to_expression
from installer.arm_templates.values import Unresolved
from installer.resource_id import resource_id

if TYPE_CHECKING:
    from installer.arm_templates.frames import Locals
    from installer.arm_templates.nodes import Node, OwningPlan
    from installer.arm_templates.scopes import Scope
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json


def identifier(where: Scope, declared: Value, kind: str, name: Value) -> str:
    """The id of a resource.

    Args:
        where: The scope that it is deployed to.
        declared: The scope that it names itself, as `declared_scope` has it.
        kind: Its type.
        name: Its name, which may be unresolved.

    """
    if declared is None:
        if is_known(where) and not isinstance(name, Unresolved):
            return resource_id(where.id, kind, str(name))
        return _text(_in_scope(where, kind, _parts(kind, name)))
    if isinstance(declared, Unresolved):
        return _text(_in_unresolved(where, declared.expression, kind, _parts(kind, name)))
    base = _absolute(str(declared), where)
    if isinstance(base, str) and not isinstance(name, Unresolved):
        return resource_id(base.rstrip("/"), kind, str(name))
    return _text(Call("extensionResourceId", (to_expression(base), Literal(kind), *_parts(kind, name))))


def child_name(parent: Value, own: Value) -> Value:
    """The name of a resource that is declared inside another one."""
    if not isinstance(parent, Unresolved) and not isinstance(own, Unresolved):
        return f"{parent}/{own}"
    tail = to_expression(own)
    if isinstance(own, Unresolved):
        tail = Call("join", (_segments(own.expression), Literal("/")))
    return Unresolved(Call("concat", (to_expression(parent), Literal("/"), tail)))


def declared_scope(plan: OwningPlan, definition: dict[str, Json], scope: Locals, parent: Node | None) -> Value:
    """The scope that a resource names, or the ``parent`` that it is declared in; None without any."""
    if str(definition.get("type", "")).lower() == DEPLOYMENTS:
        return None
    value = resolve(definition.get("scope"), plan.frame, scope)
    if value is None and parent is not None:
        return declared_scope(parent.plan, parent.definition, parent.locals, parent.parent)
    return value


def _absolute(text: str, where: Scope) -> Value:
    """A scope as an id; one that is relative counts from the scope of the deployment."""
    if text.startswith("/") or "." not in text.partition("/")[0]:
        return text
    if is_known(where):
        return f"{where.id}/providers/{text}"
    return Unresolved(Call("concat", (*prefix(where), Literal(text))))


def _in_unresolved(where: Scope, declared: Expression, kind: str, parts: list[Expression]) -> Expression:
    """The call that gets the id in a scope that the run has: the engine foresees "/" for the tenant, and a relative id."""
    absolute = Call("startsWith", (declared, Literal("/")))
    base = Call("if", (absolute, declared, Call("concat", (*prefix(where), declared))))
    extended = Call("extensionResourceId", (base, Literal(kind), *parts))
    to_tenant = Call("equals", (declared, Literal("/")))
    return Call("if", (to_tenant, Call("tenantResourceId", (Literal(kind), *parts)), extended))


def _in_scope(where: Scope, kind: str, parts: list[Expression]) -> Expression:
    """The call that gets the id of a resource in the scope of a deployment."""
    heads = [
        to_expression(from_text(part)) for part in (where.subscription_id, where.resource_group) if part is not None
    ]
    of_subscription = where.subscription_id is not None and where.resource_group is None
    return Call("subscriptionResourceId" if of_subscription else "resourceId", (*heads, Literal(kind), *parts))


def _parts(kind: str, name: Value) -> list[Expression]:
    """The segments of a name, one for each of its type."""
    if not isinstance(name, Unresolved):
        return [Literal(part) for part in str(name).split("/")]
    count = kind.count("/")
    if count <= 1:
        return [name.expression]
    segments = _segments(name.expression)
    return [Access(segments, Literal(index)) for index in range(count)]


def _segments(name: Expression) -> Expression:
    """The segments of a name that the run has, without empty ones."""
    body = Call("not", (Call("empty", (Call("lambdaVariables", (Literal("x"),)),)),))
    return Call("filter", (Call("split", (name, Literal("/"))), Call("lambda", (Literal("x"), body))))


def _text(tree: Expression) -> str:
    return f"[{render(tree)}]"
