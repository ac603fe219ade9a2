"""Cron expressions as Prefect reads them, without Prefect: a wrong one is found before anything is deployed.

Prefect 3.8.8 takes what its copy of croniter takes, without random and hashed fields (types/_schedule.py,
_vendor/croniter/croniter.py); tests/flow_project/test_cron.py compares this with it.
"""

import re
from typing import Final

_ALIASES: Final = frozenset({"@midnight", "@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@annually"})
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
    ("second", 0, 59, ()),
    ("year", 1970, 2099, ()),
)
_FEWEST: Final = 5
_DAY, _WEEKDAY = 2, 4
_RANGE: Final = re.compile(r"(?P<low>[^-/]+)(-(?P<high>[^-/]+))?(/(?P<step>\d+))?")


def cron_problem(expression: str) -> str:
    """The problem of an expression, "" if there is none."""
    text = expression.strip().lower()
    if text in _ALIASES:
        return ""
    fields = text.split()
    if not _FEWEST <= len(fields) <= len(_FIELDS):
        return f'cron "{expression}" needs five fields, such as "0 6 * * *"'
    for number, field in enumerate(fields):
        name, least, most, names = _FIELDS[number]
        for part in field.split(","):
            if not _is_part(part, number, field, count=len(fields)):
                words = f" or {names[0]} to {names[-1]}" if names else ""
                return f'cron "{expression}": the {name} {part or "(empty)"} is not valid; it is {least} to {most}{words}, or *'
    return ""


def _is_part(part: str, number: int, field: str, *, count: int) -> bool:
    """Whether a part of a field is valid; in an expression of more than five fields, 0 and 7 as days differ."""
    _, least, most, names = _FIELDS[number]
    if number == _DAY and count == _FEWEST + 1:
        least = 0
    elif number == _WEEKDAY and count > _FEWEST:
        most = len(_DAYS) - 1
    if part == "?":
        return number in (_DAY, _WEEKDAY) and field == "?"
    if number == _DAY and part == "l":
        return True
    if number == _WEEKDAY and (special := re.fullmatch(r"(?P<day>[^#]+)#[1-5]|l(?P<last>.+)", part)):
        part = special["day"] or special["last"]
    match = _RANGE.fullmatch(part)
    if match is None:
        return False
    low, high, step = match["low"], match["high"], match["step"]
    if step is not None and int(step) < 1:
        return False
    if low == "*":
        return high is None
    first = _number(low, names)
    last = most if number == _DAY and high == "l" else _number(high, names) if high is not None else first
    return first is not None and last is not None and least <= first <= most and 0 <= last <= most


def _number(text: str, names: tuple[str, ...]) -> int | None:
    if text.isdecimal():
        return int(text)
    return names.index(text) + (1 if names is _MONTHS else 0) if text in names else None
