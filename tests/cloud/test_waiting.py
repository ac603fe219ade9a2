"""A service that asks to wait a day gets some minutes, in full view, and a stop ends them."""

import math
import threading
from pathlib import Path
from typing import Final

import pytest

from installer import waiting
from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.rate_limit import RateLimiter
from installer.engine.events import Event
from installer.engine.step import Context, Outputs, Stop
from installer.errors import Interrupted
from tests.cloud.test_wrong_answers import READS, SUBSCRIPTION
from tests.cloud.wire import Answer, scripted, target
from tests.engine.scripted_steps import Scripted, ran

BUSY: Final = Answer.of({"error": {"code": "TooManyRequests", "message": "slow down"}}, 429, Retry_After="86400")
DONE: Final = Answer.of({"value": []})
ASKED: Final = "waiting 5:00 for the service, which asks for 86400 s"


def arm() -> Arm:
    return Arm(target(), SUBSCRIPTION)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr("installer.waiting.time.sleep", found.append)
    return found


@pytest.mark.parametrize("name", [name for name in READS if name != "begin"])  # sent once only
def test_every_client_waits_some_minutes_and_says_so(
    name: str, slept: list[float], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(monkeypatch, BUSY, DONE)
    READS[name](arm())
    assert slept[0] == waiting.MAX_SECONDS
    assert capsys.readouterr().err.splitlines()[0] == ASKED


def test_polls_of_an_operation_are_no_longer_apart(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    under_way = Answer(202, b"", {"Location": "https://management.azure.com/poll", "Retry-After": "86400"})
    scripted(monkeypatch, under_way, under_way, Answer.of({"status": "Succeeded", "properties": {"changes": []}}))
    READS["what-if"](arm())
    assert slept == [waiting.MAX_SECONDS]


def test_in_a_run_the_wait_is_an_event_and_a_stop_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, BUSY)
    stop = Stop()

    def read(_context: Context) -> Outputs:
        arm().service.ask("GET", "/x")
        raise AssertionError("not stopped")

    def stop_at_warning(event: Event) -> None:
        if event.kind == "warning":
            stop.request()

    ended = ran(Scripted("a", does=read), stop=stop, on_event=stop_at_warning)
    assert isinstance(ended.result.failures["a"], Interrupted)
    assert [event.text for event in ended.events if event.kind == "warning"] == [ASKED]


@pytest.mark.parametrize("asked", ["86400", "inf", "1e400"])
def test_what_is_left_of_the_wait_is_bounded_too(
    asked: str, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, Answer.of({"error": {"code": "TooManyRequests"}}, 429, Retry_After=asked))
    with pytest.raises(AzureRefused) as refused:
        arm().service.ask("GET", "/x")
    assert refused.value.retry_after == waiting.MAX_SECONDS
    assert max(slept) <= waiting.MAX_SECONDS
    pacer = RateLimiter()
    pacer.update(429, {"Retry-After": asked})
    assert pacer.wait() <= waiting.MAX_SECONDS


@pytest.mark.parametrize(
    ("asked", "bounded"), [(math.nan, 0.0), (-1.0, 0.0), (7.0, 7.0), (math.inf, waiting.MAX_SECONDS)]
)
def test_bounds(asked: float, bounded: float) -> None:
    assert waiting.bounded(asked) == bounded


def test_short_waits_are_not_shown(slept: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    waiting.wait(1.0)
    assert (slept, capsys.readouterr().err) == ([1.0], "")


def test_the_wait_of_a_thread_ends_with_its_block(slept: list[float]) -> None:
    said: list[str] = []
    paused: list[float] = []
    with waiting.waiting_with(said.append, paused.append):
        waiting.wait(9.0)
    waiting.wait(2.0)
    assert (said, paused, slept) == (["waiting 0:09 for the service"], [9.0], [2.0])


def _asks(_number: int) -> None:
    arm().service.ask("GET", "/x")
    raise AssertionError("not stopped")


def test_in_a_run_a_stop_ends_the_waits_of_threads_that_a_step_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, BUSY)
    stop = Stop()

    def read(_context: Context) -> Outputs:
        with waiting.Workers(2) as pool:
            list(pool.map(_asks, range(2)))
        return {}

    def stop_at_warning(event: Event) -> None:
        if event.kind == "warning":
            stop.request()

    ended = ran(Scripted("a", does=read), stop=stop, on_event=stop_at_warning)
    assert isinstance(ended.result.failures["a"], Interrupted)
    assert {event.text for event in ended.events if event.kind == "warning"} == {ASKED}


@pytest.mark.parametrize("how", ["an interrupt", "a close"])
def test_without_a_run_the_threads_of_a_command_wait_no_longer_than_it(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, BUSY)
    asked = threading.Event()
    monkeypatch.setattr(waiting, "_on_standard_error", lambda _text: asked.set())
    pool = waiting.Workers(1)
    if how == "a close":
        found = pool.submit(_asks, 0)
        assert asked.wait(10)
        pool.shutdown(wait=False, cancel_futures=True)
    else:
        with pytest.raises(KeyboardInterrupt), pool:  # noqa: PT012  leaving the block is what is tested
            found = pool.submit(_asks, 0)
            assert asked.wait(10)
            raise KeyboardInterrupt
    assert isinstance(found.exception(10), Interrupted)


def test_every_pool_of_the_installer_that_asks_azure_is_of_that_kind() -> None:
    rooms = Path(waiting.__file__).parent
    others = {"engine/runner.py"}  # whose steps have their own waits
    made = [
        one.relative_to(rooms).as_posix()
        for one in rooms.rglob("*.py")
        if "ThreadPoolExecutor(" in one.read_text(encoding="utf-8") and "emulator" not in one.parts
    ]
    assert set(made) == others
