"""The live page of a run that another process works on: it shows what that tells, and takes it answers."""

import asyncio
from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from installer.engine.inbox import take
from installer.runs.run import Run
from screens.base.footer import Keys
from screens.run.attach import AttachPage, RemoteRun
from screens.run.viewer import ViewerApp
from tests.screens.fake_session import SMALL, Script, World, frame, help_line, press, screen_lines, screen_text, until
from tests.support_bundle.sample_run import open_run, tell


@pytest.fixture
def run(world: World) -> Iterator[Run]:
    """A run that somebody works on."""
    run = open_run(world.session.state.runs)
    yield run
    run.journal.close()


def attached(world: World, run: Run, script: Script) -> int | None:
    app = ViewerApp(world.session, AttachPage(RemoteRun(run.directory)), "attached to contoso-1")

    async def go() -> None:
        async with app.run_test(size=SMALL) as pilot:
            await script(pilot)

    asyncio.run(go())
    return app.return_value


def test_it_shows_what_happens_there_and_that_it_has_ended(world: World, run: Run) -> None:
    async def script(pilot: Pilot[int]) -> None:
        tell(run)
        run.journal.flush()
        await until(pilot, lambda: "✗ Network" in screen_text(pilot), "what has failed")
        assert "attached to contoso-1" in screen_lines(pilot)[0]
        assert "r" not in [key.key for key in frame(pilot).query_one(Keys).shown()]
        await until(pilot, lambda: "it has ended with code 4" in help_line(pilot), "the end")
        await press(pilot, "ctrl+q")

    assert attached(world, run, script) == 4


def test_a_question_is_answered_from_here(world: World, run: Run) -> None:
    answers: list[str] = []

    def come() -> bool:
        answers.extend([text] if (text := take(run.directory, "consent")) is not None else [])
        return bool(answers)

    async def script(pilot: Pilot[int]) -> None:
        run.stream.emit("run.started", "run", steps=[{"key": "a", "title": "A"}])
        run.stream.emit("question", "Consented?", step="a", key="consent", choices=["yes", "no"], default="yes")
        run.journal.flush()
        await until(pilot, lambda: "! Consented? (yes, no)" in screen_text(pilot), "the question")
        await press(pilot, "ctrl+u", *"no", "enter")
        await until(pilot, come, "the answer")
        run.stream.emit("answer", "no", step="a", key="consent")
        run.journal.flush()
        await until(pilot, lambda: "Consented? (yes, no)" not in screen_text(pilot), "that it is settled")
        await press(pilot, "ctrl+q")

    assert attached(world, run, script) == 0
    assert answers == ["no"]


def test_a_run_that_nobody_works_on_is_told_as_such(world: World) -> None:
    run = open_run(world.session.state.runs)
    run.stream.emit("run.started", "run", steps=[])
    run.journal.close()

    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: "nobody works on it any more; go on with" in help_line(pilot), "what is left to do")
        await press(pilot, "ctrl+q")

    assert attached(world, run, script) == 0
