"""Sanitizing text from outside: no cursor movement, no change of writing direction, bounded size."""

import json

import pytest

from installer.sanitize import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    clean,
    clean_json,
    hidden_character,
    one_line,
    without_passwords,
)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\x9b2J",
        "a\rb",
        "a\x00b",
        "a\x08b",
        "a\x85b",
        "a\u202eb\u2066c",
        "a\u200bb",
        "a\ufeffb",
        "a\u2028b\u2029c",
        "\ud800",
        "\ue000",
        "\U000e0041",
    ],
)
def test_control_characters_become_blanks(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert cleaned.isprintable()
    assert " " in cleaned


@pytest.mark.parametrize("text", ["", "plain", "two\nlines", "Grüße, 世界 “x” 🎉", "[bold]x[/x]", "<b>&amp;", "a b"])
def test_other_text_is_unchanged(text: str) -> None:
    assert clean(text) == text


def test_long_text_is_truncated() -> None:
    cleaned = clean("ä" * 5_000_000)
    assert cleaned == "ä" * MAX_CHARACTERS + "… (cut)"
    assert clean("x" * MAX_CHARACTERS) == "x" * MAX_CHARACTERS


def test_every_text_of_a_value_is_cleaned_keys_too() -> None:
    value: dict[str, object] = {"a\x1b": ["\x07", {"b": "\u202e"}, 1, 2.5, True, None]}
    assert clean_json(value) == {"a ": [" ", {"b": " "}, 1, 2.5, True, None]}


def test_other_types_become_text() -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd\x1b"

    assert clean_json({"x": Odd(), 3: (1, "a\x00")}) == {"x": "odd ", "3": [1, "a "]}


def test_deeply_nested_values_are_left_out() -> None:
    value: object = "bottom"
    for _ in range(5000):
        value = [value]
    cleaned = clean_json(value)
    assert json.dumps(cleaned) == "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)


@pytest.mark.parametrize("password", ["plain", "with@at", "with/slash", "with:colon"])
def test_addresses_are_shown_without_passwords(password: str) -> None:
    text = f"ERROR: http://me:{password}@proxy.corp:8080 refuses, ask a@b.example"
    assert without_passwords(text) == "ERROR: http://proxy.corp:8080 refuses, ask a@b.example"


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("plain", ""),
        ("Grüße, 世界 🎉", ""),
        ("no\u00a0break", ""),
        (5, ""),
        (None, ""),
        ("a\x00b", "U+0000"),
        ("a\x1b[2J", "U+001B"),
        ("a\nb", "U+000A"),
        ("rg-\u202eved", "U+202E"),
        (["ok", "a\u200bb"], "U+200B"),
        ({"ok": ["x", ("y", "\u2066z")]}, "U+2066"),
        ({"k\x07": 1}, "U+0007"),
    ],
)
def test_hidden_characters_are_found(value: object, hidden: str) -> None:
    assert hidden_character(value) == hidden


@pytest.mark.parametrize("text", ["a\n  Cause: forged", "a\r\nb", "a\x0bb", "a\u2028b", " a \x1b[2J b "])
def test_one_line_is_one_line(text: str) -> None:
    assert one_line(text).isprintable()
    assert one_line(text) == one_line(text).strip()
