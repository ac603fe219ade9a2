"""The last lines of a command that did not succeed: the state of its role in the cluster, and of the work pools."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from installer.cli.flow_report import pools_left, role_left
from installer.engine.events import Event
from installer.engine.stream import Stream
from installer.prefect_setup.pools_paused import RESUMED

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


PAUSING: tuple[str, str] = ("step.started", "drain-dev")
RESUMED_POOLS: tuple[str, str] = ("step.finished", "resume-dev")


def pools(*events: tuple[str, str], text: str = "text") -> str:
    run = Ended()
    for kind, step in events:
        run.journal.stream.emit(cast("Any", kind), text, step=step)
    return pools_left(cast("Run", run), "dev")


def test_pools_that_may_be_paused_are_named_with_the_way_to_resume_them() -> None:
    words = "work pools of dev may be paused"
    assert pools() == ""
    assert words in pools(PAUSING)
    assert words in pools(PAUSING, ("step.failed", "drain-dev"), text="the cluster returned invalid JSON")
    assert words in pools(PAUSING, ("step.finished", "drain-dev"), ("step.failed", "secrets-dev"))
    assert pools(PAUSING, ("step.failed", "drain-dev"), text=f"not ended: x. Nothing was changed, and {RESUMED}.") == ""
    assert pools(PAUSING, ("step.finished", "drain-dev"), RESUMED_POOLS) == ""
    assert words in pools(PAUSING, RESUMED_POOLS, PAUSING), "a later rotation"
