"""The open question of a run: read as a whole, copied, saved, and answered only in the form that it declares."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.base.dialogs import HelpDialog
from screens.base.footer import KeyFooter
from screens.run.question_pane import AnswerField, QuestionPane, QuestionText
from tests.screens import scripted_runs
from tests.screens.fake_session import (
    LARGE,
    SMALL,
    Harness,
    frame,
    help_line,
    press,
    screen_lines,
    screen_text,
    settled,
    started,
)
from tests.screens.run.test_live import drawn

CLIENT = "11112222-bbbb-3333-cccc-4444dddd5555"
LINES = (
    "This account is not allowed to register applications. Ask an administrator to register",
    "  redirect URI   https://flowforge.contoso.com/.auth/login/aad/callback",
    "  issuer         https://login.microsoftonline.com/contoso/v2.0",
    *(f"  app role       role {number}" for number in range(1, 13)),
    "Which client ID does it have?",
)
TEXT = "\n".join(LINES)


def ask(world: Harness, text: str = TEXT, form: str = "id") -> None:
    """A step asks."""
    scripted_runs.until_data(world.run)
    world.run.stream.emit("question", text, step="data", key="sign-on.client-id.dev", choices=[], form=form)


async def asked(world: Harness, pilot: Pilot[int], text: str = TEXT) -> None:
    """The question is on the screen."""
    await started(pilot)
    ask(world, text)
    await drawn(pilot)


def keys_shown(pilot: Pilot[int]) -> list[str]:
    """Keys in the footer."""
    return [key.text for key in frame(pilot).query_one(KeyFooter).shown()]


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_long_question_keeps_its_lines_and_scrolls(world: Harness, size: tuple[int, int]) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await asked(world, pilot)
        seen = set[str]()
        for _ in range(14):
            seen.update(line.strip() for line in screen_lines(pilot))
            await press(pilot, "down")
            await settled(pilot)
        words = "\n".join(seen)
        assert [line for line in LINES[1:] if line.strip() not in words] == []
        assert isinstance(pilot.app.focused, QuestionText)

    world.drive(world.resumed("contoso-7"), script, size)


def test_c_copies_the_exact_text_and_s_saves_it(
    world: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "flowforge-question-sign-on.client-id.dev.txt"

    async def script(pilot: Pilot[int]) -> None:
        await asked(world, pilot)
        assert {"c copy", "s save", "Tab answer", "F1 whole text"} <= set(keys_shown(pilot))
        await press(pilot, "c")
        assert pilot.app.clipboard == TEXT
        await press(pilot, "s")
        assert str(path)[:30] in help_line(pilot)
        assert path.read_text() == f"{TEXT}\n"
        await press(pilot, "f1")
        assert isinstance(pilot.app.screen, HelpDialog)
        assert "  issuer         https://login" in screen_text(pilot)
        await press(pilot, "escape", "tab")
        assert isinstance(pilot.app.focused, AnswerField)
        assert {"Enter answer", "F1 whole text"} <= set(keys_shown(pilot))
        await press(pilot, "tab")
        assert isinstance(pilot.app.focused, QuestionText)

    world.drive(world.resumed("contoso-7"), script)


def test_a_wrong_answer_is_refused_at_the_field_and_nothing_is_lost(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await asked(world, pilot)
        await press(pilot, "tab", *"abc", "enter")
        assert '✗ "abc" is not accepted; expected: an ID of the form' in screen_text(pilot)
        assert "00000000-0000-0000-0000-000000000000" in screen_text(pilot)
        assert world.run.answered == []
        field = frame(pilot).query_one(AnswerField)
        assert (field.value, field.has_focus) == ("abc", True)
        await press(pilot, "d")
        assert "is not accepted" not in screen_text(pilot)
        await press(pilot, "ctrl+u", *CLIENT, "enter")
        await drawn(pilot)
        assert not frame(pilot).query_one(QuestionPane).display

    world.drive(world.resumed("contoso-7"), script)
    assert world.run.answered == [CLIENT]


def test_the_same_question_asked_again_keeps_what_was_typed(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await asked(world, pilot)
        await press(pilot, "tab", *"1111")
        ask(world)
        await drawn(pilot)
        assert frame(pilot).query_one(AnswerField).value == "1111"

    world.drive(world.resumed("contoso-7"), script)


def test_control_characters_of_a_question_reach_no_terminal(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await asked(world, pilot, "first\x1b[2J\x07 line\nsecond [bold]line[/x]")
        text = screen_text(pilot)
        assert "\x1b" not in text
        assert "second [bold]line[/x]" in text

    world.drive(world.resumed("contoso-7"), script)
