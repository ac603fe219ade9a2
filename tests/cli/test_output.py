"""Output options: a screen is only accompanied by the events file, and colours can be disabled."""

import io
import os
import sys
from pathlib import Path

import pytest

from installer.cli.commands.output import asked, listeners, on_screen, wants_plain


def test_a_screen_has_only_the_file_beside_it(tmp_path: Path) -> None:
    assert on_screen({}) == []
    assert len(on_screen({"events": str(tmp_path / "e")})) == 1
    assert len(listeners({"events": str(tmp_path / "e")})) == 2


@pytest.mark.parametrize(("settings", "monochrome"), [({}, False), ({"no_color": True}, True)])
def test_no_color_is_passed_to_the_screen(
    settings: dict[str, bool], monochrome: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {})
    on_screen(settings)
    assert ("NO_COLOR" in os.environ) is monochrome


def test_without_a_terminal_lines_are_shown() -> None:
    assert wants_plain({})


def test_the_end_of_input_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+D at a question leaves everything as it is."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(" yes \n"))
    assert asked("Carry out this plan? ") == "yes"
    assert asked("Carry out this plan? ") == ""
