"""Text from outside is data: nothing of it can do anything to a terminal."""

import json
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from installer.cloud.text import MOST_CHARACTERS, clean, clean_json

if TYPE_CHECKING:
    from installer.jsontypes import Json


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain · ä 漢 🙂", "plain · ä 漢 🙂"),
        ("[/x] [bold]kept[/bold]", "[/x] [bold]kept[/bold]"),
        ("two\nlines", "two\nlines"),
        ("\x1b[31mred\x1b[0m", " [31mred [0m"),
        ("\x9b31mred", " 31mred"),
        ("\x1b]0;title\x07", " ]0;title "),
        ("a\rb\tc\x00d\x7fe", "a b c d e"),
        ("admin\u202etxt.exe", "admin txt.exe"),
        ("\u2066a\u2069\u200b\ufeffb", " a   b"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("\ud800\ue000", "  "),
    ],
)
def test_control_characters_become_blanks_and_the_rest_stays(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(text=st.text())
def test_what_is_clean_has_no_control_characters_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for c in once)
    assert len(once) == len(text)
    assert clean(once) == once
    once.encode()


def test_megabytes_are_cut() -> None:
    cleaned = clean("\x1b" * 5_000_000)
    assert len(cleaned) < MOST_CHARACTERS + 20
    assert cleaned.endswith("… (cut)")


def test_json_is_cleaned_everywhere() -> None:
    assert clean_json({"a\x1b": ["b\x07", 1, 1.5, True, None, {"c": "d\r"}]}) == {
        "a ": ["b ", 1, 1.5, True, None, {"c": "d "}]
    }
    assert clean_json(("a", b"b")) == ["a", "b'b'"]


def test_hostile_depth_is_cut() -> None:
    deep: Json = "x"
    for _ in range(20_000):
        deep = [deep]
    assert len(json.dumps(clean_json(deep))) < 1000
    for _ in range(20_000):
        deep = {"k": deep}
    assert len(json.dumps(clean_json(deep))) < 1000
