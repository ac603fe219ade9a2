"""The live page of a run that another process executes: it shows the events and passes answers on."""

import asyncio
from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from installer.engine.inbox import take
from installer.runs.run import Run
from screens.base.footer import KeyFooter
from screens.run.attach import AttachPage, RemoteRun
from screens.run.viewer import ViewerApp
from tests.screens.fake_session import SMALL, Harness, Script, frame, help_line, press, screen_lines, screen_text, until
from tests.support_bundle.sample_run import open_run, tell


@pytest.fixture
def run(world: Harness) -> Iterator[Run]:
    """A run that this process executes."""
    run = open_run(world.session.state.runs)
    yield run
    run.journal.close()


def attached(world: Harness, run: Run, script: Script) -> int | None:
    app = ViewerApp(world.session, AttachPage(RemoteRun(run.directory)), "attached to contoso-1")

    async def go() -> None:
        async with app.run_test(size=SMALL) as pilot:
            await script(pilot)

    asyncio.run(go())
    return app.return_value


def test_it_shows_the_events_and_the_end(world: Harness, run: Run) -> None:
    async def script(pilot: Pilot[int]) -> None:
        tell(run)
        run.journal.flush()
        await until(pilot, lambda: "✗ Network" in screen_text(pilot), "what has failed")
        assert "attached to contoso-1" in screen_lines(pilot)[0]
        assert "r" not in [key.key for key in frame(pilot).query_one(KeyFooter).shown()]
        await until(pilot, lambda: "ended with exit code 4" in help_line(pilot), "the end")
        await press(pilot, "ctrl+q")

    assert attached(world, run, script) == 4


def test_a_question_is_answered_from_here(world: Harness, run: Run) -> None:
    answers: list[str] = []

    def arrived() -> bool:
        answers.extend([text] if (text := take(run.directory, "consent")) is not None else [])
        return bool(answers)

    async def script(pilot: Pilot[int]) -> None:
        run.stream.emit("run.started", "run", steps=[{"key": "a", "title": "A"}])
        run.stream.emit("question", "Consented?", step="a", key="consent", choices=["yes", "no"], default="yes")
        run.journal.flush()
        await until(pilot, lambda: "! Consented? (yes, no)" in screen_text(pilot), "the question")
        await press(pilot, "ctrl+u", *"no", "enter")
        await until(pilot, arrived, "the answer")
        run.stream.emit("answer", "no", step="a", key="consent")
        run.journal.flush()
        await until(pilot, lambda: "Consented? (yes, no)" not in screen_text(pilot), "the question to close")
        await press(pilot, "ctrl+q")

    assert attached(world, run, script) == 0
    assert answers == ["no"]


def test_a_run_without_a_process_is_reported(world: Harness) -> None:
    run = open_run(world.session.state.runs)
    run.stream.emit("run.started", "run", steps=[])
    run.journal.close()

    async def script(pilot: Pilot[int]) -> None:
        await until(
            pilot, lambda: "its installer has stopped; resume it with" in help_line(pilot), "the advice to resume"
        )
        await press(pilot, "ctrl+q")

    assert attached(world, run, script) == 0
