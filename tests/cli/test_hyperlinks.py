"""Addresses in plain output are links on a terminal that takes them, and plain text everywhere else."""

import io

import pytest

from installer.cli.hyperlinks import link

ADDRESS = "https://portal.azure.com/#view/a b"


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_link_whose_text_is_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert link(ADDRESS, Terminal()) == f"\x1b]8;;https://portal.azure.com/#view/a%20b\x1b\\{ADDRESS}\x1b]8;;\x1b\\"


@pytest.mark.parametrize("kind", ["", "dumb", "linux"])
def test_others_get_the_address(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert link(ADDRESS, io.StringIO()) == ADDRESS
    assert link("javascript:alert(1)", Terminal()) == "javascript:alert(1)"
    monkeypatch.setenv("TERM", kind)
    assert link(ADDRESS, Terminal()) == ADDRESS


def test_an_address_cannot_end_the_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown = link("https://x/\x1b\x07é", Terminal())
    assert shown == "\x1b]8;;https://x/%1B%07%C3%A9\x1b\\https://x/  é\x1b]8;;\x1b\\"
