"""Numbers in .NET's custom formats: ``#,##0.00``, ``00-00``, ``0.0E+00``, ``pos;neg;zero``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext

_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|\\.|[eE][-+]?0+|.", re.DOTALL)
_SECTION = re.compile(r"(?:'[^']*'|\"[^\"]*\"|\\.|[^;])+")


@dataclass(slots=True)
class _Section:
    """One parsed section of a format: its tokens, and the digits it requires."""

    tokens: list[str]
    whole: int = 0
    least: int = 0
    places: int = 0
    kept: int = 0
    grouped: bool = False
    scale: int = 0
    percent: bool = False
    exponent: str = ""
    seen: bool = field(default=False)


def custom_number(amount: Decimal, form: str) -> str:
    """``amount`` in a custom format."""
    sections = _SECTION.findall(form) or [form]
    negative = amount.is_signed()
    chosen = sections[0]
    if negative and amount and len(sections) > 1:
        chosen, negative = sections[1], False
    elif not amount and len(sections) > 2:
        chosen = sections[2]
    parsed = _parsed(chosen)
    whole, fraction, exponent = _digits(abs(amount), parsed)
    signed = negative and (not amount or (whole + fraction).strip("0") != "")
    return ("-" if signed else "") + _written(parsed, whole, fraction, exponent)


def _parsed(section: str) -> _Section:
    form = _Section(_TOKEN.findall(section))
    commas = 0
    for piece in form.tokens:
        if piece in "0#":
            if form.seen:
                form.places += 1
                form.kept = form.places if piece == "0" else form.kept
            else:
                form.grouped = form.grouped or (commas > 0 and form.whole > 0)
                commas = 0
                form.whole += 1
                form.least += piece == "0" or form.least > 0
        elif piece == "," and not form.seen:
            commas += 1
        elif piece == "." and not form.seen:
            form.seen, form.scale, commas = True, commas, 0
        elif piece == "%":
            form.percent = True
        elif piece[0] in "eE" and len(piece) > 1:
            form.exponent = piece
    if not form.seen:
        form.scale = commas
    return form


def _digits(amount: Decimal, form: _Section) -> tuple[str, str, int]:
    exponent = 0
    if form.percent:
        amount *= 100
    amount = amount.scaleb(-3 * form.scale) if amount else amount
    if form.exponent and amount:
        text = f"{amount:.{max(form.whole + form.places - 1, 0)}e}"
        exponent = int(text.partition("e")[2]) - form.whole + 1
        amount = Decimal(text).scaleb(-exponent)
    whole, _, fraction = _rounded(amount, form.places).partition(".")
    while len(fraction) > form.kept and fraction.endswith("0"):
        fraction = fraction[:-1]
    return whole.lstrip("0").rjust(form.least, "0"), fraction, exponent


def _rounded(amount: Decimal, places: int) -> str:
    with localcontext(prec=places + 60):
        return f"{amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def _written(form: _Section, whole: str, fraction: str, exponent: int) -> str:
    result: list[str] = []
    placed = 0
    after = False
    for piece in form.tokens:
        if piece in "0#" and after:
            result.append(fraction[:1])
            fraction = fraction[1:]
        elif piece in "0#":
            remaining = form.whole - placed
            count = max(len(whole) - remaining + 1, 0) if placed == 0 else int(len(whole) >= remaining)
            for _ in range(count):
                result.append(whole[0])
                whole = whole[1:]
                if form.grouped and whole and len(whole) % 3 == 0:
                    result.append(",")
            placed += 1
        elif piece == "." and not after:
            after = True
            result.append("." if fraction else "")
        elif piece[0] in "'\"\\":
            result.append(piece[1:] if piece[0] == "\\" else piece[1:-1])
        elif piece[0] in "eE" and len(piece) > 1:
            sign = "-" if exponent < 0 else ("+" if "+" in piece else "")
            result.append(f"{piece[0]}{sign}{str(abs(exponent)).zfill(piece.count('0'))}")
        elif piece != ",":
            result.append(piece)
    return "".join(result)
