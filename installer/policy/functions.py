"""Functions that only policy rules have, and those that mean something else in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from installer.policy.address_ranges import range_contains
from installer.policy.fields import Subject, select
from installer.policy.outcomes import EvaluationError, UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.jsontypes import Json
    from installer.policy.evaluation import Evaluation


def _field(it: Evaluation, values: list[Json]) -> Json:
    """field(): '' for a missing value, an array for an alias with [*]; tags are always an object."""
    name = str(values[0]) if values else ""
    requested = it.requested or it.subject
    if it.requested is not None and not _of_type(name, requested) and _of_type(name, it.subject):
        requested = it.subject
    found = select(requested, name, it.elements)
    if found.many:
        return list(found.values)
    value = found.values[0]
    if value is None:
        return {} if name.lower() == "tags" else ""
    return value


def _of_type(name: str, subject: Subject) -> bool:
    return "/" not in name or name.lower().startswith(f"{subject.type.lower()}/")


def _current(it: Evaluation, values: list[Json]) -> Json:
    """current(): an element of a count, by its name, its alias or the alias of something below it."""
    if not values:
        return it.innermost
    name = str(values[0]).lower()
    if name in it.counted:
        return it.counted[name]
    if name in it.elements:
        return it.elements[name]
    if any(name.startswith(prefix) for prefix in it.elements):
        found = select(it.subject, str(values[0]), it.elements)
        longest = max((prefix for prefix in it.elements if name.startswith(prefix)), key=len)
        return list(found.values) if "[*]" in name[len(longest) :] else found.values[0]
    raise EvaluationError(f"current('{values[0]}') is outside its count")


def _add_days(it: Evaluation, values: list[Json]) -> Json:  # noqa: ARG001 - every function's
    text, days = [*values, None, None][:2]
    try:
        moment = datetime.fromisoformat(str(text)) + timedelta(days=int(str(days)))
    except (ValueError, OverflowError) as problem:
        raise EvaluationError(f"addDays: '{text}' is not a date") from problem
    return _instant(moment)


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond * 10:07d}Z"


def _range_contains(it: Evaluation, values: list[Json]) -> Json:  # noqa: ARG001 - every function's
    if len(values) != 2 or not all(isinstance(value, str) for value in values):
        raise EvaluationError("ipRangeContains needs two strings")
    return range_contains(str(values[0]), str(values[1]))


def _group(it: Evaluation, values: list[Json]) -> Json:  # noqa: ARG001 - every function's
    """resourceGroup(); before the run, one that does not exist yet is undecided."""
    subject = it.requested or it.subject
    if subject.predicted and not subject.group:
        raise UndecidedError
    return subject.group


FUNCTIONS: Final[dict[str, Callable[[Evaluation, list[Json]], Json]]] = {
    "field": _field,
    "current": _current,
    "adddays": _add_days,
    "iprangecontains": _range_contains,
    "utcnow": lambda it, _: _instant(datetime.fromtimestamp(it.now, UTC)),
    "requestcontext": lambda it, _: {
        "apiVersion": (it.requested or it.subject).api_version,
        "identity": {"idtyp": "app"},
    },
    "policy": lambda it, _: dict(it.policy),
    "subscription": lambda it, _: (it.requested or it.subject).subscription,
    "resourcegroup": _group,
}
