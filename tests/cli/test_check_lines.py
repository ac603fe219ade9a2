"""Results of checks on a terminal: no line is cut in the middle of a word, and what follows is indented as its text."""

from installer.cli.check_lines import TITLE, result_lines
from installer.cli.terminal_lines import folded
from installer.preflight.model import Finding, NotChecked, Proof, Result, WayOut

ID = "/subscriptions/4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/v"
FOUND = Finding("blocks", "vnet-hub does not exist " * 5, ID, "the answers name it " * 6, (WayOut("correct it " * 12),))


def test_lines_fit_the_terminal_and_keep_their_words() -> None:
    unseen = NotChecked("routes of a network " * 5, "this account may not read them")
    for result in (
        Result("network", "Network", proofs=(Proof("9 names are free " * 8),)),
        Result("network", "Network", findings=(FOUND,), not_checked=(unseen,)),
    ):
        whole = list(result_lines(result))
        shown = list(folded(whole, 80, TITLE))
        assert all(len(line) <= 80 or ID in line for line in shown)
        assert " ".join(" ".join(shown).split()) == " ".join(" ".join(whole).split())
        assert len(shown) > len(whole)


def test_what_follows_is_indented_as_the_text_of_its_line() -> None:
    first, second, *_ = folded(result_lines(Result("n", "Network", proofs=(Proof("a name is free " * 8),))), 80, TITLE)
    assert first.index("a name") == len(second) - len(second.lstrip())
    way, rest = folded(["      → correct the answer that names it"], 30)
    assert (way.index("correct"), rest.index("that")) == (8, 8)
    assert list(folded(["      a run sends nothing here"], 20)) == ["      a run sends", "      nothing here"]
    assert list(folded(["✓ Names"], 80)) == ["✓ Names"]
