"""Leaving during an installation shows what continues and how to resume; the safe answer has the focus."""

import os
import signal

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from installer.errors import DeploymentFailed, UsageError
from screens.run.launch import run_app
from screens.run.leave import LeaveDialog
from tests.screens import scripted_runs
from tests.screens.fake_session import Harness, frame, press, screen_text, started, until
from tests.screens.run.test_live import drawn


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
def test_stay_has_the_focus_and_enter_closes_the_dialog(world: Harness, key: str) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        await press(pilot, key)
        assert isinstance(pilot.app.screen, LeaveDialog)
        assert isinstance(pilot.app.focused, Button)
        assert pilot.app.focused.id == "stay"
        text = screen_text(pilot)
        assert "Data, Runtime · dev" in text
        assert "flowforge-install resume contoso-7" in text
        await press(pilot, key)  # a second press opens no second dialog
        assert len(pilot.app.screen_stack) == 3
        await press(pilot, "enter")
        assert len(pilot.app.screen_stack) == 2

    app = world.drive(world.resumed("contoso-7"), script)
    assert not world.run.stop.requested
    assert app.return_value is None


def test_a_real_run_shows_that_azure_continues(world: Harness) -> None:
    world.session.options = type(world.session.options)(rehearsal=False)

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        await press(pilot, "ctrl+q")
        assert "In progress: Data, Runtime · dev." in screen_text(pilot)
        assert "Deployments in Azure continue after you leave" in screen_text(pilot)
        assert "REHEARSAL" not in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


@pytest.mark.parametrize(("steps", "cancels"), [(1, False), (2, True)])
def test_leaving_stops_the_run_and_only_on_request_its_deployments(world: Harness, steps: int, cancels: bool) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        await press(pilot, "ctrl+q", *["right"] * steps, "enter")

    app = world.drive(world.resumed("contoso-7"), script)
    assert world.run.stop.requested
    assert world.run.stop.cancel_deployments is cancels
    assert app.return_value == 130
    assert app.exit_message == "Resume with: flowforge-install resume contoso-7"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_closed_terminal_stops_the_run_in_order(world: Harness, number: signal.Signals) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        os.kill(os.getpid(), number)
        await until(pilot, lambda: world.run.stop.requested, "the stop")

    app = world.drive(world.resumed("contoso-7"), script)
    assert not world.run.stop.cancel_deployments
    assert app.return_value == 130
    assert app.exit_message == "Resume with: flowforge-install resume contoso-7"


def test_a_run_that_ends_while_the_dialog_is_open_gives_its_exit_code(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        await press(pilot, "ctrl+q")
        world.run.end({"data": DeploymentFailed("it broke")})
        await press(pilot, "right", "enter")

    app = world.drive(world.resumed("contoso-7"), script)
    assert not world.run.stop.requested
    assert app.return_value == 4


def test_a_run_that_succeeds_while_the_dialog_is_open_shows_the_last_page_afterwards(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        await press(pilot, "ctrl+q")
        scripted_runs.succeeded(world.run)
        page = frame(pilot)
        await drawn(pilot)
        assert frame(pilot) is page
        await press(pilot, "enter")
        await until(pilot, lambda: frame(pilot).page_key == "done", "the last page")

    world.drive(world.resumed("contoso-7"), script)


def test_a_failed_run_is_left_without_a_question_and_with_its_exit_code(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        await press(pilot, "ctrl+q")

    app = world.drive(world.resumed("contoso-7"), script)
    assert app.return_value == 4
    assert app.exit_message == "run contoso-7: failed. Resume with: flowforge-install resume contoso-7"


def test_a_run_that_cannot_be_resumed_ends_the_program_with_the_reason(world: Harness) -> None:
    world.session.cannot = UsageError("run contoso-9 is held by process 17")
    app = world.resumed("contoso-9")

    async def script(_pilot: Pilot[int]) -> None:
        """The app exits without a key press."""

    world.drive(app, script)
    assert app.return_value == 2
    assert app.exit_message == "run contoso-9 is held by process 17"


@pytest.mark.parametrize(("ended", "printed"), [(4, "Resume with"), (None, "the traceback is in")])
def test_the_last_words_are_on_the_terminal_and_not_in_the_log(
    world: Harness,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    ended: int | None,
    printed: str,
) -> None:
    app = world.app()

    def run() -> int | None:
        app.exit_message = "Resume with"
        app._return_code = 1
        return ended

    monkeypatch.setattr(app, "run", run)
    assert run_app(app) == (ended or 1)
    assert printed in capfd.readouterr().err
    assert (world.session.state.path / "screen.log").read_bytes() == b""
