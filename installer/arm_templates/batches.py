"""Mode and batch size of a copy loop of resources, and their refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.arm_templates.errors import TemplateError, path_text
from installer.arm_templates.evaluator import resolve
from installer.arm_templates.resource_section import shown_name, wrong_type
from installer.arm_templates.values import Unresolved

if TYPE_CHECKING:
    from installer.arm_templates.frames import Locals
    from installer.arm_templates.nodes import OwningPlan
    from installer.arm_templates.resource_section import Source
    from installer.jsontypes import Json

_HELP: Final = "Please see https://aka.ms/arm-resource-loops for usage details."
_SERIAL: Final = "serial"


def batch_size(plan: OwningPlan, source: Source, copy: dict[str, Json], scope: Locals) -> int:
    """How many instances may be deployed in parallel; 0: all of them.

    Refusals: the compiler's snapshot. Documented: the size counts in serial mode only (copy-resources#serial-or-parallel).
    """
    mode, size = (resolve(copy.get(name), plan.frame, scope) for name in ("mode", "batchSize"))
    named = f"The template resource '{shown_name(source)}'"
    if isinstance(mode, str) and mode.lower() not in {_SERIAL, "parallel"}:
        raise _refusal(
            plan, source, named, f"an invalid copy mode '{mode}'. The supported values are 'Parallel,Serial'."
        )
    if size is None or isinstance(size, Unresolved):
        return 1 if _is_serial(mode) else 0
    if isinstance(size, bool) or not isinstance(size, int):
        raise wrong_type(size, "Integer")
    if not _is_serial(mode):
        why = (
            "an unexpected copy batch size value. The copy batch size is only supported for copy mode values: 'Serial'."
        )
        raise _refusal(plan, source, named, why)
    if size < 0:
        why = "an invalid copy batch size. The copy batch size must be a non-negative integer value."
        raise _refusal(plan, source, "The template 'copy' definition", why, "copy")
    return max(size, 1)


def _is_serial(mode: object) -> bool:
    return isinstance(mode, str) and mode.lower() == _SERIAL


def _refusal(plan: OwningPlan, source: Source, what: str, why: str, *below: str) -> TemplateError:
    place = (*source.place, *below)
    line, column = plan.position(place)
    return TemplateError(
        f"{what} at line '{line}' and column '{column}' has {why} {_HELP}",
        path=path_text(place),
        line=line,
        column=column,
    )
