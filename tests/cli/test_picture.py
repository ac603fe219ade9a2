"""The command picture draws an answers file offline."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from installer.cli.main import cli
from installer.errors import UsageError
from tests.answers.answers_files import FOLDER

ANSWERS = str(FOLDER / "dev.yaml")


def test_into_a_pipe_it_prints_lines_without_a_drawing() -> None:
    shown = CliRunner().invoke(cli, ["picture", ANSWERS])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("Topology\n")
    assert "┌" not in shown.output
    assert "vnet-ff-contoso-dev" in shown.output


def test_it_writes_svg_and_text(tmp_path: Path) -> None:
    for name in ("net.svg", "net.txt"):
        shown = CliRunner().invoke(cli, ["picture", ANSWERS, "-o", str(tmp_path / name)])
        assert shown.exit_code == 0, shown.output
    assert ET.parse(tmp_path / "net.svg").getroot().tag.endswith("svg")  # noqa: S314  our own document
    assert "┌─ dev vnet-ff-contoso-dev" in (tmp_path / "net.txt").read_text(encoding="utf-8")


def test_another_format_is_refused_with_those_there_are(tmp_path: Path) -> None:
    shown = CliRunner().invoke(cli, ["picture", ANSWERS, "-o", str(tmp_path / "net.png")])
    assert isinstance(shown.exception, UsageError)
    assert "FILE.svg" in str(shown.exception)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("plain", [False, True])
def test_on_a_terminal_it_draws_unless_plain_output_is_wanted(monkeypatch: pytest.MonkeyPatch, *, plain: bool) -> None:
    import installer.cli.commands.picture as command

    monkeypatch.setattr(command, "is_terminal", lambda _stream: True)
    monkeypatch.setattr(command, "wants_plain", lambda _settings: plain)
    assert ("┌" in CliRunner().invoke(cli, ["picture", ANSWERS]).output) is not plain
