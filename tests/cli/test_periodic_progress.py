"""How far a run is, for people who see lines: now and then, in 80 columns, and never where machines read."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from installer.cli.commands.output import listeners
from installer.cli.periodic_progress import MIN_INTERVAL_SECONDS, WIDTH, PeriodicProgress
from installer.engine.events import Event, Listener
from installer.engine.lines import json_lines, plain_lines
from installer.engine.stream import Stream
from installer.jsontypes import Json

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEPS: list[Json] = [
    {"key": "net", "title": "Network", "needs": [], "usual": 100, "low": 80, "high": 150},
    {"key": "data", "title": "Data", "needs": ["net"], "usual": 500, "low": 400, "high": 700},
    {"key": "web", "title": "Web", "needs": ["net"], "usual": 300, "low": 200, "high": 500},
]


class Told:
    """A stream whose clock a test sets, and what a person reads of it."""

    def __init__(self, *more: Listener) -> None:
        self.seconds = 0.0
        self.out = io.StringIO()
        self.stream = Stream(clock=lambda: NOON + timedelta(seconds=self.seconds))
        for listener in (plain_lines(self.out, between=PeriodicProgress().after), *more):
            self.stream.listen(listener)

    def begin(self, steps: list[Json] | None = None) -> None:
        self.stream.emit("run.started", "run contoso-1", steps=STEPS if steps is None else steps)

    @property
    def so_far(self) -> list[str]:
        """The progress lines, without the time."""
        return [line[9:] for line in self.out.getvalue().splitlines() if line[9:15] == "so far"]


def test_the_first_line_shows_the_expected_duration() -> None:
    told = Told()
    told.begin()
    assert told.so_far == ["so far    0%, 0.0 s elapsed, 8 to 14 min left"]


def test_heartbeats_show_the_remaining_time_and_running_steps() -> None:
    told = Told()
    told.begin()
    told.stream.emit("step.started", step="net")
    told.seconds = 100
    told.stream.emit("step.finished", "done", step="net")
    told.stream.emit("step.started", step="data")
    told.stream.emit("step.started", step="web")
    told.seconds = 160
    told.stream.emit("heartbeat", "Azure answers", step="data")
    assert told.so_far[-1] == "so far    24%, 2:40 elapsed, 5 to 11 min left; Data, Web"
    told.seconds = 900
    told.stream.emit("heartbeat", "Azure answers", step="data")
    assert told.so_far[-1].endswith("; Data (slow), Web (slow)")


def test_progress_is_shown_at_most_once_per_interval() -> None:
    told = Told()
    told.begin()
    told.stream.emit("step.started", step="net")
    for tenth in range(1200):
        told.seconds = tenth / 10
        told.stream.emit("resource.progressed", "Creating", step="net", resource="vnet")
    assert len(told.so_far) == 1 + int(119.9 // MIN_INTERVAL_SECONDS)


def test_a_finished_or_empty_run_shows_no_progress() -> None:
    told = Told()
    told.stream.emit("log", "followed from elsewhere")
    told.begin(steps=[])
    told.begin()
    told.seconds = 60
    told.stream.emit("run.finished", "failed", state="failed")
    told.seconds = 120
    told.stream.emit("log", "afterwards")
    assert len(told.so_far) == 1


@pytest.mark.parametrize("title", ["a" * 200, "Datenbank fuer alle Umgebungen", "a\nb\x1b[31m", "ä · b"])
def test_whatever_runs_the_line_fits_and_is_one(title: str) -> None:
    told = Told()
    told.begin([{"key": str(n), "title": title, "needs": [], "usual": 1000} for n in range(12)])
    for number in range(12):
        told.stream.emit("step.started", step=str(number))
    told.seconds = 5000
    told.stream.emit("heartbeat", "Azure answers", step="0")
    line = told.out.getvalue().split("\n")[-2]
    assert "elapsed" in line
    assert line.isprintable()
    assert len(line) <= WIDTH


def test_machines_read_events_only() -> None:
    machine = io.StringIO()
    told = Told(json_lines(machine))
    told.begin()
    told.seconds = 60
    told.stream.emit("heartbeat", "Azure answers")
    assert [Event.from_json(line).kind for line in machine.getvalue().splitlines()] == ["run.started", "heartbeat"]


@pytest.mark.parametrize(("output", "said"), [("text", True), ("json", False)])
def test_the_options_decide(output: str, said: bool, capsys: pytest.CaptureFixture[str]) -> None:
    stream = Stream()
    for listener in listeners({"output": output}):
        stream.listen(listener)
    stream.emit("run.started", "run contoso-1", steps=STEPS)
    assert ("so far" in capsys.readouterr().out) is said
