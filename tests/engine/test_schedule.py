"""Order of the steps, blocked steps, and steps that become ready again after a retry."""

import pytest

from installer.engine.schedule import Schedule
from tests.engine.scripted_steps import Scripted

DIAMOND = (
    Scripted("a"),
    Scripted("b", ("a",)),
    Scripted("c", ("a",)),
    Scripted("d", ("b", "c")),
    Scripted("e", ("d",)),
)


def begun(schedule: Schedule) -> list[str]:
    return [step.key for step in schedule.begin()]


def test_each_step_begins_once_when_all_that_it_needs_is_done() -> None:
    schedule = Schedule(DIAMOND)
    assert begun(schedule) == ["a"]
    assert begun(schedule) == []
    schedule.end("a", well=True)
    assert sorted(begun(schedule)) == ["b", "c"]
    schedule.end("b", well=True)
    assert begun(schedule) == []
    schedule.end("c", well=True)
    assert begun(schedule) == ["d"]


def test_a_failure_is_forgiven_with_what_it_blocked() -> None:
    schedule = Schedule(DIAMOND)
    schedule.begin()
    schedule.end("a", well=True)
    schedule.begin()
    schedule.end("b", well=False)
    assert schedule.block() == []  # c may fail too
    schedule.end("c", well=True)
    assert [(step.key, causes) for step, causes in schedule.block()] == [("d", ("b",)), ("e", ("b",))]
    assert schedule.again("c") is None
    assert schedule.again("b") == ["b", "d", "e"]
    assert begun(schedule) == ["b"]
    schedule.end("b", well=True)
    assert begun(schedule) == ["d"]


def test_what_one_failure_still_blocks_is_not_begun_when_the_other_is_forgiven() -> None:
    schedule = Schedule((Scripted("x"), Scripted("y"), Scripted("z", ("x", "y"))))
    schedule.begin()
    schedule.end("x", well=False)
    schedule.end("y", well=False)
    schedule.block()
    schedule.again("x")
    schedule.begin()
    schedule.end("x", well=True)
    assert [(step.key, causes) for step, causes in schedule.block()] == [("z", ("y",))]


def test_only_some_steps_leave_out_what_they_do_not_need() -> None:
    schedule = Schedule((*DIAMOND, Scripted("f")), ("b",))
    assert begun(schedule) == ["a"]
    schedule.end("a", well=True)
    assert begun(schedule) == ["b"]
    schedule.end("b", well=True)
    assert (begun(schedule), schedule.only) == ([], frozenset({"b"}))


def test_dependents_of_a_step_are_listed_in_order() -> None:
    assert Schedule(DIAMOND).after("b") == ("d", "e")
    assert set(Schedule(DIAMOND).after("a")) == {"b", "c", "d", "e"}


class Closing(Scripted):
    """A step that cleans up."""

    closes = True


def test_a_closing_step_runs_however_the_others_ended_and_blocks_no_step() -> None:
    schedule = Schedule((*DIAMOND, Closing("z", ("e",))))
    schedule.begin()
    schedule.end("a", well=False)
    assert [step.key for step, _ in schedule.block()] == ["b", "c", "d", "e"]
    assert begun(schedule) == ["z"]
    schedule.end("z", well=True)
    assert "z" in (schedule.again("a") or [])  # and takes it again when a is tried again
    assert begun(schedule) == ["a"]
    assert "z" not in schedule.after("a")


def test_a_closing_step_is_included_when_a_single_step_is_run() -> None:
    schedule = Schedule((*DIAMOND, Closing("z", ("e",)), Closing("y", ("x",)), Scripted("x")), ("b",))
    assert begun(schedule) == ["a"]
    schedule.end("a", well=True)
    assert begun(schedule) == ["b"]
    schedule.end("b", well=True)
    assert begun(schedule) == ["z"]
    assert schedule.only == {"b", "z"}


def test_an_unknown_dependency_is_refused() -> None:
    with pytest.raises(ValueError, match="no step is called b"):
        Schedule((Scripted("a", ("b",)),))
