"""Operators of conditions.

Strings compare without case, except in `match`; a missing value equals '' and satisfies every negated operator otherwise.
`less` and its kin compare numbers, dates or strings and fail for values of different kinds. Every value that a field
selects has to satisfy the operator, so an empty array satisfies all (definition-structure-policy-rule, conditions).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from installer.policy.outcomes import EvaluationError
from installer.resource_id import normalised_location

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.jsontypes import Json

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?\Z")
_NUMBER: Final = re.compile(r"[-+]?\d+(\.\d+)?\Z")


def text_of(value: Json) -> str:
    """A scalar as a condition compares it; '' for a missing one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def equals(value: Json, wanted: Json) -> bool:
    """Whether two values are the same: scalars as text without case, containers by content."""
    if isinstance(value, dict) or isinstance(wanted, dict):
        if not (isinstance(value, dict) and isinstance(wanted, dict)) or len(value) != len(wanted):
            return False
        others = {name.lower(): item for name, item in wanted.items()}
        return all(name.lower() in others and equals(item, others[name.lower()]) for name, item in value.items())
    if isinstance(value, list) or isinstance(wanted, list):
        return (
            isinstance(value, list)
            and isinstance(wanted, list)
            and len(value) == len(wanted)
            and all(equals(one, other) for one, other in zip(value, wanted, strict=True))
        )
    return text_of(value).lower() == text_of(wanted).lower()


def _like(value: Json, wanted: Json) -> bool:
    return not isinstance(value, dict | list) and bool(_wildcard(text_of(wanted)).match(text_of(value)))


@lru_cache(maxsize=4096)
def _wildcard(text: str) -> re.Pattern[str]:
    """A pattern with *; each part between two of them is found once (an atomic group), so that matching takes linear time."""
    first, *others = map(re.escape, text.split("*"))
    inner = "".join(f"(?>.*?{part})" for part in others[:-1] if part)
    return re.compile(f"{first}{inner}" + (f".*{others[-1]}" if others else "") + r"\Z", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=1024)
def _pattern(text: str, *, insensitive: bool) -> re.Pattern[str]:
    known = {"#": r"[0-9]", "?": "[A-Za-z]", ".": "."}
    body = "".join(known.get(mark) or re.escape(mark) for mark in text)
    return re.compile(body + r"\Z", re.IGNORECASE | re.DOTALL if insensitive else re.DOTALL)


def _match(value: Json, wanted: Json) -> bool:
    return _matches(value, wanted, insensitive=False)


def _match_insensitively(value: Json, wanted: Json) -> bool:
    return _matches(value, wanted, insensitive=True)


def _matches(value: Json, wanted: Json, *, insensitive: bool) -> bool:
    if value is None or isinstance(value, dict | list):
        return False
    return bool(_pattern(text_of(wanted), insensitive=insensitive).match(text_of(value)))


def _contains(value: Json, wanted: Json) -> bool:
    if isinstance(value, list):
        return any(equals(item, wanted) for item in value)
    if isinstance(value, dict):
        return _contains_key(value, wanted)
    return value is not None and text_of(wanted).lower() in text_of(value).lower()


def _in(value: Json, wanted: Json) -> bool:
    if not isinstance(wanted, list):
        raise EvaluationError("'in' expects an array")
    return any(equals(value, item) for item in wanted)


def _contains_key(value: Json, wanted: Json) -> bool:
    return isinstance(value, dict) and text_of(wanted).lower() in {name.lower() for name in value}


def _order(value: Json, wanted: Json) -> int:
    """The sign of the difference of two values of one kind (EvaluationError for different kinds)."""
    first, second = _number(value), _number(wanted)
    if first is not None and second is not None and not (isinstance(value, str) and isinstance(wanted, str)):
        return (first > second) - (first < second)
    if isinstance(value, str) and isinstance(wanted, str):
        one, other = _date(value), _date(wanted)
        if one is not None and other is not None:
            return (one > other) - (one < other)
        left, right = value.lower(), wanted.lower()
        return (left > right) - (left < right)
    raise EvaluationError("values of different types are compared")


def _number(value: Json) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    return float(value) if isinstance(value, str) and _NUMBER.match(value) else None


def _date(text: str) -> datetime | None:
    if not _DATE.match(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_ORDERS: Final[dict[str, Callable[[int], bool]]] = {
    "less": lambda sign: sign < 0,
    "lessorequals": lambda sign: sign <= 0,
    "greater": lambda sign: sign > 0,
    "greaterorequals": lambda sign: sign >= 0,
}
_POSITIVE: Final[dict[str, Callable[[Json, Json], bool]]] = {
    "equals": equals,
    "like": _like,
    "match": _match,
    "matchinsensitively": _match_insensitively,
    "contains": _contains,
    "in": _in,
    "containskey": _contains_key,
}
OPERATORS: Final = frozenset({"exists", *_ORDERS, *_POSITIVE, *(f"not{name}" for name in _POSITIVE)})


def holds(operator: str, value: Json, wanted: Json, *, location: bool = False) -> bool:
    """Whether one value satisfies an operator (lower-case); `location` ignores how a region is spelled."""
    if operator == "exists":
        return (value is not None) == (text_of(wanted).lower() == "true")
    if operator in _ORDERS:
        return value is not None and wanted is not None and _ORDERS[operator](_order(value, wanted))
    if location:
        value, wanted = _region(value), _region(wanted)
    if operator in _POSITIVE:
        return _POSITIVE[operator](value, wanted)
    return not _POSITIVE[operator.removeprefix("not")](value, wanted)


def _region(value: Json) -> Json:
    if isinstance(value, list):
        return [_region(item) for item in value]
    return normalised_location(value) if isinstance(value, str) else value
