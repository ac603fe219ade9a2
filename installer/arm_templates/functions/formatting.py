"""Text of values, and .NET's composite format (``{0,8:N2}``) in the invariant culture."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isinf, isnan

from installer.arm_templates.errors import TemplateError
from installer.arm_templates.functions.customformats import custom_number
from installer.arm_templates.to_text import json_text
from installer.arm_templates.utf16 import length
from installer.arm_templates.values import PendingError, Value, known

_ITEM = re.compile(r"\{(\d+)\s*(?:,\s*(-?\d+)\s*)?(?::([^{}]*))?\}")
INDEX_DIGITS = 7
_STANDARD = re.compile(r"([A-Za-z])(\d{0,9})")
WIDTH_LIMIT = 100_000
WHOLE_LIMIT = 1e17


def plain_text(value: Value) -> str:
    """A value as join() and format() write it without a format."""
    if not known(value):
        raise PendingError
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, int):
        return str(value)
    return json_text(value).replace('"', "'")


def composite(pattern: str, values: list[Value]) -> str:
    """``pattern`` with its ``{n,alignment:format}`` items filled; TemplateError when it is not well-formed."""
    result: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character in "{}" and pattern.startswith(character * 2, position):
            result.append(character)
            position += 2
        elif character in "{}":
            match = _ITEM.match(pattern, position) if character == "{" else None
            if match is None or len(match.group(1)) > INDEX_DIGITS:
                raise _malformed(pattern, position, match)
            result.append(_item(match, values))
            position = match.end()
        else:
            result.append(character)
            position += 1
    return "".join(result)


def _malformed(pattern: str, position: int, match: re.Match[str] | None) -> TemplateError:
    following = pattern[position + 1 : position + 2]
    offset, reason = position + 1, "Expected an ASCII digit."
    if match is not None:
        offset, reason = position + 1 + INDEX_DIGITS, "Format item ends prematurely."
    elif not following or pattern[position] == "}":
        reason = "Format item ends prematurely."
    elif following.isdigit():
        opened = re.compile(r"\d*\s*(?:,\s*-?\d*\s*)?:?[^{}]*").match(pattern, position + 1)
        offset, reason = (opened.end() if opened else offset), "Format item ends prematurely."
    return _refusal(f"Input string was not in a correct format. Failure to parse near offset {offset}. {reason}")


def _refusal(reason: str) -> TemplateError:
    return TemplateError(
        f"Unable to evaluate language function 'format': the format is invalid: '{reason}'. Please see "
        "https://aka.ms/arm-function-format for usage details."
    )


def _item(match: re.Match[str], values: list[Value]) -> str:
    index = int(match.group(1))
    if index >= len(values):
        raise _refusal(
            "Index (zero based) must be greater than or equal to zero and less than the size of the argument list."
        )
    value = values[index]
    form = match.group(3) or ""
    if form and isinstance(value, int | float) and not isinstance(value, bool):
        text = number(value, form)
    else:
        text = plain_text(value)
    width = int(match.group(2) or 0)
    if abs(width) > WIDTH_LIMIT:
        raise _refusal("Input string was not in a correct format.")
    blank = " " * (abs(width) - length(text))
    return text + blank if width < 0 else blank + text


def number(value: float, form: str) -> str:
    """A number in a .NET standard (``N2``) or custom (``#,##0.00``) format."""
    match = _STANDARD.fullmatch(form)
    if match is None:
        return custom_number(Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value), form)
    letter, digits = match.group(1), match.group(2)
    precision = int(digits) if digits else None
    if precision is not None and precision > WIDTH_LIMIT:
        raise _refusal("Format specifier was invalid.")
    if isinstance(value, float) and (isinf(value) or isnan(value)):
        return _float_text(value)
    kind = letter.upper()
    if kind in "DXB" and isinstance(value, int):
        return _integer(value, letter, precision or 0)
    return _real(Decimal(value), value, letter, precision)


def _integer(value: int, letter: str, precision: int) -> str:
    if letter in "dD":
        sign = "-" if value < 0 else ""
        return sign + str(abs(value)).zfill(precision)
    bits = value & (2**64 - 1)
    text = format(bits, letter if letter != "B" else "b")
    return text.zfill(precision)


def _real(amount: Decimal, value: float, letter: str, precision: int | None) -> str:
    kind = letter.upper()
    sign = "-" if amount.is_signed() else ""
    size = abs(amount)
    places = 2 if precision is None else precision
    if kind == "F":
        return sign + _fixed(size, places)
    if kind == "N":
        return sign + _grouped(_fixed(size, places))
    if kind == "P":
        return sign + _grouped(_fixed(size * 100, places)) + " %"
    if kind == "C":
        text = "¤" + _grouped(_fixed(size, places))
        return f"({text})" if sign else text
    if kind == "E":
        return _exponential(amount, letter, 6 if precision is None else precision)
    if kind in "GR":
        return _general(amount, value, precision or 0, letter)
    raise _refusal("Format specifier was invalid.")


def _fixed(size: Decimal, places: int) -> str:
    return f"{size:.{places}f}"


def _grouped(text: str) -> str:
    whole, dot, fraction = text.partition(".")
    return f"{int(whole):,}{dot}{fraction}"


def _exponential(amount: Decimal, letter: str, places: int) -> str:
    text = f"{amount:.{places}e}" if amount else f"{float(amount):.{places}e}"
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}{letter}{exponent[0]}{exponent[1:].zfill(3)}"


def _general(amount: Decimal, value: float, precision: int, letter: str) -> str:
    if precision == 0:
        return _float_text(value) if isinstance(value, float) else str(value)
    text = f"{amount:.{precision}G}"
    mantissa, exponent_mark, exponent = text.partition("E")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    if not exponent_mark:
        return mantissa
    mark = "e" if letter == "g" else "E"
    return f"{mantissa}{mark}{exponent[0]}{exponent[1:].zfill(2)}"


def _float_text(value: float) -> str:
    if isnan(value) or isinf(value):
        return "NaN" if isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == int(value) and abs(value) < WHOLE_LIMIT:
        return f"{value:.0f}"
    mantissa, mark, exponent = repr(value).partition("e")
    if not mark:
        return mantissa
    return f"{mantissa.removesuffix('.0')}E{exponent[0]}{exponent[1:].zfill(2)}"
