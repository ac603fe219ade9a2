"""Converts values to JSON and text; an unresolved value becomes the expression that remains to be evaluated."""

from __future__ import annotations

import json
from math import isinf, isnan
from typing import TYPE_CHECKING

from installer.arm_templates.expressions import Call, Expression, Literal, is_expression, parse, render
from installer.arm_templates.limits import grow
from installer.arm_templates.values import Lambda, Unresolved, Value

if TYPE_CHECKING:
    from installer.jsontypes import Json


def to_expression(value: Value | Lambda) -> Expression:
    """The expression that yields ``value``."""
    if isinstance(value, Unresolved):
        return value.expression
    if isinstance(value, Lambda):
        return value.source
    if value is None:
        return Call("null")
    if isinstance(value, bool):
        return Call("true" if value else "false")
    if isinstance(value, float):
        return Call("json", (Literal(number_text(value)),))
    if isinstance(value, list):
        return Call("createArray", tuple(to_expression(item) for item in value))
    if isinstance(value, dict):
        parts: list[Expression] = []
        for key, item in value.items():
            parts += (Literal(key), to_expression(item))
        return Call("createObject", tuple(parts))
    return Literal(value)


def from_text(text: str) -> Value:
    """A text of a plan, such as a name or an id, as a value: one in brackets is an expression that remains."""
    return Unresolved(parse(text)) if is_expression(text) else text


def to_json(value: Value) -> Json:
    """The value as JSON; unresolved parts become ``[expression]`` text."""
    grow()
    if isinstance(value, Unresolved):
        return f"[{render(value.expression)}]"
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    return value


def number_text(value: float) -> str:
    """A float as .NET's JSON writer prints it, exponent in upper case."""
    if isnan(value) or isinf(value):
        return "NaN" if isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return repr(value).replace("e", "E")


def json_text(value: Value, *, quote: str = '"') -> str:
    """Compact JSON as the engine prints it inside strings (format() quotes with apostrophes)."""
    if isinstance(value, dict):
        members = (f"{_quoted(key, quote)}:{json_text(item, quote=quote)}" for key, item in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(json_text(item, quote=quote) for item in value) + "]"
    if isinstance(value, str):
        return _quoted(value, quote)
    if isinstance(value, float):
        return number_text(value)
    return json.dumps(to_json(value))


def _quoted(text: str, quote: str) -> str:
    body = json.dumps(text, ensure_ascii=False)[1:-1]
    if quote == "'":
        body = body.replace('\\"', '"').replace("'", "\\'")
    for character, escape in (("\x85", "\\u0085"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        body = body.replace(character, escape)
    return quote + body + quote
