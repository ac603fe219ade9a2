"""Ready steps run in parallel; a failure blocks only the steps that need it; a stop leaves a resumable run."""

import threading
from collections.abc import Callable
from graphlib import CycleError
from typing import Literal

import pytest

from installer.engine.rights import note_rights
from installer.engine.step import Context, Outputs, Question, Record, Stop
from installer.errors import (
    DeploymentFailed,
    InstallerError,
    Interrupted,
    PrefectFailed,
    VerificationFailed,
    WaitingForInput,
)
from tests.engine.scripted_steps import PATIENCE, Memory, Scripted, ran


def failing(error: BaseException) -> Callable[[Context], Outputs]:
    def fail(_context: Context) -> Outputs:
        raise error

    return fail


def asking(context: Context) -> Outputs:
    return {"answer": context.ask(Question("where", "Where is it?", ("here", "there"), "here"))}


def test_independent_steps_run_in_parallel() -> None:
    all_there = threading.Barrier(5)

    def meet(_context: Context) -> Outputs:
        all_there.wait(PATIENCE)
        return {}

    done = ran(*(Scripted(f"s{number}", does=meet) for number in range(5)))
    assert done.result.state == "succeeded"


def test_a_slow_step_does_not_block_independent_steps() -> None:
    end_of_chain = threading.Event()

    def slow(_context: Context) -> Outputs:
        assert end_of_chain.wait(PATIENCE)
        return {}

    def last(_context: Context) -> Outputs:
        end_of_chain.set()
        return {}

    done = ran(Scripted("slow", does=slow), Scripted("a"), Scripted("b", ("a",)), Scripted("c", ("b",), does=last))
    assert done.result.failures == {}
    assert set(done.result.outputs) == {"a", "b", "c", "slow"}


def test_a_step_sees_the_outputs_of_all_that_it_needs() -> None:
    seen: dict[str, object] = {}

    def look(context: Context) -> Outputs:
        seen.update(context.outputs)
        return {"sum": 3}

    done = ran(
        Scripted("a", does=lambda _: {"x": 1}),
        Scripted("b", ("a",), is_done=lambda _: {"y": 2}),
        Scripted("c", ("b", "a"), does=look),
    )
    assert seen == {"a": {"x": 1}, "b": {"y": 2}}
    assert done.result.outputs["c"] == {"sum": 3}


def test_a_step_that_is_done_is_not_applied_again() -> None:
    done = ran(Scripted("a", is_done=lambda _: {"x": 1}, does=failing(AssertionError("applied"))))
    assert done.kinds("a") == ["step.started", "step.skipped"]
    assert done.event("a", "step.skipped").data["state"] == "done"
    assert done.memory.recall("a") == Record("a", 1, "done", outputs={"x": 1})


def test_a_failure_blocks_only_what_needs_it() -> None:
    boom = DeploymentFailed("no quota")
    done = ran(
        Scripted("a"),
        Scripted("bad", ("a",), does=failing(boom)),
        Scripted("after", ("bad",)),
        Scripted("long after", ("after", "a")),
        Scripted("other", ("a",)),
        Scripted("other's", ("other",)),
    )
    assert done.result.failures == {"bad": boom}
    assert set(done.result.outputs) == {"a", "other", "other's"}
    assert done.result.blocked == {"after": ("bad",), "long after": ("bad",)}
    assert (done.result.state, done.result.exit_code) == ("failed", 4)
    assert done.event("bad", "step.failed").data["exit_code"] == 4
    skipped = done.event("long after", "step.skipped")
    assert (skipped.text, skipped.data["state"]) == ("waits for BAD", "blocked")


def test_a_step_blocked_by_two_failures_names_both_once() -> None:
    done = ran(
        Scripted("x", does=failing(DeploymentFailed("x"))),
        Scripted("y", does=failing(PrefectFailed("y"))),
        Scripted("z", ("x", "y")),
        Scripted("end", ("z", "x")),
    )
    assert done.result.blocked["end"] == ("x", "y")


def test_an_applied_step_that_fails_verification_has_failed() -> None:
    def doubt(_context: Context, _outputs: Outputs) -> None:
        raise VerificationFailed("missing")

    done = ran(Scripted("a", proves=doubt), Scripted("b", ("a",)))
    assert done.result.exit_code == 6
    assert done.result.blocked == {"b": ("a",)}
    assert [record.state for record in done.memory.records] == ["failed"]


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), SystemExit(3), KeyboardInterrupt()])
def test_an_unexpected_error_is_explained_and_blocks_like_any_other(error: BaseException) -> None:
    done = ran(Scripted("a", does=failing(error)), Scripted("b", ("a",)), Scripted("c"))
    assert str(done.result.failures["a"]).startswith(f"a bug: {type(error).__name__}")
    assert done.result.exit_code == 1
    assert done.result.blocked == {"b": ("a",)}
    assert "c" in done.result.outputs


def test_an_error_during_the_check_is_a_failure() -> None:
    done = ran(Scripted("a", is_done=failing(DeploymentFailed("cannot check"))))
    assert done.result.exit_code == 4


def test_the_detail_of_an_error_is_in_its_event() -> None:
    error = DeploymentFailed("refused")
    error.detail = {"status": 403, "correlation_id": "c"}
    assert ran(Scripted("a", does=failing(error)), Scripted("b", ("a",))).event("a", "step.failed").data == {
        "exit_code": 4,
        "retry": "changed",
        "retry_reason": "after its cause is resolved",
        "blocks": ["b"],
        "circumstances": {},
        "status": 403,
        "correlation_id": "c",
    }


def test_a_step_reports_its_usual_and_its_actual_duration() -> None:
    done = ran(Scripted("a", does=lambda _: {"x": "value"}, usual_seconds=12.5))
    assert done.event("a", "step.started").data == {"usual": 12.5}
    finished = done.event("a", "step.finished").data
    assert isinstance(finished["seconds"], float)
    assert finished["outputs"] == ["x"]
    assert "value" not in done.event("a", "step.finished").to_json()


def test_steps_in_a_circle_are_refused() -> None:
    with pytest.raises(CycleError, match="nodes are in a cycle"):
        ran(Scripted("a", ("b",)), Scripted("b", ("a",)))


# -- stopping --------------------------------------------------------------------------------------------------------


def test_after_a_stop_nothing_new_begins_and_what_runs_ends_in_order() -> None:
    stop = Stop()

    def wait(context: Context) -> Outputs:
        context.remember("begun", name="d-1", digest="abc")
        stop.request()
        context.pause(PATIENCE)
        raise AssertionError("not stopped")

    begun: list[str] = []

    def begin(context: Context) -> Outputs:
        begun.append(context.step)
        return {}

    done = ran(Scripted("a", does=wait), Scripted("b", ("a",), does=begin), stop=stop)
    assert begun == []
    assert (done.result.state, done.result.exit_code) == ("interrupted", 130)
    assert isinstance(done.result.failures["a"], Interrupted)
    assert done.event("a", "step.skipped").data["state"] == "interrupted"
    assert done.memory.recall("a") == Record("a", 1, "begun", "d-1", "abc")  # so that it is followed, not sent again


class Closing(Scripted):
    """A step that gives back rights."""

    closes = True
    rights = "the role"


def stopping(context: Context) -> Outputs:
    context.stop.request()
    context.pause(PATIENCE)
    raise AssertionError("not stopped")


@pytest.mark.parametrize("state", ["", "begun", "failed", "done"])
def test_after_a_stop_rights_are_given_back_whichever_attempt_took_them(
    state: Literal["", "begun", "failed", "done"],
) -> None:
    given_back = list[str]()

    def give_back(context: Context) -> Outputs:
        given_back.append(context.step)
        return {}

    memory = Memory([Record("z", 1, state, "az role …")] if state else [])
    closing = Closing("z", ("b",), does=give_back)
    done = ran(Scripted("a", does=stopping), Scripted("b", ("a",)), closing, stop=Stop(), memory=memory)
    held = state in {"begun", "failed"}
    assert given_back == (["z"] if held else [])
    assert [event.text.startswith("an earlier attempt") for event in done.events if event.kind == "warning"] == [
        True
    ] * held
    assert (done.result.state, done.result.exit_code) == ("interrupted", 130)


def test_rights_that_are_still_held_at_the_end_are_named_with_the_way_to_remove_them() -> None:
    def take(context: Context) -> Outputs:
        note_rights(context, "z", "az role assignment delete")
        return stopping(context)

    closing = Closing("z", ("a",), does=failing(DeploymentFailed("no")))
    done = ran(Scripted("a", does=take), closing, stop=Stop())
    (left,) = [event.data["left"] for event in done.events if event.kind == "warning"]
    assert left == "the role was not removed; this removes it: az role assignment delete"


def test_a_closing_step_that_hangs_ends_with_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("installer.engine.closing_limit.CLOSING_SECONDS", 0.2)
    released = threading.Event()

    def take(context: Context) -> Outputs:
        note_rights(context, "z", "az role assignment delete")
        return stopping(context)

    def hang(_context: Context) -> Outputs:
        assert released.wait(PATIENCE)
        return {}

    done = ran(Scripted("a", does=take), Closing("z", ("a",), does=hang), stop=Stop())
    still_hanging = not released.is_set()
    released.set()
    assert still_hanging
    assert isinstance(done.result.failures["z"], Interrupted)
    assert [event.data["left"] for event in done.events if "left" in event.data]


def test_a_stop_before_the_beginning_begins_nothing() -> None:
    stop = Stop()
    stop.request()
    done = ran(Scripted("a"), Scripted("b"), stop=stop)
    assert done.kinds("a") == ["step.skipped"]
    assert done.result.state == "interrupted"


def test_a_stop_that_comes_when_all_is_done_changes_nothing() -> None:
    stop = Stop()

    def last(_context: Context) -> Outputs:
        stop.request()
        return {}

    assert ran(Scripted("a", does=last), stop=stop).result.state == "succeeded"


def test_a_failure_counts_more_than_a_stop_and_a_stop_more_than_a_wait() -> None:
    stopped = failing(Interrupted("stopped"))
    waiting = failing(WaitingForInput("approval"))
    failed = failing(DeploymentFailed("no"))
    both = ran(Scripted("w", does=waiting), Scripted("s", ("x",), does=stopped), Scripted("x")).result
    assert (both.state, both.exit_code) == ("interrupted", 130)
    three = ran(Scripted("w", does=waiting), Scripted("s", does=stopped), Scripted("f", does=failed)).result
    assert (three.state, three.exit_code) == ("failed", 4)


def test_cancelling_once_asked_for_stays_asked_for() -> None:
    stop = Stop()
    before = (stop.requested, stop.wait(0), stop.cancel_deployments)
    stop.request(cancel_deployments=True)
    stop.request()
    assert before == (False, False, False)
    assert (stop.requested, stop.wait(PATIENCE), stop.cancel_deployments) == (True, True, True)


# -- questions -------------------------------------------------------------------------------------------------------


def test_an_unanswered_question_leaves_the_run_waiting() -> None:
    done = ran(Scripted("a", does=asking), Scripted("b", ("a",)), Scripted("c"))
    assert (done.result.state, done.result.exit_code) == ("waiting", 7)
    assert set(done.result.outputs) == {"c"}
    question = done.event("a", "question")
    assert question.data == {"key": "where", "choices": ["here", "there"], "default": "here", "form": "choice"}
    assert done.event("a", "step.skipped").data["state"] == "waiting"
    assert "where" in str(done.result.failures["a"])


def test_an_answer_is_an_event_too() -> None:
    def there(question: Question, stop: Stop) -> str:
        return question.choices[1]

    done = ran(Scripted("a", does=asking), answering=there)
    assert done.result.outputs["a"] == {"answer": "there"}
    assert done.event("a", "answer").data == {"key": "where", "value": "there"}
    assert done.kinds("a") == ["step.started", "question", "answer", "step.finished"]


def test_a_client_that_repeats_a_wrong_answer_leaves_the_run_waiting() -> None:
    def nowhere(question: Question, stop: Stop) -> str:
        return f"not {question.choices[0]}"

    done = ran(Scripted("a", does=asking), answering=nowhere)
    assert (done.result.state, done.result.exit_code) == ("waiting", 7)
    assert '"not here" is not accepted; expected: one of here, there' in str(done.result.failures["a"])
    assert done.kinds("a").count("question") < 50


def test_a_stop_at_a_question_is_a_stop_and_not_a_wait() -> None:
    stop = Stop()

    def leaves(question: Question, stop: Stop) -> str | None:
        stop.request()
        return None

    done = ran(Scripted("a", does=asking), stop=stop, answering=leaves)
    assert (done.result.state, done.result.exit_code) == ("interrupted", 130)


# -- records ---------------------------------------------------------------------------------------------------------


def test_each_attempt_is_counted_and_its_end_carries_its_name_and_digest() -> None:
    memory = Memory()

    def send(context: Context) -> Outputs:
        context.remember("begun", name="d", digest=f"digest {len(memory.records)}")
        if len(memory.records) < 3:
            raise DeploymentFailed("try again")
        return {"x": 1}

    for _ in range(2):
        ran(Scripted("a", does=send), memory=memory)
    assert memory.records == [
        Record("a", 1, "begun", "d", "digest 0"),
        Record("a", 1, "failed", "d", "digest 0"),
        Record("a", 2, "begun", "d", "digest 2"),
        Record("a", 2, "done", "d", "digest 2", {"x": 1}),
    ]


def test_nothing_is_sent_if_it_cannot_be_recorded() -> None:
    class Full(Memory):
        def remember(self, record: Record) -> None:
            raise InstallerError(f"the disk is full: {record.step}")

    sent: list[str] = []

    def send(context: Context) -> Outputs:
        context.remember("begun", name="d")
        sent.append("d")
        return {}

    done = ran(Scripted("a", does=send), memory=Full())
    assert sent == []
    assert done.result.state == "failed"
