"""Parameters and variables by name, evaluated on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates import evaluator, limits
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.frames import DEFAULT, STATIC, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.arm_templates.frames import Frame
    from installer.arm_templates.values import Value

FUNCTIONS_HELP = "Please see https://aka.ms/arm-functions for usage details."
SYNTAX_HELP = "Please see https://aka.ms/arm-syntax-{} for usage details."


def unknown_parameter(name: str) -> TemplateError:
    """The error for a parameter that the template does not declare."""
    return TemplateError(
        f"The template parameter '{name}' is not found. {SYNTAX_HELP.format('parameters')}", path=f"parameters.{name}"
    )


def _cycle(kind: str, pending: Iterable[str], name: str) -> TemplateError:
    chain = [entry.partition(" ")[2] for entry in pending if entry.startswith(f"{kind} ")]
    start = next((index for index, entry in enumerate(chain) if entry.lower() == name.lower()), 0)
    first = chain[start]
    return TemplateError(
        f"The '{first}' symbol's definition cycles back to itself ({' -> '.join([*chain[start:], first])}).",
        path=f"{kind}s.{first}",
    )


def parameter(frame: Frame, name: str) -> Parameter:
    """A parameter of the template; evaluates its default value on first use."""
    key = name.lower()
    found = frame.parameters.get(key)
    if found is not None:
        return found
    default = frame.defaults.get(key)
    if default is None:
        raise unknown_parameter(name)
    mark = f"parameter {default.name}"
    if mark in frame.pending:
        raise _cycle("parameter", frame.pending, name)
    frame.pending[mark] = None
    try:
        value = evaluator.resolve(default.definition.get("defaultValue"), frame, DEFAULT)
        frame.types.check(default.definition, value, default.name)
    finally:
        del frame.pending[mark]
    kind = frame.types.kind(default.definition, value)
    found = Parameter(kind, value, kind.startswith("Secure"))
    frame.parameters[key] = found
    return found


def variable(frame: Frame, name: str) -> Value:
    """The value of a variable of the template; reference() is not allowed in it."""
    key = name.lower()
    if key in frame.cache:
        return frame.cache[key]
    if key not in frame.variables and key not in frame.loops:
        raise TemplateError(
            f"The template variable '{name}' is not found. {SYNTAX_HELP.format('variables')}", path=f"variables.{name}"
        )
    mark = f"variable {name}"
    if mark in frame.pending:
        raise _cycle("variable", frame.pending, name)
    frame.pending[mark] = None
    try:
        if key in frame.loops:
            value = evaluator.unroll(frame.loops[key], frame, STATIC)
        else:
            value = evaluator.resolve(frame.variables[key], frame, STATIC)
        limits.charge_size(value)
    except TemplateError as error:
        if error.path:
            raise
        text = f"The template variable '{name}' is not valid: {error.message}. {FUNCTIONS_HELP}"
        raise error.wrapped(text).at(f"variables.{name}") from None
    finally:
        del frame.pending[mark]
    frame.cache[key] = value
    return value
