"""Evaluates the outputs section of a template: conditions, copy loops, types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from installer.arm_templates.errors import Place, TemplateError
from installer.arm_templates.evaluator import resolve, unroll
from installer.arm_templates.frames import OUTPUT, STATIC
from installer.arm_templates.values import Unresolved

if TYPE_CHECKING:
    from installer.arm_templates.frames import Frame
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json


class LocatedPlan(Protocol):
    """A plan that knows the positions of its template in the submitted document."""

    @property
    def root(self) -> Place:
        """Where the template starts in the submitted document."""

    def position(self, place: Place) -> tuple[int, int]:
        """Line and column of a place in the submitted document."""


def evaluated(plan: LocatedPlan, frame: Frame) -> dict[str, tuple[str, Value]]:
    """ARM type and value of each output whose condition holds, evaluated in ``frame``."""
    declared = frame.template.get("outputs")
    result: dict[str, tuple[str, Value]] = {}
    for name, definition in (declared if isinstance(declared, dict) else {}).items():
        if not isinstance(definition, dict):
            raise TemplateError(f"The template output '{name}' is not valid.")
        try:
            if resolve(definition.get("condition"), frame, STATIC) is False:
                continue
            copy = definition.get("copy")
            if isinstance(copy, dict):
                value = unroll({"name": name, **copy}, frame, OUTPUT, unnamed=True)
            else:
                value = resolve(definition.get("value"), frame, OUTPUT)
            _check_output(definition, value, name, frame)
        except TemplateError as error:
            raise error.at(f"outputs.{name}", *plan.position((*plan.root, "outputs", name))) from None
        result[name] = frame.types.kind(definition, value), value
    return result


def _check_output(definition: dict[str, Json], value: Value, name: str, frame: Frame) -> None:
    """Refuse an output of the wrong type, unless its value turns out to be unresolved before the run."""
    try:
        frame.types.check(definition, value, name, "output")
    except TemplateError:
        deferred = resolve(definition.get("value"), frame.deferred(), OUTPUT) if frame.predicts_references else None
        if not isinstance(deferred, Unresolved):
            raise
