"""The review: every decision can be changed from it; it starts a run once, and only with all decisions made."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, OptionList

from installer.answers.files import load
from installer.durations import clock
from installer.errors import UsageError
from installer.estate.resources import critical_seconds, estate
from screens.base.glyphs import glyph
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


async def to_decision(pilot: Pilot[int], words: str) -> None:
    """Put the cursor on the decision whose line contains the words."""
    decisions = frame(pilot).query_one("#decisions", OptionList)
    for index, option in enumerate(decisions.options):
        if words in str(option.prompt):
            decisions.highlighted = index
    await settled(pilot)


def cursor(pilot: Pilot[int]) -> str:
    """The line under the cursor."""
    decisions = frame(pilot).query_one("#decisions", OptionList)
    assert decisions.highlighted is not None
    return str(decisions.get_option_at_index(decisions.highlighted).prompt)


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
        assert cursor(pilot).split(maxsplit=3)[:3] == ["Subscription", "Subscription", glyph("question")]
        assert frame(pilot).query_one("#start", Button).disabled
        assert "decisions are missing; press e to change them." in screen_text(pilot)
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
        lines = [str(option.prompt) for option in frame(pilot).query_one("#decisions", OptionList).options]
        assert len(lines) == sum(len(app.draft_store.draft.questions(page_key)) for page_key in app.page_keys[:-1])
        assert any("Node count" in line and "6  (file)" in line for line in lines)
        assert any("VM size" in line and "(preset)" in line for line in lines)
        assert any("Overrides for" in line and "none  (default)" in line for line in lines)
        assert any("Log retention" in line and " days  (" in line for line in lines)

    world.drive(app, script)


def test_it_shows_the_resources_and_the_comparison_with_azure(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        stages = estate(load(ANSWERS / "dev.yaml").answers)
        count = sum(len(stage.resources) for stage in stages)
        caption = f"{count} resources, usual duration in Azure {clock(critical_seconds(stages))}: + 70 create"
        await until(pilot, lambda: caption in screen_text(pilot), "the comparison with Azure")
        assert "rg-ff-contoso-platform" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)


def test_pressing_start_twice_begins_one_run(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        start = frame(pilot).query_one("#start", Button)
        start.press()
        start.press()
        await press(pilot, "ctrl+n", "enter")
        assert frame(pilot).page_key == "live"

    world.drive(world.app(file="dev"), script)
    assert len(world.session.runs) == 1


def test_a_failed_start_shows_the_reason_and_can_be_repeated(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        world.session.cannot = UsageError("env:X: the environment variable X is not set")
        await press(pilot, "ctrl+n", "enter", "enter")
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
