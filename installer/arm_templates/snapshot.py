"""Prediction: the resources that a deployment would send, evaluated offline as far as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.expressions import render
from installer.arm_templates.to_text import to_expression, to_json
from installer.arm_templates.values import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.arm_templates.nodes import Node, OwningPlan
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json


def predicted_resources(plan: OwningPlan) -> Iterator[dict[str, Json]]:
    """All resources of a plan in a predicting session, those of nested deployments in their place."""
    for node in _ordered(plan):
        if node.existing or node.excluded:
            continue
        if node.is_deployment:
            if not node.opaque:
                yield from predicted_resources(node.predicted())
                node.predicted_outputs()  # What nobody asks for has to make sense, too.
        else:
            members = node.evaluated(plan.frame)
            body = {key: to_json(value) for key, value in members.items() if _said(node, key, value)}
            if node.extension is not None:
                yield {**body, "type": node.type}
                continue
            head: dict[str, Json] = {"id": node.id, "type": node.type}
            if not isinstance(node.condition, bool):
                head["condition"] = to_json(node.condition)
            yield {**head, "name": node.name, "apiVersion": node.api_version, **body}


def _said(node: Node, name: str, value: Value) -> bool:
    """What is null is as if it were not there, but for properties that an expression makes null."""
    return value is not None or (name == "properties" and node.definition.get(name) is not None)


def predicted_outputs(plan: OwningPlan) -> dict[str, Json]:
    """The outputs: one with a part that only the run knows becomes one expression, one that says null is left out."""
    shown: dict[str, Json] = {}
    declared = plan.frame.template.get("outputs")
    for name, entry in plan.output_values().items():
        value = entry["value"] if isinstance(entry, dict) else entry
        definition = declared.get(name) if isinstance(declared, dict) else None
        given = definition.get("value") if isinstance(definition, dict) else None
        if value is not None or given is not None:
            shown[name] = f"[{render(to_expression(value))}]" if _open(value) else to_json(value)
    return shown


def _open(value: Value) -> bool:
    """Whether something in a value is known to the run only."""
    if isinstance(value, list):
        return any(_open(item) for item in value)
    if isinstance(value, dict):
        return any(_open(item) for item in value.values())
    return isinstance(value, Unresolved)


def _ordered(plan: OwningPlan) -> list[Node]:
    """Depth first in template order: what a node depends on stands before it, also what one without a place depends on."""
    nodes = {node.key: node for node in plan.every}
    done: dict[str, Node] = {}
    for first in plan.every:
        stack = [first]
        entered: set[str] = set()
        while stack:
            node = stack[-1]
            if node.key in done:
                stack.pop()
            elif node.key in entered:
                done[node.key] = node
                stack.pop()
            else:
                entered.add(node.key)
                before = [nodes[key] for key in node.dependencies.foretold if key in nodes and key not in done]
                stack += [other for other in reversed(before) if other.key not in entered]
    return list(done.values())
