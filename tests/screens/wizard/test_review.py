"""The review: every decision can be changed from it; it starts a run once, and only with all decisions made."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from installer.answers.files import load
from installer.durations import clock
from installer.errors import UsageError
from installer.estate.resources import estate
from installer.planning.model import Plan
from screens.base.frame import PAGE_TITLES
from screens.base.glyphs import NOTHING_FOUND, glyph
from screens.wizard.fold_list import FoldList
from tests.screens.fake_session import (
    ANSWERS,
    SMALL,
    Harness,
    at_place,
    frame,
    help_line,
    press,
    screen_text,
    settled,
    until,
)
from tests.screens.typing_keys import here


def decisions(pilot: Pilot[int]) -> FoldList:
    """The first list."""
    return frame(pilot).query_one("#decisions", FoldList)


def lines(pilot: Pilot[int], name: str = "#decisions") -> list[str]:
    """The lines of a list."""
    return [str(option.prompt) for option in frame(pilot).query_one(name, FoldList).options]


async def to_decision(pilot: Pilot[int], words: str) -> None:
    """Unfold everything and put the cursor on the decision whose line contains the words."""
    decisions(pilot).focus()
    await press(pilot, "equals_sign")
    decisions(pilot).highlighted = next(at for at, line in enumerate(lines(pilot)) if words in line)
    await settled(pilot)


def cursor(pilot: Pilot[int]) -> str:
    """The line under the cursor."""
    at = decisions(pilot).highlighted
    assert at is not None
    return lines(pilot)[at]


@pytest.mark.parametrize("back", [["enter"], ["ctrl+n"], ["ctrl+b"]])
@pytest.mark.parametrize("edit", ["e", "enter"])
def test_after_changing_a_decision_the_cursor_is_on_its_line(world: Harness, edit: str, back: list[str]) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await to_decision(pilot, "Web app image  ")
        await press(pilot, edit)
        assert here(pilot).key == "platform.web_image"
        await press(pilot, "ctrl+u", *"flowforge/web:2.0.0")
        await press(pilot, *back)
        assert frame(pilot).page_key == "review"
        assert "flowforge/web:2.0.0  (given)" in cursor(pilot)

    world.drive(world.app(file="dev"), script)


def test_a_change_that_requires_another_answer_goes_to_it_before_it_returns(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await to_decision(pilot, "Egress")
        await press(pilot, "e", "right", "enter")
        assert here(pilot).key == "network.firewall_address"
        await press(pilot, *"10.0.0.4")
        await press(pilot, "enter")
        assert frame(pilot).page_key == "review"
        assert "Firewall private IP" in cursor(pilot)

    world.drive(world.app(file="dev"), script)


def test_it_does_not_start_with_a_missing_decision_and_selects_it(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        assert cursor(pilot).split(maxsplit=2)[:2] == [glyph("question"), "Subscription"]
        assert frame(pilot).query_one("#start", Button).disabled
        assert "decisions are open; press e to change them." in screen_text(pilot)
        await press(pilot, "ctrl+n")
        assert "Cannot start yet: " in help_line(pilot)
        await press(pilot, "e")
        assert here(pilot).page == "subscription"

    world.drive(world.app(), script)
    assert world.session.runs == []


def test_every_decision_is_listed_with_its_source(world: Harness) -> None:
    app = world.app(file="prod")

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        pages = lines(pilot)
        await press(pilot, "equals_sign")
        number = sum(len(app.draft_store.draft.questions(page_key)) for page_key in app.page_keys[:-1])
        assert len(lines(pilot)) == len(pages) + number
        assert any("Node count" in line and "6  (file)" in line for line in lines(pilot))
        assert any("VM size" in line and "(preset)" in line for line in lines(pilot))
        assert any("Overrides for" in line and "none  (default)" in line for line in lines(pilot))
        assert any("Log retention" in line and " days  (" in line for line in lines(pilot))

    world.drive(app, script)


def test_it_shows_the_resources_and_the_comparison_with_azure(world: Harness) -> None:
    world.session.planned = Plan("4f2c", "public", 1752.0, (), counts={"create": 70})

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        count = sum(len(stage.resources) for stage in estate(load(ANSWERS / "dev.yaml").answers))
        caption = f"{count} resources, usual duration in Azure {clock(1752.0)}: + 70 create"
        await until(pilot, lambda: caption in screen_text(pilot), "the comparison with Azure")
        assert "rg-ff-contoso-platform" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)


def test_pressing_start_twice_begins_one_run(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        start = frame(pilot).query_one("#start", Button)
        start.press()
        start.press()
        await press(pilot, "enter")
        assert frame(pilot).page_key == "live"

    world.drive(world.app(file="dev"), script)
    assert len(world.session.runs) == 1


def test_a_failed_start_shows_the_reason_and_can_be_repeated(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        world.session.cannot = UsageError("env:X: the environment variable X is not set")
        await press(pilot, "ctrl+n", "enter")
        assert "the environment variable X is not set" in help_line(pilot)
        world.session.cannot = None
        await until(
            pilot, lambda: not frame(pilot).query_one("#start").has_class("-active"), "the button to be released"
        )
        await press(pilot, "enter")
        assert frame(pilot).page_key == "live"

    world.drive(world.app(file="dev"), script)


def test_export_writes_the_same_answers_to_a_new_file(
    world: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    existing = tmp_path / "flowforge-contoso.yaml"
    existing.write_text("another file", encoding="utf-8")

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "x", "x")
        assert "Answers written to" in help_line(pilot)

    app = world.drive(world.app(file="dev"), script, SMALL)
    assert existing.read_text(encoding="utf-8") == "another file"
    assert sorted(path.name for path in tmp_path.glob("*.yaml")) == [
        "flowforge-contoso-2.yaml",
        "flowforge-contoso.yaml",
    ]
    assert load(tmp_path / "flowforge-contoso-2.yaml").answers == app.draft_store.draft.answers()


def test_pages_are_folded_with_counts(world: Harness) -> None:
    app = world.app(file="dev")

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        shown = lines(pilot)
        titles = [PAGE_TITLES[page_key] for page_key in app.page_keys[:-1]]
        assert all(line.startswith(f"{glyph('folded')} {title}") for line, title in zip(shown, titles, strict=True))
        assert "changed" in lines(pilot)[0]

    world.drive(app, script)


def test_only_what_differs_from_the_defaults_or_from_the_last_run(world: Harness) -> None:
    applied = load(ANSWERS / "dev.yaml").answers
    world.session.installed = "contoso-6", applied
    draft = load(ANSWERS / "dev.yaml").draft
    draft.give("sizing.worker_nodes", 4)

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "d")
        changed = [line for line in lines(pilot) if line.startswith("  ")]
        assert any("Node count" in line and "4  (given)" in line for line in changed)
        assert not any("(default)" in line or "(preset)" in line for line in changed)
        assert "other than presets and defaults" in help_line(pilot)
        await press(pilot, "d")
        assert [line.split()[:2] for line in lines(pilot) if line.startswith("  ")] == [["Node", "count"]]
        assert "other than in contoso-6" in help_line(pilot)
        await press(pilot, "d")
        assert len(lines(pilot)) > 5
        assert not [line for line in lines(pilot) if "Log retention" in line and glyph("folded") in line]

    world.drive(world.app(draft), script)


def test_without_an_earlier_run_there_are_two_views(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "d", "d")
        assert "All decisions" in help_line(pilot)

    world.drive(world.app(file="dev"), script)


def test_search_finds_decisions_resources_and_their_properties(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await until(pilot, lambda: bool(lines(pilot, "#estate")), "the resources")
        await press(pilot, "slash", *"minimum", "space", *"node")
        assert [line.split()[0] for line in lines(pilot)] == [glyph("open"), "Minimum"]
        await press(pilot, "ctrl+u", *"natgateways")
        assert lines(pilot) == [NOTHING_FOUND]
        found = lines(pilot, "#estate")
        assert any("ng-ff-contoso-dev (NAT gateway)" in line for line in found)
        await press(pilot, "enter")
        assert pilot.app.focused is frame(pilot).query_one("#estate")
        await press(pilot, "slash", "escape")
        assert len(lines(pilot)) > 5

    world.drive(world.app(file="dev"), script)


def test_the_search_and_open_pages_stay_while_a_decision_is_changed(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "slash", *"minimum", "space", *"node", "enter", "down", "e", "ctrl+n")
        assert frame(pilot).page_key == "review"
        assert "Minimum node count" in cursor(pilot)
        assert len(lines(pilot)) == 2

    world.drive(world.app(file="dev"), script)


def test_a_resource_opens_with_its_properties_and_secrets_are_not_among_them(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        estate_list = frame(pilot).query_one("#estate", FoldList)
        await until(pilot, lambda: bool(estate_list.rows), "the resources")
        at = next(
            n for n, line in enumerate(lines(pilot, "#estate")) if "vnet-ff-contoso-dev (Virtual network)" in line
        )
        estate_list.focus()
        estate_list.highlighted = at
        await press(pilot, "right")
        opened = "\n".join(lines(pilot, "#estate"))
        assert "addressSpace" in opened
        assert "location: swedencentral" in opened
        await press(pilot, "down", "c")
        assert "Copied: /subscriptions/" in help_line(pilot)
        await press(pilot, "o")
        assert "A rehearsal has no pages in the portal" in help_line(pilot)

    world.drive(world.app(file="dev"), script)


@pytest.mark.parametrize(("size", "boxes"), [((80, 24), 1), ((120, 40), 2), ((200, 60), 2)])
def test_the_topology_is_drawn_at_every_size(world: Harness, size: tuple[int, int], boxes: int) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "t")
        assert "vnet-ff-fabrikam-dev" in screen_text(pilot)
        shown = screen_text(pilot).splitlines()
        assert max(line.count("┌") for line in shown) == boxes
        assert [line for line in shown if line.count("┌") != line.count("┐")] == [], "a box is wider than its place"
        await press(pilot, "escape")
        assert frame(pilot).query("#decisions")

    world.drive(world.app(file="prod"), script, size)


def test_there_is_no_topology_of_missing_answers(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "t")
        assert "No picture yet" in help_line(pilot)

    world.drive(world.app(), script)
