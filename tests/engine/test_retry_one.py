"""A single step: its dependencies are checked but not applied; a failed step can be retried while others still run."""

import threading
from collections.abc import Mapping, Sequence

import pytest

from installer.engine.runner import RetryRequests
from installer.engine.step import Context, Outputs, Record
from installer.errors import DeploymentFailed, InstallerError, PrefectFailed, UsageError
from tests.engine.scripted_steps import PATIENCE, Memory, Scripted, ran


def never(_context: Context) -> Outputs:
    raise AssertionError("done, although only checked")


def test_only_that_step_is_done_and_what_it_needs_is_checked() -> None:
    done = ran(
        Scripted("a", is_done=lambda _: {"x": 1}, does=never),
        Scripted("b", ("a",), does=lambda context: dict(context.outputs["a"])),
        Scripted("c", ("b",), does=never),
        Scripted("d", does=never),
        only=("b",),
    )
    assert done.result.outputs == {"a": {"x": 1}, "b": {"x": 1}}
    assert {event.step for event in done.events} == {"a", "b"}


def test_a_need_that_is_not_done_is_named_and_not_done() -> None:
    done = ran(Scripted("a", does=never), Scripted("b", ("a",), does=never), only=("b",))
    assert isinstance(done.result.failures["a"], UsageError)
    assert "a is not done" in str(done.result.failures["a"])
    assert done.result.blocked == {"b": ("a",)}


@pytest.mark.parametrize("before", ["done", "begun"])
def test_a_step_that_lasts_one_attempt_is_applied_again(before: str) -> None:
    class Server(Scripted):
        repeat_each_attempt = True

    memory = Memory([Record("a", 1, before)])  # type: ignore[arg-type]
    result = ran(Server("a"), Scripted("b", ("a",)), only=("b",), memory=memory).result
    assert ("b" in result.outputs) == (before == "done")


def test_a_failed_step_is_tried_again_while_another_runs_and_then_what_it_blocked() -> None:
    retry_requests, failed, again = RetryRequests(), threading.Event(), threading.Event()
    tries: list[int] = []

    def fails_once(_context: Context) -> Outputs:
        tries.append(1)
        if len(tries) == 1:
            raise DeploymentFailed("no quota")
        again.set()
        return {}

    def long(_context: Context) -> Outputs:
        assert failed.wait(PATIENCE)
        assert retry_requests.retry("a")
        assert again.wait(PATIENCE)
        return {}

    def on_event(kind: str) -> None:
        if kind == "step.failed":
            failed.set()

    done = ran(
        Scripted("a", does=fails_once),
        Scripted("b", ("a",)),
        Scripted("long", does=long),
        retry_requests=retry_requests,
        on_event=lambda event: on_event(event.kind),
    )
    assert done.result.state == "succeeded"
    assert set(done.result.outputs) == {"a", "b", "long"}
    assert done.result.blocked == {}
    assert not retry_requests.retry("a")  # nothing runs any more


class Conditional(Scripted):
    """A step that depends on conditions, none of which has changed."""

    def changed_conditions(self, before: Mapping[str, str]) -> Sequence[str]:  # noqa: ARG002  the step's
        return ()


def test_a_failure_reports_its_conditions() -> None:
    class Deploying(Conditional):
        def conditions(self, error: InstallerError) -> dict[str, str]:
            return {"rights": f"abc {error}"}

    def fail(_context: Context) -> Outputs:
        raise DeploymentFailed("forbidden")

    assert ran(Deploying("a", does=fail)).event("a", "step.failed").data["circumstances"] == {"rights": "abc forbidden"}


def test_a_temporary_failure_has_no_conditions() -> None:
    class Deploying(Conditional):
        def conditions(self, error: InstallerError) -> dict[str, str]:
            raise AssertionError(f"read conditions for {error}")

    def fail(_context: Context) -> Outputs:
        raise PrefectFailed("too slow")

    assert ran(Deploying("a", does=fail)).event("a", "step.failed").data["circumstances"] == {}


def test_conditions_that_cannot_be_read_are_left_out() -> None:
    class Offline(Conditional):
        def conditions(self, error: InstallerError) -> dict[str, str]:  # noqa: ARG002  the step's
            raise DeploymentFailed("no network")

    def fail(_context: Context) -> Outputs:
        raise DeploymentFailed("forbidden")

    assert ran(Offline("a", does=fail)).event("a", "step.failed").data["circumstances"] == {}
