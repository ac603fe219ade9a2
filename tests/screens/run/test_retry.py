"""After a failure: retry of the failed step only, with a warning if nothing has changed; or another answer."""

from textual.pilot import Pilot
from textual.widgets import OptionList

from installer.errors import Interrupted, Verdict
from screens.base.footer import KeyFooter
from screens.base.glyphs import glyph
from tests.screens import scripted_runs
from tests.screens.fake_session import Harness, frame, help_line, press, screen_text, started
from tests.screens.run.test_live import drawn, live


def offered(pilot: Pilot[int]) -> bool:
    """Whether the retry key is enabled."""
    return any(key.key == "r" for key in frame(pilot).query_one(KeyFooter).shown())


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
        assert "which blocks 4 steps" in help_line(pilot)
        lost = glyph("blocked")
        assert f"{lost} Control plane · dev  waits for Runtime · dev" in screen_text(pilot)
        assert f"{lost} Acceptance run · dev  waits for Prefect server" in screen_text(pilot)
        assert "● Data" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_a_retry_without_a_change_is_possible_after_a_warning(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        assert offered(pilot)
        assert "r checks and retries Runtime · dev, which blocks 3 steps" in help_line(pilot)
        world.run.verdicts["runtime-dev"] = Verdict("changed", "no quota has changed")
        await press(pilot, "r")
        assert "Nothing seems to have changed: no quota has changed." in screen_text(pilot)
        await press(pilot, "escape")
        assert world.run.retried == []
        await press(pilot, "r", "enter")
        await drawn(pilot)
        assert world.run.retried == ["runtime-dev"]
        assert "○ Prefect server  waits for Runtime · dev" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_a_change_that_is_seen_needs_no_warning(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        world.run.verdicts["runtime-dev"] = Verdict("now", "a quota has changed")
        await press(pilot, "r")
        await drawn(pilot)
        assert world.run.retried == ["runtime-dev"]

    world.drive(world.resumed("contoso-7"), script)


# -- another answer --------------------------------------------------------------------------------------------------


def test_an_answer_is_changed_from_the_failure_and_the_run_is_resumed_with_it(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        first = world.run
        await press(pilot, "e", *"worker nodes", "enter")
        assert "Allowed: a whole number from" in screen_text(pilot)
        await press(pilot, "ctrl+u", *"999", "enter")
        assert "999 is too large; allowed: a whole number" in screen_text(pilot)
        assert world.session.changed == [{}]
        await press(pilot, "ctrl+u", "2", "enter")
        assert world.session.changed[1:] == [{"sizing.worker_nodes": "2"}]
        assert first.closed
        assert live(pilot).run.result is None

    world.drive(world.resumed("contoso-7"), script)


def test_no_answer_changes_while_steps_still_run(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        scripted_runs.step(world.run, "runtime-dev", "failed", "QuotaExceeded: 2 left", retry="changed")
        await drawn(pilot)
        await press(pilot, "e")
        assert len(pilot.app.screen_stack) == 2
        world.run.verdicts["runtime-dev"] = Verdict("never", "")
        await press(pilot, "r")
        assert "Change an answer" not in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_closing_the_dialog_changes_nothing(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        await press(pilot, "e", "escape")
        assert len(world.session.runs) == 1

    world.drive(world.resumed("contoso-7"), script)


def test_a_question_with_a_fixed_list_offers_it(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        await press(pilot, "e", *"platform.private_api", "enter")
        offered = pilot.app.screen.query_one("#change-options", OptionList)
        assert [option.id for option in offered.options] == ["yes", "no"]
        assert offered.highlighted == 1
        await press(pilot, "enter")
        assert "this is the answer of the run" in screen_text(pilot)
        await press(pilot, "up", "enter")
        assert world.session.changed[1:] == [{"platform.private_api": "yes"}]

    world.drive(world.resumed("contoso-7"), script)
