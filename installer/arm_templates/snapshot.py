"""Prediction: the resources that a deployment would send, evaluated offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.expressions import Call
from installer.arm_templates.to_text import to_json
from installer.arm_templates.values import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.arm_templates.nodes import Node, OwningPlan
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json


def predicted_resources(plan: OwningPlan, *, condition: Value = True) -> Iterator[dict[str, Json]]:
    """All resources of a plan in a predicting session; a nested deployment is replaced by its resources.

    ``condition`` is that of the deployment.
    """
    for node in _ordered(plan):
        if node.existing or node.excluded:
            continue
        if node.is_deployment:
            if not node.opaque:
                yield from predicted_resources(node.predicted(), condition=_both(condition, node.condition))
                node.predicted_outputs()  # Unused outputs must be valid, too.
        else:
            members = node.evaluated(plan.frame)
            body = {key: to_json(value) for key, value in members.items() if _is_sent(node, key, value)}
            if node.extension is not None:
                yield {**body, "type": node.type}
                continue
            head: dict[str, Json] = {"id": node.id, "type": node.type}
            if not isinstance(both := _both(condition, node.condition), bool):
                head["condition"] = to_json(both)
            yield {**head, "name": node.name, "apiVersion": node.api_version, **body}


def _both(outer: Value, inner: Value) -> Value:
    """The condition of a resource in a deployment with a condition; both are true or unresolved."""
    if isinstance(outer, Unresolved) and isinstance(inner, Unresolved):
        return Unresolved(Call("and", (outer.expression, inner.expression)))
    return outer if isinstance(outer, Unresolved) else inner


def _is_sent(node: Node, name: str, value: Value) -> bool:
    """Whether a member is sent: null ones are not, except properties that an expression evaluates to null."""
    return value is not None or (name == "properties" and node.definition.get(name) is not None)


def _ordered(plan: OwningPlan) -> list[Node]:
    """Depth first in template order: dependencies come before their node, those of nodes that are not sent included.

    Nodes of which at most one is sent can have the same key; a dependency means all of them.
    """
    nodes: dict[str, list[Node]] = {}
    for node in plan.all_nodes:
        nodes.setdefault(node.key, []).append(node)
    done: dict[int, Node] = {}
    for first in plan.all_nodes:
        stack = [first]
        entered: set[int] = set()
        while stack:
            node = stack[-1]
            if id(node) in done:
                stack.pop()
            elif id(node) in entered:
                done[id(node)] = node
                stack.pop()
            else:
                entered.add(id(node))
                before = [other for key in node.dependencies.predicted for other in nodes.get(key, ())]
                stack += [other for other in reversed(before) if id(other) not in done and id(other) not in entered]
    return list(done.values())
