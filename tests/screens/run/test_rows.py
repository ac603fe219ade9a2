"""List of a run: its columns by the width of the terminal, and a cursor that stays where the user has put it."""

import pytest
from textual.pilot import Pilot

from installer.conventions.counts import counted
from screens.base.glyphs import cells, glyph
from screens.run.row_columns import columns_of
from screens.run.rows import Rows
from tests.screens import scripted_runs
from tests.screens.fake_session import LARGE, Harness, frame, press, screen_lines, screen_text, started
from tests.screens.run.test_live import drawn, live, selected

HUGE = (200, 60)
STORAGE = "Microsoft.Storage/storageAccounts"


@pytest.mark.parametrize("width", [40, 78, 93, 94, 139, 140, 160, 199, 400])
def test_the_columns_fill_the_width(width: int) -> None:
    columns = columns_of(width)
    assert columns.title >= min(width, 78) - 34
    assert bool(columns.bar) == (width >= 94)
    assert bool(columns.kind) == (width >= 140)


@pytest.mark.parametrize("size", [(80, 24), LARGE, HUGE])
def test_a_long_list_scrolls_down_only(world: Harness, size: tuple[int, int]) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.many(world.run, 1000)
        await drawn(pilot)
        rows = frame(pilot).query_one(Rows)
        assert (rows.show_vertical_scrollbar, rows.show_horizontal_scrollbar) == (True, False)
        assert rows.max_scroll_x == 0
        await pilot.resize_terminal(90, 30)
        await drawn(pilot)
        assert not rows.show_horizontal_scrollbar
        assert {cells(line) for line in screen_lines(pilot)} == {90}

    world.drive(world.resumed("contoso-7"), script, size)


def test_a_row_has_a_bar_against_its_usual_time_where_columns_allow_it(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        row = next(line for line in screen_lines(pilot) if "● Data" in line)
        full, empty = row.count(glyph("row full")), row.count(glyph("row empty"))
        assert full / (full + empty) == pytest.approx(72 / 420, abs=0.05)
        finished = next(line for line in screen_lines(pilot) if "✓ Foundation" in line)
        assert glyph("row full") not in finished
        assert "3:04" in finished
        await pilot.resize_terminal(80, 24)
        await drawn(pilot)
        assert glyph("row full") not in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script, HUGE)


def test_a_wide_terminal_has_a_column_for_types(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        places = {
            line.index(kind)
            for line in screen_lines(pilot)[:20]
            for kind in ("Azure Database for", "Kubernetes service")
            if kind in line
        }
        assert len(places) == 1

    world.drive(world.resumed("contoso-7"), script, HUGE)


def test_the_cursor_stays_on_a_running_step_while_others_begin_and_end(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.begin(world.run)
        scripted_runs.step(world.run, "runtime-dev")
        await drawn(pilot)
        assert selected(pilot) == "Runtime · dev"
        for key in ("foundation", "network", "data"):
            scripted_runs.step(world.run, key)
            await drawn(pilot)
            assert selected(pilot) == "Runtime · dev"
            scripted_runs.step(world.run, key, "done")
            await drawn(pilot)
            assert selected(pilot) == "Runtime · dev"
        scripted_runs.step(world.run, "prefect-server")
        scripted_runs.step(world.run, "runtime-dev", "done")
        await drawn(pilot)
        assert selected(pilot) == "Prefect server"

    world.drive(world.resumed("contoso-7"), script)


def test_a_selected_resource_that_folds_leaves_the_cursor_on_its_step(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        await press(pilot, "down")
        assert selected(pilot) == "pg-ff-contoso"
        scripted_runs.resource(world.run, "data", "pg-ff-contoso", "Microsoft.DBforPostgreSQL/flexibleServers", "done")
        await drawn(pilot)
        assert selected(pilot) == "Data"

    world.drive(world.resumed("contoso-7"), script)


def test_the_same_resource_in_two_steps_is_two_rows(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.begin(world.run)
        for key in ("foundation", "network"):
            scripted_runs.step(world.run, key)
            scripted_runs.resource(world.run, key, "st1", STORAGE)
        await drawn(pilot)
        await press(pilot, "home", "down", "down", "down")
        line = frame(pilot).query_one(Rows).selected
        assert line is not None
        assert (line.row.title, line.step.key) == ("st1", "network")

    world.drive(world.resumed("contoso-7"), script)


def test_no_time_left_is_counted_while_a_person_is_waited_for(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.asks(world.run)
        scripted_runs.step(world.run, "runtime-dev", "done")
        await drawn(pilot)
        first = screen_text(pilot)
        assert "waiting for your answer, then " in first
        words = first.partition("waiting for your answer")[2].splitlines()[0]
        world.clock.seconds += 3600
        live(pilot).tick()
        await drawn(pilot)
        assert words in screen_text(pilot)

    world.drive(world.resumed("contoso-7"), script, LARGE)


def test_a_click_selects_a_row(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        await drawn(pilot)
        at = next(y for y, line in enumerate(screen_lines(pilot)) if "○ Prefect server" in line)
        await pilot.click(offset=(10, at))
        await drawn(pilot)
        assert selected(pilot) == "Prefect server"

    world.drive(world.resumed("contoso-7"), script)


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 resources"), (1, "1 resource"), (2, "2 resources"), (1200, "1,200 resources")]
)
def test_a_number_has_its_noun(number: int, words: str) -> None:
    assert counted(number, "resource") == words


def test_a_noun_may_have_a_plural_without_an_s_alone() -> None:
    assert [counted(number, "address", "addresses") for number in (1, 2)] == ["1 address", "2 addresses"]


def test_the_title_of_a_row_without_a_bar_has_the_room_of_one(world: Harness) -> None:
    name = "aks-ff-contoso-dev/aksManagedNodeOSUpgradeSchedule"

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        scripted_runs.resource(world.run, "runtime-dev", name, STORAGE, "done")
        await drawn(pilot)
        await press(pilot, "a")
        (done,) = [line for line in screen_lines(pilot) if f"✓ {name}" in line]
        (running,) = [line for line in screen_lines(pilot) if "● Data" in line]
        assert done.index("0:00", done.index(name)) == running.index("1:12")  # times stay one column

    world.drive(world.resumed("contoso-7"), script, LARGE)
