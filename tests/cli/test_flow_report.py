"""The last lines of a command for flows that did not succeed: the state of its role in the cluster."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from installer.cli.flow_report import role_left
from installer.engine.events import Event
from installer.engine.stream import Stream

if TYPE_CHECKING:
    from installer.runs.run import Run

REMOVAL = "az role assignment delete --ids /subscriptions/s/x"
STEP = "leave-dev"


class Journal:
    """The events of a run."""

    def __init__(self) -> None:
        self.found: list[Event] = []
        self.stream = Stream()
        self.stream.listen(self.found.append)

    def events(self) -> list[Event]:
        return self.found


class Ended:
    """A run that has ended."""

    def __init__(self) -> None:
        self.journal = Journal()


def told(*events: tuple[str, str, dict[str, Any]]) -> str:
    run = Ended()
    for kind, step, data in events:
        run.journal.stream.emit(cast("Any", kind), "text", step=step, **data)
    return role_left(cast("Run", run), "dev")


GRANTED: tuple[str, str, dict[str, Any]] = ("warning", "flow-run", {"granted": REMOVAL})
REMOVED: tuple[str, str, dict[str, Any]] = ("step.finished", STEP, {"seconds": 1.0})
ABSENT: tuple[str, str, dict[str, Any]] = ("step.skipped", STEP, {"state": "done"})
STOPPED: tuple[str, str, dict[str, Any]] = ("step.skipped", STEP, {"state": "interrupted"})
FAILED: tuple[str, str, dict[str, Any]] = ("step.failed", STEP, {"exit_code": 4})


@pytest.mark.parametrize("events", [(), (STOPPED,), (REMOVED,), (("warning", "x", {}),)])
def test_without_a_role_there_is_nothing_to_say(events: tuple[Any, ...]) -> None:
    assert told(*events) == ""


@pytest.mark.parametrize("events", [(GRANTED, REMOVED), (GRANTED, ABSENT), (GRANTED, FAILED, REMOVED)])
def test_a_role_that_was_removed_is_said_to_be(events: tuple[Any, ...]) -> None:
    assert told(*events) == "the temporary role of a cluster administrator in dev was removed"


@pytest.mark.parametrize(
    "events", [(GRANTED,), (GRANTED, STOPPED), (GRANTED, FAILED), (GRANTED, REMOVED, GRANTED), (GRANTED, REMOVED, GRANTED, STOPPED)]
)  # fmt: skip
def test_a_role_that_is_left_has_the_command_that_removes_it(events: tuple[Any, ...]) -> None:
    assert told(*events).endswith(f"administrator in dev; remove it with: {REMOVAL}")
