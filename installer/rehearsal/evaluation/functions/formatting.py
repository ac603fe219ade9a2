"""Text of values, and .NET's composite format (``{0,8:N2}``) in the invariant culture."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from math import isinf, isnan

from installer.rehearsal.evaluation.errors import TemplateError
from installer.rehearsal.evaluation.rendering import json_text
from installer.rehearsal.evaluation.units import length
from installer.rehearsal.evaluation.values import PendingError, Value, known

_ITEM = re.compile(r"\{\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?(?::((?:[^{}]|\{\{|\}\})*))?\}")
_STANDARD = re.compile(r"([A-Za-z])(\d{0,9})")
WIDTH_LIMIT = 100_000


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
    return json_text(value, quote="'")


def composite(pattern: str, values: list[Value]) -> str:
    """``pattern`` with its ``{n,alignment:format}`` items filled; TemplateError when it is not well-formed."""
    result: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if pattern.startswith((character * 2), position) and character in "{}":
            result.append(character)
            position += 2
        elif character == "{":
            match = _ITEM.match(pattern, position)
            if match is None:
                raise _refusal("Input string was not in a correct format.")
            result.append(_item(match, values))
            position = match.end()
        elif character == "}":
            raise _refusal("Input string was not in a correct format.")
        else:
            result.append(character)
            position += 1
    return "".join(result)


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
    form = (match.group(3) or "").replace("{{", "{").replace("}}", "}")
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
        return _custom(Decimal(str(value)), form)
    letter, digits = match.group(1), match.group(2)
    precision = int(digits) if digits else None
    if precision is not None and precision > WIDTH_LIMIT:
        raise _refusal("Format specifier was invalid.")
    if isinstance(value, float) and (isinf(value) or isnan(value)):
        return _float_text(value)
    kind = letter.upper()
    if kind in "DXB" and isinstance(value, int):
        return _integer(value, letter, precision or 0)
    return _real(Decimal(str(value)), value, letter, precision)


def _integer(value: int, letter: str, precision: int) -> str:
    if letter in "dD":
        sign = "-" if value < 0 else ""
        return sign + str(abs(value)).zfill(precision)
    bits = value & (2**64 - 1)
    text = format(bits, letter if letter != "B" else "b")
    return text.zfill(precision)


def _real(amount: Decimal, value: float, letter: str, precision: int | None) -> str:
    kind = letter.upper()
    sign = "-" if amount < 0 else ""
    size = abs(amount)
    places = 2 if precision is None else precision
    if kind == "F":
        return _signed(sign, _fixed(size, places))
    if kind == "N":
        return _signed(sign, _grouped(_fixed(size, places)))
    if kind == "P":
        return _signed(sign, _grouped(_fixed(size * 100, places)) + " %")
    if kind == "C":
        text = "¤" + _grouped(_fixed(size, places))
        return f"({text})" if sign and text.strip("¤0.,") else text
    if kind == "E":
        return _exponential(amount, letter, 6 if precision is None else precision)
    if kind in "GR":
        return _general(amount, value, precision or 0, letter)
    raise _refusal("Format specifier was invalid.")


def _signed(sign: str, text: str) -> str:
    return sign + text if text.strip("0.,% ") else text


def _fixed(size: Decimal, places: int) -> str:
    return f"{size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}" if places < 25 else f"{size:.{places}f}"


def _grouped(text: str) -> str:
    whole, dot, fraction = text.partition(".")
    return f"{int(whole):,}{dot}{fraction}"


def _exponential(amount: Decimal, letter: str, places: int) -> str:
    mantissa, _, exponent = f"{amount:.{places}e}".partition("e")
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
        return "NaN" if isnan(value) else ("∞" if value > 0 else "-∞")
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    mantissa, mark, exponent = repr(value).partition("e")
    if not mark:
        return mantissa
    return f"{mantissa.removesuffix('.0')}E{exponent[0]}{exponent[1:].zfill(2)}"


def _custom(amount: Decimal, form: str) -> str:
    sections = _sections(form)
    section = sections[0]
    if amount < 0 and len(sections) > 1:
        section, amount = sections[1], -amount
    elif amount == 0 and len(sections) > 2:
        section = sections[2]
    literal = re.compile(r"'[^']*'|\"[^\"]*\"|\\.")
    bare = literal.sub("", section)
    whole_form, _, fraction_form = bare.partition(".")
    places = sum(character in "0#" for character in fraction_form)
    if "%" in bare:
        amount *= 100
    text = _fixed(abs(amount), places)
    whole, _, fraction = text.partition(".")
    least = whole_form.count("0")
    whole = whole.lstrip("0").rjust(least, "0")
    if "," in whole_form.strip(",") and whole:
        whole = f"{int(whole):,}".rjust(least, "0")
    kept = sum(character == "0" for character in fraction_form)
    while len(fraction) > kept and fraction.endswith("0"):
        fraction = fraction[:-1]
    digits = whole + (f".{fraction}" if fraction else "")
    sign = "-" if amount < 0 and digits.strip("0.,") else ""
    return sign + _dressed(section, digits)


def _sections(form: str) -> list[str]:
    return re.findall(r"(?:'[^']*'|\"[^\"]*\"|\\.|[^;])+", form) or [form]


def _dressed(section: str, digits: str) -> str:
    result: list[str] = []
    written = False
    for part in re.findall(r"'[^']*'|\"[^\"]*\"|\\.|[0#.,]+|[^0#.,'\"\\]+", section):
        if part[0] in "'\"":
            result.append(part[1:-1])
        elif part[0] == "\\":
            result.append(part[1:])
        elif part[0] not in "0#.,":
            result.append(part)
        elif not written:
            result.append(digits)
            written = True
    return "".join(result)
