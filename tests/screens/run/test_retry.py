"""Trying again from the live page: the failed step alone, if that can help; else the key is dim and says why."""

from textual.pilot import Pilot

from installer.errors import Interrupted, Verdict
from screens.base.footer import Keys
from screens.base.glyphs import sign
from tests.screens import scripted_runs
from tests.screens.fake_session import World, frame, help_line, press, screen_text, started
from tests.screens.run.test_live import drawn, live


def offered(pilot: Pilot[int]) -> bool:
    """Whether the key for trying again is bright."""
    return next(key.enabled for key in frame(pilot).query_one(Keys).shown() if key.key == "r")


def test_a_run_that_was_stopped_goes_on_once_however_often_the_key_is_pressed(world: World) -> None:
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


def test_a_failed_step_is_tried_again_alone_while_the_others_go_on(world: World) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        scripted_runs.step(world.run, "runtime-dev", "failed", "ServerIsBusy: later")
        await drawn(pilot)
        assert offered(pilot)
        assert "r tries again Runtime · dev" in help_line(pilot)
        await press(pilot, "r", "r")
        await drawn(pilot)
        assert world.run.retried == ["runtime-dev"]
        assert "● Runtime · dev" in screen_text(pilot)
        assert "✗" not in screen_text(pilot)
        assert not offered(pilot)
        assert len(world.session.runs) == 1

    world.drive(world.resumed("contoso-7"), script)


def test_what_can_no_longer_be_reached_is_marked_while_the_rest_goes_on(world: World) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        world.run.stream.emit(
            "step.failed", "QuotaExceeded: 2 left", step="runtime-dev", retry="changed", blocks=["a", "b", "c", "d"]
        )
        await drawn(pilot)
        assert "which holds up 4 more" in help_line(pilot)
        lost = sign("blocked")
        assert f"{lost} Control plane · dev  waits for Runtime · dev" in screen_text(pilot)
        assert f"{lost} Acceptance run · dev  waits for Prefect server" in screen_text(pilot)
        assert "● Data" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_where_nothing_has_changed_the_key_is_dim_says_why_and_looks_again(world: World) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        assert not offered(pilot)
        assert "r is off for Runtime · dev, which holds up 3 more: only with more cores" in help_line(pilot)
        world.run.verdicts["runtime-dev"] = Verdict("changed", "no quota has changed")
        await press(pilot, "r")
        assert "Not tried again: no quota has changed" in help_line(pilot)
        assert world.run.retried == []
        world.run.verdicts["runtime-dev"] = Verdict("now", "a quota has changed")
        await press(pilot, "r")
        await drawn(pilot)
        assert world.run.retried == ["runtime-dev"]
        assert "○ Prefect server  waits for Runtime · dev" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)
