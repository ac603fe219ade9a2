"""Dates in .NET's standard and custom formats, invariant culture."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from installer.arm_templates.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

DEFAULT_FORMAT = "yyyy-MM-ddTHH:mm:ssZ"
_STANDARD = {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    "m": "MMMM dd",
    "M": "MMMM dd",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffzzz",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffzzz",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "y": "yyyy MMMM",
    "Y": "yyyy MMMM",
}
_UNIVERSAL = "rRuU"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PIECE = re.compile(r"'[^']*'|\"[^\"]*\"|\\.|d+|f+|F+|g+|h+|H+|K|m+|M+|s+|t+|y+|z+|%.|.", re.DOTALL)


def format_date(name: str, moment: datetime, offset: int, form: str) -> str:
    """``moment`` (local time at ``offset`` minutes from UTC) in ``form``; ``name`` is the calling function."""
    if not form:
        form = "MM/dd/yyyy HH:mm:ss zzz"
    if len(form) == 1:
        if form not in _STANDARD:
            which = "third parameter" if name.lower() == "datetimeadd" else "parameter"
            raise TemplateError(
                f"The template function '{name}' has an invalid parameter. The {which} '{form}' is not a valid "
                "DateTime format string. Please see https://aka.ms/arn-template#functions ."
            )
        if form in _UNIVERSAL:
            moment, offset = moment - timedelta(minutes=offset), 0
        form = _STANDARD[form]
    return "".join(_piece(piece, moment, offset) for piece in _PIECE.findall(form))


def _piece(piece: str, moment: datetime, offset: int) -> str:
    if piece[0] in "'\"":
        return piece[1:-1]
    if piece[0] == "\\":
        return piece[1:]
    if piece[0] == "%" and len(piece) > 1:
        return _piece(piece[1:], moment, offset)
    writer = _WRITERS.get(piece[0])
    return writer(len(piece), moment, offset) if writer else piece


def _day(count: int, moment: datetime, _: int) -> str:
    if count > 2:
        name = _DAYS[moment.weekday()]
        return name[:3] if count == 3 else name
    return str(moment.day).zfill(count)


def _month(count: int, moment: datetime, _: int) -> str:
    if count > 2:
        name = MONTHS[moment.month - 1]
        return name[:3] if count == 3 else name
    return str(moment.month).zfill(count)


def _year(count: int, moment: datetime, _: int) -> str:
    if count <= 2:
        return str(moment.year % 100).zfill(count)
    return str(moment.year).zfill(count)


def _fraction(count: int, moment: datetime, _: int) -> str:
    return f"{moment.microsecond:06d}0"[:count]


def _short_fraction(count: int, moment: datetime, _: int) -> str:
    return f"{moment.microsecond:06d}0"[:count].rstrip("0")


def _am_pm(count: int, moment: datetime, _: int) -> str:
    return ("AM" if moment.hour < 12 else "PM")[: min(count, 2)]


def _zone(count: int, _: datetime, offset: int) -> str:
    sign = "-" if offset < 0 else "+"
    hours, minutes = divmod(abs(offset), 60)
    if count == 1:
        return f"{sign}{hours}"
    return f"{sign}{hours:02d}" if count == 2 else f"{sign}{hours:02d}:{minutes:02d}"


_WRITERS: dict[str, Callable[[int, datetime, int], str]] = {
    "d": _day,
    "M": _month,
    "y": _year,
    "f": _fraction,
    "F": _short_fraction,
    "t": _am_pm,
    "z": _zone,
    "h": lambda count, moment, _: str((moment.hour + 11) % 12 + 1).zfill(min(count, 2)),
    "H": lambda count, moment, _: str(moment.hour).zfill(min(count, 2)),
    "m": lambda count, moment, _: str(moment.minute).zfill(min(count, 2)),
    "s": lambda count, moment, _: str(moment.second).zfill(min(count, 2)),
    "g": lambda _count, _moment, _offset: "A.D.",
    "K": lambda _count, moment, offset: _zone(3, moment, offset),
}
