"""Removal of control characters from external text, where it enters the program."""

import re
import unicodedata
from collections.abc import Mapping
from typing import overload
from urllib.parse import quote

from installer.jsontypes import Json

MAX_CHARACTERS = 20_000
MAX_DEPTH = 100
UNCUT = 1 << 40
"""Maximum length for texts that were written by this program."""
_ASCII = "".join(chr(code) for code in range(33, 127))
_USER = re.compile(r"//\S*@")
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories: controls, formats (including direction overrides), surrogates, private use, line separators."""


def clean(text: str, most: int = MAX_CHARACTERS) -> str:
    """Replace control characters, terminal escapes and direction overrides by spaces; cut text longer than `most`."""
    shortened = text if len(text) <= most else f"{text[:most]}… (cut)"
    if shortened.isprintable():
        return shortened
    return "".join(
        character if character == "\n" or unicodedata.category(character) not in _UNWANTED else " "
        for character in shortened
    )


def hidden_character(value: object) -> str:
    """The first character in a text, or in the texts of a list, that is not shown, such as U+202E; "" if all are.

    It makes a text pass for another one: a direction override reverses it, and a NUL ends it for some programs.
    """
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return next((found for item in value if (found := hidden_character(item))), "")
    if not isinstance(value, str) or value.isprintable():
        return ""
    return next((f"U+{ord(char):04X}" for char in value if unicodedata.category(char) in _UNWANTED), "")


def one_line(text: str) -> str:
    """The text on one line, without control characters: no line of it can pass for one of this program."""
    return " ".join(printable(text).split())


def printable(text: str, instead: str = " ", keep: str = "") -> str:
    """The text with `instead` for every character that is not printable, line ends included, except those in `keep`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in keep else instead for char in text)


def without_passwords(text: str) -> str:
    """The text without users and passwords in its web addresses; a password may have any character but a blank."""
    return _USER.sub("//", text)


def link_target(address: str) -> str:
    """A web address with printable ASCII characters only, as terminals take links (OSC 8); "" if it is none.

    Source: gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda.
    """
    return quote(address, safe=_ASCII) if address.startswith(("https://", "http://")) else ""


@overload
def clean_json(value: Mapping[str, object], depth: int = ..., most: int = ...) -> dict[str, Json]: ...
@overload
def clean_json(value: object, depth: int = ..., most: int = ...) -> Json: ...
def clean_json(value: object, depth: int = MAX_DEPTH, most: int = MAX_CHARACTERS) -> Json:
    """Clean all text in a JSON value; other types become text, and deeper levels than `depth` are dropped."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {clean(str(key)): clean_json(item, depth - 1, most) for key, item in value.items()} if depth else {}
    if isinstance(value, (list, tuple)):
        return [clean_json(item, depth - 1, most) for item in value] if depth else []
    return clean(str(value), most)
