"""The live page of an operation: it ends with the run, and the command reports afterwards."""

import asyncio
from typing import TYPE_CHECKING, cast

from textual.pilot import Pilot

from installer.answers.files import load
from installer.errors import DeploymentFailed
from screens.base.footer import KeyFooter
from screens.run.operation import OperationApp
from tests.screens.fake_session import (
    ANSWERS,
    SMALL,
    FakeRun,
    Harness,
    Script,
    frame,
    help_line,
    press,
    screen_text,
    until,
)
from tests.screens.scripted_runs import begin, step

if TYPE_CHECKING:
    from installer.runs.run import Run


def started(world: Harness) -> FakeRun:
    draft = load(ANSWERS / "dev.yaml").draft
    world.session.begin(draft.answers(), draft, attended=False)
    return world.run


def shown(world: Harness, run: FakeRun, script: Script) -> OperationApp:
    app = OperationApp(world.session, cast("Run", run))

    async def go() -> None:
        async with app.run_test(size=SMALL) as pilot:
            begin(run)
            step(run, "foundation")
            await script(pilot)

    asyncio.run(go())
    return app


def test_it_shows_the_steps_and_closes_at_the_end(world: Harness) -> None:
    run = started(world)

    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: "Foundation" in screen_text(pilot), "the step")
        run.end()
        await until(pilot, lambda: not pilot.app.is_running or pilot.app.return_value == 0, "the end")

    app = shown(world, run, script)
    assert (app.return_value, app.exit_message) == (0, "")


def test_a_failure_stays_on_the_screen_and_nothing_is_retried_here(world: Harness) -> None:
    run = started(world)

    async def script(pilot: Pilot[int]) -> None:
        step(run, "foundation", "failed", "quota", retry="now")
        run.end({"foundation": DeploymentFailed("quota")})
        await until(pilot, lambda: "give the same command again" in help_line(pilot), "the way to continue")
        assert "r" not in [key.key for key in frame(pilot).query_one(KeyFooter).shown()]
        await press(pilot, "ctrl+q")

    app = shown(world, run, script)
    assert (app.return_value, app.exit_message) == (DeploymentFailed.exit_code, "")


def test_leaving_stops_the_run_and_names_the_command_that_continues_it(world: Harness) -> None:
    run = started(world)

    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "ctrl+q")
        await until(pilot, lambda: "Resume with:" in screen_text(pilot), "the question")
        await press(pilot, "tab", "enter")

    shown(world, run, script)
    assert run.stop.requested
