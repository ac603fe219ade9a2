"""The live page: progress, time left, and what needs attention; with a thousand rows the same as with ten."""

import json

from textual.pilot import Pilot
from textual.widgets import Input, Log

from installer.answers.files import load
from installer.errors import DeploymentFailed
from installer.estate.resources import resources
from screens.base.footer import KeyFooter
from screens.run.details import DetailsDialog
from screens.run.live import LivePage
from screens.run.rows import Rows
from tests.screens import scripted_runs
from tests.screens.fake_session import (
    ANSWERS,
    Harness,
    frame,
    press,
    screen_lines,
    screen_text,
    settled,
    started,
    until,
)


def live(pilot: Pilot[int]) -> LivePage:
    """The live page."""
    page = frame(pilot)
    assert isinstance(page, LivePage)
    return page


async def drawn(pilot: Pilot[int]) -> None:
    """Let the page process all events."""
    page = live(pilot)
    while page.waiting:
        page.tick()
    page.tick()
    await settled(pilot)


def selected(pilot: Pilot[int]) -> str:
    """Title of the selected row."""
    line = frame(pilot).query_one(Rows).selected
    assert line is not None
    return line.row.title


def test_it_shows_state_elapsed_and_usual_time_of_what_runs(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        text = screen_text(pilot)
        assert "✓ Foundation" in text
        assert "● Data" in text
        assert "○ Control plane · dev  waits for Data, Runtime · dev" in text
        row = next(line for line in screen_lines(pilot) if "pg-ff-contoso" in line)
        assert "1:12" in row
        assert "usual 7:10" in row
        assert "✓ 1 done" in text
        assert "7:54 elapsed" in text

    world.drive(world.resumed("contoso-7"), script)


def test_columns_are_aligned(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        usual = {line.index("usual ") for line in screen_lines(pilot) if "usual " in line}
        assert len(usual) == 1

    world.drive(world.resumed("contoso-7"), script)


def test_a_thousand_rows_show_failures_first_then_running_and_a_count_of_the_rest(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.many(world.run, 1000)
        await drawn(pilot)
        lines = [line for line in screen_lines(pilot) if " st0" in line and "log" not in line]
        assert "✗ st0501: StorageAccountTaken" in screen_text(pilot)
        rows = frame(pilot).query_one(Rows)
        titles = [line.row.title for line in rows.shown if line.depth]
        assert titles[0] == "st0501"
        assert titles[1] == "st0001"
        assert [line.folded for line in rows.shown if line.folded] == [500]
        assert lines
        assert all(len(line) == len(screen_lines(pilot)[0]) for line in screen_lines(pilot))

    world.drive(world.resumed("contoso-7"), script)


def test_a_thousand_events_are_one_repaint_a_tick(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        page, rows = live(pilot), frame(pilot).query_one(Rows)
        scripted_runs.many(world.run, 1000)
        before = rows.repaints
        ticks = 0
        while page.waiting:
            page.tick()
            ticks += 1
        assert rows.repaints - before == ticks
        assert ticks <= 5

    world.drive(world.resumed("contoso-7"), script)


def test_nothing_is_repainted_while_nothing_happens(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        rows = frame(pilot).query_one(Rows)
        before = rows.repaints
        live(pilot).tick()
        assert rows.repaints == before
        world.clock.seconds += 1
        live(pilot).tick()
        assert rows.repaints == before + 1

    world.drive(world.resumed("contoso-7"), script)


def test_after_a_failure_the_cursor_is_on_the_innermost_cause_and_enter_shows_details(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.failed(world.run)
        await drawn(pilot)
        assert selected(pilot) == "aks-ff-contoso-dev"
        assert "✗ aks-ff-contoso-dev: QuotaExceeded: 4 more cores" in screen_text(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, DetailsDialog)
        text = screen_text(pilot)
        assert "Cause    QuotaExceeded: 4 more cores of Standard DDSv5 are needed" in text
        assert "Reason   The quota of the subscription for cores" in text
        assert "Remedy   " in text
        assert "Retry    after the remedy" in text
        await press(pilot, "pagedown")
        assert "Type     Microsoft.ContainerService/managedClusters" in text + screen_text(pilot)
        await press(pilot, "pagedown", "pagedown")
        assert '"QuotaExceeded"' in screen_text(pilot)
        await press(pilot, "escape")
        assert len(pilot.app.screen_stack) == 2
        await press(pilot, "up", "enter")
        assert "Blocks   Control plane · dev, Prefect server, Acceptance run · dev" in screen_text(pilot)
        assert "Advice   only with more cores" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_a_failure_stays_visible_when_the_cursor_moves_away(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.many(world.run, 1000)
        await drawn(pilot)
        await press(pilot, "end")
        assert selected(pilot) == "Acceptance run · dev"
        assert "✗ st0501: StorageAccountTaken" in screen_text(pilot)
        await press(pilot, "home")
        assert selected(pilot) == "Foundation"

    world.drive(world.resumed("contoso-7"), script)


def test_all_rows_are_shown_on_request(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        assert "kv-ff-contoso-dev" not in "\n".join(screen_lines(pilot)[3:15])
        await press(pilot, "a")
        assert "kv-ff-contoso-dev" in "\n".join(screen_lines(pilot)[3:15])
        await press(pilot, "a")
        assert "kv-ff-contoso-dev" not in "\n".join(screen_lines(pilot)[3:15])

    world.drive(world.resumed("contoso-7"), script)


def test_l_enlarges_the_log_makes_it_scrollable_and_shrinks_it_again(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.many(world.run, 100)
        await drawn(pilot)
        log = frame(pilot).query_one(Log)
        small = log.size.height
        await press(pilot, "l")
        assert log.size.height > 3 * small
        await until(pilot, lambda: log.scroll_target_y == log.max_scroll_y, "the log to be at its end")
        bottom = log.scroll_offset.y
        await press(pilot, "up", "up")
        await until(pilot, lambda: log.scroll_offset.y <= bottom - 2, "the log to move")
        at = log.scroll_offset.y
        world.run.stream.emit("log", "news")
        await drawn(pilot)
        assert log.scroll_offset.y == at  # it follows only while scrolled to its end
        await press(pilot, "l")
        assert log.size.height == small
        assert isinstance(pilot.app.focused, Rows)

    world.drive(world.resumed("contoso-7"), script)


def test_the_small_log_shows_the_newest_line_after_the_terminal_shrank(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await pilot.resize_terminal(120, 40)
        await started(pilot)
        scripted_runs.many(world.run, 100)
        await drawn(pilot)
        log = frame(pilot).query_one(Log)
        await until(pilot, lambda: log.scroll_offset.y == log.max_scroll_y, "the log to be at its end")
        await pilot.resize_terminal(80, 24)
        world.run.stream.emit("log", "the newest of all")
        await until(pilot, lambda: "the newest of all" in "\n".join(screen_lines(pilot)), "the newest line to be shown")

    world.drive(world.resumed("contoso-7"), script)


def test_the_log_is_bounded(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.begin(world.run)
        for number in range(3000):
            world.run.stream.emit("log", f"line {number}")
        await drawn(pilot)
        assert frame(pilot).query_one(Log).line_count <= 2001

    world.drive(world.resumed("contoso-7"), script)


def test_a_question_of_the_run_is_answered_on_the_page(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.asks(world.run)
        await drawn(pilot)
        assert "! Has an administrator consented? (yes, no)" in screen_text(pilot)
        field = pilot.app.focused
        assert isinstance(field, Input)
        assert field.value == "yes"
        await press(pilot, "ctrl+u", *"no", "enter")
        world.clock.seconds += 1
        await drawn(pilot)
        assert "consented? (yes, no)" not in "\n".join(screen_lines(pilot)[:18])
        assert isinstance(pilot.app.focused, Rows)

    world.drive(world.resumed("contoso-7"), script)
    assert world.run.answered == ["no"]


def test_an_error_before_the_first_step_is_shown(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        world.run.stream.emit("step.failed", "az login has expired", exit_code=4)
        world.run.end({"": DeploymentFailed("az login has expired")})
        await drawn(pilot)
        assert "✗ az login has expired" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_a_successful_run_leads_to_the_last_page_with_the_verified_results(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.succeeded(world.run)
        await drawn(pilot)
        await settled(pilot)
        assert frame(pilot).page_key == "done"
        text = screen_text(pilot)
        count = sum(1 for _ in resources(load(ANSWERS / "dev.yaml").answers))
        assert f"Rehearsed: {count} resources. Nothing was deployed to Azure" in text
        assert "http://127.0.0.1:4200" in text
        assert "✓ Prefect run in dev COMPLETED (3.4 s)" in text
        await press(pilot, "ctrl+q")

    assert world.drive(world.resumed("contoso-7"), script).return_value == 0


def test_a_run_can_be_shown_from_its_events_alone(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        assert "● Data" in screen_text(pilot)
        assert "run contoso-7 · subscription 4f2c…91ab" in screen_lines(pilot)[0]

    world.drive(world.resumed("contoso-7"), script)


def test_details_show_an_error_of_any_shape(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.begin(world.run)
        scripted_runs.step(world.run, "data")
        error = json.loads('{"code": "X", "message": "a\\nb", "details": [{"details": "none"}, 7]}')
        world.run.stream.emit("resource.failed", "X: a b", step="data", resource="pg", id="pg", error=error)
        await drawn(pilot)
        await press(pilot, "enter")
        assert "Error from Azure:" in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script)


def test_details_follow_the_run_and_have_long_log_lines_in_full(world: Harness) -> None:
    long = "first word " + "middle " * 100 + "last word"

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        page = live(pilot)
        scripted_runs.begin(world.run)
        scripted_runs.step(world.run, "data")
        world.run.stream.emit("resource.started", "creating", step="data", resource="pg", id="pg")
        world.run.stream.emit("log", "of another resource", step="data", resource="st")
        await drawn(pilot)
        await press(pilot, "enter")
        dialog = pilot.app.screen
        assert isinstance(dialog, DetailsDialog)
        before = screen_text(pilot)
        world.run.stream.emit("resource.finished", long, step="data", resource="pg")
        page.tick()
        dialog._follow()
        await pilot.pause()
        await press(pilot, *["pagedown"] * 3)
        after = screen_text(pilot)
        assert "last word" not in before
        assert "last word" in after

    world.drive(world.resumed("contoso-7"), script)


def test_the_cursor_follows_again_on_request(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        running = selected(pilot)
        footer = frame(pilot).query_one(KeyFooter)
        assert "follow" not in {key.words for key in footer.shown()}
        await press(pilot, "home")
        assert selected(pilot) != running
        keys = [key.text for key in footer.shown()]
        assert "f follow" in keys
        assert len(" ".join(keys)) <= 80
        await press(pilot, "f")
        assert selected(pilot) == running
        assert "follow" not in {key.words for key in footer.shown()}

    world.drive(world.resumed("contoso-7"), script)


def test_f1_explains_the_page_and_closes_again(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        await press(pilot, "f1")
        assert "The cursor follows the running step" in screen_text(pilot)
        await press(pilot, "f1")
        assert pilot.app.screen is live(pilot)

    world.drive(world.resumed("contoso-7"), script)
