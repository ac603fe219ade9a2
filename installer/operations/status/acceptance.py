"""Question: when did the last acceptance run of each environment pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.operations.status.model import Line, Question, Way
from installer.preflight.moments import DAY, shown_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.status.observed import Observed

_OLD_DAYS: Final = 30
"""Chosen: a month without a proof is worth a new one."""


def _lines(observed: Observed) -> Iterator[Line]:
    now = observed.subject.now()
    for name in observed.it.environments:
        key = f"acceptance/{name}"
        ways = (Way("a new run of the same answers: it changes nothing else, and ends with this proof", "apply"),)
        at = observed.accepted.get(name)
        if at is None and name in observed.accepted:
            yield Line(key, name, "not read", f"run {observed.run} has no result of its flow run", name)
            continue
        if at is None:
            yield Line(key, name, "attention", f"no acceptance run that passed is in run {observed.run}", name, ways)
            continue
        days = max(int((now - at) // DAY), 0)
        text = f"passed {shown_moment(at)}, {counted(days, 'day')} ago"
        old = days > _OLD_DAYS
        yield Line(key, name, "attention" if old else "ok", text, name, ways if old else ())


ACCEPTANCE: Final = Question("acceptance", "Last acceptance run", _lines)
