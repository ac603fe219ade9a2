"""Dates: dateTimeAdd, dateTimeToEpoch, dateTimeFromEpoch, utcNow."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from installer.arm_templates.arguments import Arguments, function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.functions.dateformats import DEFAULT_FORMAT, MONTHS, format_date
from installer.arm_templates.values import PendingError, Value

_DATE = re.compile(
    r"\s*(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?"
    r"(?:(?:T|\s+)(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7})\d*)?)?)?\s*(Z|GMT|[-+]\d{2}:?\d{2})?\s*\Z"
)
_UTC_NOW = re.compile(r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\Z")
"""The format of utcNow() itself; no other basic format of ISO 8601 is accepted."""
_NAMED_MONTH = re.compile(
    r"^\s*(?:(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)[a-z]*,?\s+)?(\d{1,2})\s+([A-Z][a-z]{2,8})\s+(\d{4})\b"
)
_AMERICAN = re.compile(r"^\s*(\d{1,2})/(\d{1,2})/(\d{4})")
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<Y>\d+)Y)?(?:(?P<M>\d+)M)?(?:(?P<D>\d+)D)?"
    r"(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?\Z"
)
_DAYS = {"Y": 365, "M": 30, "D": 1}
_SECONDS = {"h": 3600, "m": 60}
SYNTAX_HELP = "Please see https://aka.ms/arm-syntax-functions ."


def _with_number(match: re.Match[str]) -> str:
    """A date with the name of its month, or its first three letters, as one with its number."""
    numbers = [i for i, month in enumerate(MONTHS, 1) if match[2] in (month, month[:3])]
    return f"{match[3]}-{numbers[0]}-{match[1]}" if numbers else match[0]


def parse_date(text: str) -> tuple[datetime, int] | None:
    """The local time in ``text`` and its offset from UTC in minutes; None when it is no date."""
    text = _NAMED_MONTH.sub(_with_number, _UTC_NOW.sub(r"\1-\2-\3T\4:\5:\6Z", text))
    match = _DATE.match(_AMERICAN.sub(r"\3-\1-\2", text))
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    if not zone or zone in ("Z", "GMT"):
        return moment, 0
    digits = zone[1:].replace(":", "")
    offset = int(digits[:2]) * 60 + int(digits[2:])
    return moment, -offset if zone[0] == "-" else offset


def _invalid(name: str, which: str, what: str) -> TemplateError:
    return TemplateError(
        f"The template function '{name}' has an invalid parameter. The {which} is not a valid {what} string. "
        f"{SYNTAX_HELP}"
    )


def _duration(text: str) -> timedelta | None:
    match = _DURATION.match(text)
    if match is None or text.rstrip("-").endswith(("P", "T")):
        return None
    days = sum(int(match[unit] or 0) * size for unit, size in _DAYS.items())
    seconds = sum(int(match[unit] or 0) * size for unit, size in _SECONDS.items()) + float(match["s"] or 0)
    try:
        span = timedelta(days=days, seconds=seconds)
    except OverflowError:
        return None
    return -span if match["sign"] else span


@function("dateTimeAdd", 2, 3)
def _date_time_add(arguments: Arguments) -> Value:
    base, span = arguments.text(0), arguments.text(1)
    form = arguments.text(2) if len(arguments) > 2 and arguments.value(2) is not None else DEFAULT_FORMAT
    parsed = parse_date(base)
    if parsed is None:
        raise _invalid(arguments.name, f"first parameter '{base}'", "ISO8601 DateTime")
    added = _duration(span)
    if added is None:
        raise _invalid(arguments.name, f"second parameter '{span}'", "ISO8601 Duration")
    try:
        moment = parsed[0] + added
    except OverflowError:
        raise TemplateError(
            "The added or subtracted value results in an un-representable DateTime. (Parameter 't')"
        ) from None
    return format_date(arguments.name, moment, parsed[1], form)


@function("dateTimeToEpoch", 1)
def _date_time_to_epoch(arguments: Arguments) -> Value:
    parsed = parse_date(arguments.text(0))
    if parsed is None:
        raise _invalid(arguments.name, "parameter", "ISO8601 DateTime")
    moment, offset = parsed
    return int((moment - timedelta(minutes=offset) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))


@function("dateTimeFromEpoch", 1)
def _date_time_from_epoch(arguments: Arguments) -> Value:
    refusal = TemplateError(
        f"The template function '{arguments.name}' has an invalid parameter. The parameter is not a valid epoch time "
        f"integer. {SYNTAX_HELP}"
    )
    if isinstance(arguments.value(0), str):
        raise refusal
    seconds = arguments.integer(0)
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        raise refusal from None
    return format_date(arguments.name, moment, 0, DEFAULT_FORMAT)


@function("utcNow", 0, 1, default_only=True)
def _utc_now(arguments: Arguments) -> Value:
    form = arguments.text(0) if len(arguments) else "yyyyMMddTHHmmssZ"
    now = arguments.frame.context.now
    if now is None or arguments.frame.session.predicting:
        raise PendingError
    return format_date(arguments.name, now.astimezone(UTC), 0, form)
