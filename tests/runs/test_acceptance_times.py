"""Acceptance runs that have passed, by the journal: those that ended while no installer ran count, from when they were begun."""

from typing import TYPE_CHECKING, Final

import pytest

from installer.engine.events import Event, moment
from installer.engine.step import Outputs, Record
from installer.runs.acceptance_times import acceptance_times
from tests.bicep.answers_variants import answers
from tests.steps.step_context import StepMemory

if TYPE_CHECKING:
    from installer.jsontypes import Json

KEY: Final = "canary-dev"
KNOWN: Final[Outputs] = {"state": "COMPLETED", "hops": {"token": 7}}
TIMES: Final = [f"2026-12-01T10:0{number}:00.000Z" for number in range(8)]
STARTED, FINISHED, FAILED, FOUND, STOPPED = "started", "finished", "failed", "found", "stopped"


def event(number: int, what: str) -> Event:
    data: dict[str, Json] = {FOUND: {"state": "done"}, STOPPED: {"state": "interrupted"}}.get(what, {})  # type: ignore[assignment]
    kinds = {STARTED: "step.started", FINISHED: "step.finished", FAILED: "step.failed"}
    return Event(number, TIMES[number], kinds.get(what, "step.skipped"), KEY, data=data)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("happened", "passed"),
    [
        ((STARTED, FINISHED), 1),
        ((STARTED, FINISHED, STARTED, FOUND), 1),
        ((STARTED, STARTED, FOUND), 0),  # killed, and ended meanwhile
        ((STARTED, STOPPED, STARTED, FOUND, STARTED, FOUND), 0),
        ((STARTED, FAILED, STARTED, STARTED, FOUND), 2),
        ((STARTED, FINISHED, STARTED, FAILED), None),
        ((STARTED, FINISHED, STARTED, FAILED, STARTED, FINISHED), 5),
        ((STARTED, STOPPED), None),
        ((STARTED,), None),
        ((), None),
    ],
    ids=lambda found: "-".join(found) if isinstance(found, tuple) else str(found),
)
def test_the_time_of_the_last_run_that_passed(happened: tuple[str, ...], passed: int | None) -> None:
    memory = StepMemory({KEY: Record(KEY, 1, "done", "job", outputs=KNOWN)})
    found = acceptance_times(answers("dev"), [event(number, what) for number, what in enumerate(happened)], memory)
    assert found == ({} if passed is None else {"dev": moment(TIMES[passed])})


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (None, {}),
        (Record(KEY, 1, "begun", "job"), {}),
        (Record(KEY, 1, "failed", "job"), {}),
        (Record(KEY, 1, "done", "", outputs=KNOWN), {}),  # of an earlier run: this one has not begun it
        (Record(KEY, 1, "done", "job", outputs={"state": "COMPLETED"}), {"dev": None}),
        (Record(KEY, 1, "done", "job", outputs={"state": "COMPLETED", "flow_run_id": "f"}), {"dev": moment(TIMES[0])}),
    ],
)
def test_only_a_known_result_of_this_run_counts(record: Record | None, expected: dict[str, float | None]) -> None:
    memory = StepMemory({KEY: record} if record is not None else {})
    assert acceptance_times(answers("dev"), [event(0, STARTED), event(1, FOUND)], memory) == expected
