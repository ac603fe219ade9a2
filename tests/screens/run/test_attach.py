"""The live page of a run that another process executes: it shows the events and passes answers on."""

import asyncio
from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from installer.engine.inbox import take
from installer.runs.run import Run
from screens.base.footer import KeyFooter
from screens.run.attach import AttachApp, RemoteRun
from tests.screens.fake_session import SMALL, Harness, Script, frame, help_line, press, screen_lines, screen_text, until
from tests.support_bundle.sample_run import open_run, tell


@pytest.fixture
def run(world: Harness) -> Iterator[Run]:
    """A run that this process executes."""
    run = open_run(world.session.state.runs)
    yield run
    run.journal.close()


def attached(world: Harness, run: Run, script: Script) -> int | None:
    app = AttachApp(world.session, RemoteRun(run.directory))

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


def test_a_rehearsal_has_its_badge(world: Harness) -> None:
    run = open_run(world.session.state.runs)
    run.journal.set_facts(target={"kind": "rehearsal", "state": "x", "speed": 30.0})

    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: "REHEARSAL" in screen_lines(pilot)[0], "the badge")
        await press(pilot, "o")
        await press(pilot, "ctrl+q")

    assert attached(world, run, script) == 0
    run.journal.close()


def test_a_real_run_has_no_badge(world: Harness, run: Run) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: "attached to" in screen_lines(pilot)[0], "the page")
        assert "REHEARSAL" not in screen_lines(pilot)[0]
        await press(pilot, "ctrl+q")

    attached(world, run, script)


def test_a_run_that_succeeds_ends_on_the_last_page(world: Harness, run: Run) -> None:
    async def script(pilot: Pilot[int]) -> None:
        run.stream.emit("run.started", "run", steps=[{"key": "a", "title": "A"}])
        run.stream.emit("step.started", "A", step="a")
        run.stream.emit("step.progressed", "proved", step="a", proof="Prefect run in dev COMPLETED", seconds=3.4)
        run.stream.emit("step.finished", "done", step="a")
        run.stream.emit("run.finished", "succeeded", state="succeeded", exit_code=0)
        run.journal.flush()
        await until(pilot, lambda: frame(pilot).page_key == "done", "the last page")
        await until(pilot, lambda: "FlowForge is installed" in screen_text(pilot), "its text")
        assert "✓ Prefect run in dev COMPLETED (3.4 s)" in screen_text(pilot)
        keys = {key.key for key in frame(pilot).query_one(KeyFooter).shown()}
        assert "k" not in keys  # only the process that runs Prefect can keep it
        assert "t" in keys
        await press(pilot, "ctrl+q")

    assert attached(world, run, script) == 0
