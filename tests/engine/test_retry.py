"""Temporary failures are retried, starting with the check, and reported; no other failure is."""

import pytest

from installer.engine import retry
from installer.engine.step import Context, Outputs, Stop
from installer.errors import DeploymentFailed, Interrupted
from tests.engine.scripted_steps import Scripted, ran


class Busy(DeploymentFailed):
    """A temporary refusal."""

    @property
    def transient(self) -> bool:
        return True


class Away(Busy):
    """A network error."""

    @property
    def unreached(self) -> bool:
        return True


class Times:
    """Fails a number of times, then succeeds; counts the checks too."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.says: type[Busy] = Busy
        self.checked = self.applied = 0

    def check(self, _context: Context) -> Outputs | None:
        self.checked += 1
        return None

    def apply(self, _context: Context) -> Outputs:
        self.applied += 1
        if self.applied <= self.failures:
            raise self.says("busy\nmore")
        return {"after": self.applied}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRY_SECONDS", (0.0, 0.0, 0.0))


def test_it_works_at_a_later_try_and_every_try_begins_with_the_check() -> None:
    times = Times(2)
    ended = ran(Scripted("a", does=times.apply, is_done=times.check))
    assert ended.result.outputs["a"] == {"after": 3}
    assert times.checked == times.applied == 3
    warnings = [event.text for event in ended.events if event.kind == "warning"]
    assert warnings == ["tried again in 0 s: busy"] * 2


def test_a_failure_that_never_passes_is_final() -> None:
    times = Times(99)
    ended = ran(Scripted("a", does=times.apply))
    assert times.applied == 1 + 3
    assert isinstance(ended.result.failures["a"], Busy)
    assert [event.kind for event in ended.events].count("step.failed") == 1


def test_an_unreachable_network_is_retried_until_the_timeout() -> None:
    times = Times(99)
    times.says = Away
    assert ran(Scripted("a", does=times.apply)).result.outputs["a"] == {"after": 100}
    times = Times(99)
    times.says = Away
    assert isinstance(ran(Scripted("a", does=times.apply), patience=0.0).result.failures["a"], Away)
    assert times.applied == 1 + 3


def test_a_network_that_recovers_resets_the_retry_count() -> None:
    kinds: list[type[Busy]] = [*[Away] * 5, *[Busy] * 99]
    tried: list[type[Busy]] = []

    def fail(_context: Context) -> Outputs:
        tried.append(kinds[len(tried)])
        raise tried[-1]("away or busy")

    assert isinstance(ran(Scripted("a", does=fail)).result.failures["a"], Busy)
    assert (tried.count(Away), tried.count(Busy)) == (5, 1 + 3)


def test_a_permanent_failure_is_not_retried() -> None:
    tried: list[int] = []

    def fail(_context: Context) -> Outputs:
        tried.append(1)
        raise DeploymentFailed("no such size")

    assert ran(Scripted("a", does=fail)).result.exit_code == 4
    assert len(tried) == 1


def test_a_stop_ends_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRY_SECONDS", (3600.0,))
    stop = Stop()

    def fail(_context: Context) -> Outputs:
        stop.request()
        raise Busy("busy")

    ended = ran(Scripted("a", does=fail), stop=stop)
    assert isinstance(ended.result.failures["a"], Interrupted)


class Settling(Busy):
    """A refusal whose cause passes within some minutes."""

    @property
    def settles_within(self) -> float:
        return 900.0


def test_what_settles_within_minutes_is_retried_as_long_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(retry, "monotonic", lambda: now[0])
    monkeypatch.setattr(retry, "RETRY_SECONDS", (1.0, 3.0, 45.0))
    budget, waited = retry.RetryBudget(patience=10.0), list[float]()
    while (pause := budget.pause(Settling("not yet"))) is not None:
        waited.append(pause)
        now[0] += pause
    assert waited[:4] == [1.0, 3.0, 45.0, 45.0]
    assert 900 <= sum(waited) < 900 + 45
    assert [budget.pause(Busy("busy"))] == [None]
