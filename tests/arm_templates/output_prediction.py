"""Outputs of a plan as the compiler's snapshot predicts them. The product predicts resources only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.expressions import render
from installer.arm_templates.limits import guarded
from installer.arm_templates.to_text import to_expression, to_json
from installer.arm_templates.values import Unresolved

if TYPE_CHECKING:
    from installer.arm_templates import Plan
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json


@guarded
def predicted_outputs(plan: Plan) -> dict[str, Json]:
    """``{name: value}``: a value that is unresolved in part becomes one expression, a literal null is left out."""
    offline = plan._offline()
    shown: dict[str, Json] = {}
    declared = offline.frame.template.get("outputs")
    for name, entry in offline.output_values().items():
        value = entry["value"] if isinstance(entry, dict) else entry
        definition = declared.get(name) if isinstance(declared, dict) else None
        written = definition.get("value") if isinstance(definition, dict) else None
        if value is not None or written is not None:
            shown[name] = f"[{render(to_expression(value))}]" if _has_unresolved(value) else to_json(value)
    return shown


def _has_unresolved(value: Value) -> bool:
    if isinstance(value, list):
        return any(_has_unresolved(item) for item in value)
    if isinstance(value, dict):
        return any(_has_unresolved(item) for item in value.values())
    return isinstance(value, Unresolved)
