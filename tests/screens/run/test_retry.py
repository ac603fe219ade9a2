"""Retry from the live page: only the failed step, if that can help; otherwise the key is dim and the reason is shown."""

from textual.pilot import Pilot

from installer.errors import Interrupted, Verdict
from screens.base.footer import KeyFooter
from screens.base.glyphs import glyph
from tests.screens import scripted_runs
from tests.screens.fake_session import Harness, frame, help_line, press, screen_text, started
from tests.screens.run.test_live import drawn, live


def offered(pilot: Pilot[int]) -> bool:
    """Whether the retry key is enabled."""
    return next(key.enabled for key in frame(pilot).query_one(KeyFooter).shown() if key.key == "r")


def test_a_stopped_run_is_resumed_once_however_often_the_key_is_pressed(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        assert not offered(pilot)
        await press(pilot, "r")
        assert len(world.session.runs) == 1
        first = world.run
        first.end({"data": Interrupted("stopped on request")})
        await drawn(pilot)
        assert offered(pilot)
        await press(pilot, "r", "r")
        assert [run.name for run in world.session.runs] == ["contoso-7", "contoso-7"]
        assert first.closed
        assert live(pilot).run.result is None

    world.drive(world.resumed("contoso-7"), script)


def test_only_the_failed_step_is_retried_while_the_others_continue(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        scripted_runs.step(world.run, "runtime-dev", "failed", "ServerIsBusy: later")
        await drawn(pilot)
        assert offered(pilot)
        assert help_line(pilot) == "r retries Runtime · dev: it passes without changes"
        await press(pilot, "r", "r")
        await drawn(pilot)
        assert world.run.retried == ["runtime-dev"]
        assert "● Runtime · dev" in screen_text(pilot)
        assert "✗" not in screen_text(pilot)
        assert not offered(pilot)
        assert len(world.session.runs) == 1

    world.drive(world.resumed("contoso-7"), script)


def test_unreachable_steps_are_marked_while_the_rest_continues(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        world.run.stream.emit(
            "step.failed", "QuotaExceeded: 2 left", step="runtime-dev", retry="changed", blocks=["a", "b", "c", "d"]
        )
        await drawn(pilot)
        assert "which blocks 4 more" in help_line(pilot)
        lost = glyph("blocked")
        assert f"{lost} Control plane · dev  waits for Runtime · dev" in screen_text(pilot)
        assert f"{lost} Acceptance run · dev  waits for Prefect server" in screen_text(pilot)
        assert "● Data" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_without_a_change_the_key_is_dim_shows_the_reason_and_checks_again(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        assert not offered(pilot)
        assert "retry is off for Runtime · dev, which blocks 3 more: only with more cores" in help_line(pilot)
        world.run.verdicts["runtime-dev"] = Verdict("changed", "no quota has changed")
        await press(pilot, "r")
        assert "No retry: no quota has changed" in help_line(pilot)
        assert world.run.retried == []
        world.run.verdicts["runtime-dev"] = Verdict("now", "a quota has changed")
        await press(pilot, "r")
        await drawn(pilot)
        assert world.run.retried == ["runtime-dev"]
        assert "○ Prefect server  waits for Runtime · dev" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)
