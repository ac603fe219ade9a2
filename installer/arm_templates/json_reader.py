"""Lenient JSON: with comments, unquoted keys, single quotes and trailing commas.

The Azure CLI pastes the template file into the request body as it is, so the body need not be valid JSON. This reader
accepts what .NET's reader accepts, and reports line and column of each value. The json() function of the template
language uses it, too.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.arm_templates.errors import Place, TemplateError
from installer.arm_templates.limits import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.jsontypes import Json

DEPTH_LIMIT: Final = 200
DIGITS_LIMIT: Final = 400

_BLANK = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])")
_WORD = re.compile(r"-?[A-Za-z_$][\w$-]*")
_KEY = re.compile(r"[^\s:,{}\[\]\"']+")
_PIECE = re.compile(r"[^\\\"]+"), re.compile(r"[^\\']+")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"', "'": "'"}
_WORDS: dict[str, Json] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}


@dataclass(frozen=True)
class Document:
    """A parsed JSON text with the positions of its values."""

    value: Json
    text: str = field(default="", repr=False)
    places: dict[Place, int] = field(default_factory=dict, repr=False, compare=False)

    def position(self, path: Place) -> tuple[int, int]:
        """Line and column of the value under ``path``, (0, 0) when there is none.

        As in .NET: counted from 1, where an object or array opens, and where any other value ends. Positions are read on
        first use.
        """
        if not self.places:
            _Reader(self.text, self.places.setdefault).read_all()
        return self._line_and_column(self.places.get(path))

    def name_position(self, path: Place) -> tuple[int, int]:
        """Line and column where the name of the member under ``path`` ends, with its colon; (0, 0) when there is none."""
        names: dict[Place, int] = {}
        _Reader(self.text, on_name=names.setdefault).read_all()
        return self._line_and_column(names.get(path))

    def _line_and_column(self, offset: int | None) -> tuple[int, int]:
        if offset is None:
            return 0, 0
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, offset - start + 1


@guarded
def parse_document(text: str) -> Document:
    """Read a request body or template; TemplateError 'InvalidRequestContent' when it is not even lenient JSON."""
    if not _SURROGATE.search(text):  # Python's reader keeps halves of a pair
        with contextlib.suppress(ValueError):
            return Document(json.loads(text, strict=False), text)
    return Document(_Reader(text).read_all(), text)


@guarded
def read_json(text: str) -> Json:
    """The first value in ``text``; as in json(), the rest is ignored. TemplateError without a value."""
    return _Reader(text).value(())


class _Reader:
    """One pass over the text; ``on_value`` and ``on_name`` are called with path and offset of every value, and name."""

    def __init__(
        self,
        text: str,
        on_value: Callable[[Place, int], object] | None = None,
        on_name: Callable[[Place, int], object] | None = None,
    ) -> None:
        self._text = text
        self._on_value = on_value
        self._on_name = on_name
        self._at = 0
        self._depth = 0

    def _refusal(self, reason: str) -> TemplateError:
        start = self._text.rfind("\n", 0, self._at) + 1
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - start + 1
        return TemplateError(
            "The request content was invalid and could not be deserialized: "
            f"'{reason} Line {line}, position {column}.'.",
            code="InvalidRequestContent",
            line=line,
            column=column,
        )

    def _blank(self) -> str:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def read_all(self) -> Json:
        value = self.value(())
        if self._blank():
            raise self._refusal("Additional text encountered after finished reading JSON content.")
        return value

    def value(self, path: Place) -> Json:
        mark = self._blank()
        if mark in ("{", "["):
            if self._on_value:
                self._on_value(path, self._at)
            self._depth += 1
            if self._depth > DEPTH_LIMIT:
                raise self._refusal(f"The reader's MaxDepth of {DEPTH_LIMIT} has been exceeded.")
            self._at += 1
            members: Json = self._object(path) if mark == "{" else self._array(path)
            self._depth -= 1
            return members
        value = self._string(mark) if mark in ('"', "'") and mark else self._plain()
        if self._on_value:
            self._on_value(path, self._at - 1)
        return value

    def _object(self, path: Place) -> dict[str, Json]:
        members: dict[str, Json] = {}
        while True:
            mark = self._blank()
            if mark == "}":
                self._at += 1
                return members
            key = self._string(mark) if mark in ('"', "'") and mark else self._bare_key()
            if self._blank() != ":":
                raise self._refusal("Invalid character after parsing property name. Expected ':'.")
            if self._on_name:
                self._on_name((*path, key), self._at)
            self._at += 1
            members.pop(key, None)
            members[key] = self.value((*path, key))
            self._separator("}")

    def _array(self, path: Place) -> list[Json]:
        items: list[Json] = []
        while (mark := self._blank()) != "]":
            items.append(None if mark == "," else self.value((*path, len(items))))
            self._separator("]")
        self._at += 1
        return items

    def _separator(self, closing: str) -> None:
        mark = self._blank()
        if mark == ",":
            self._at += 1
        elif mark != closing or not mark:
            raise self._refusal(f"Expected ',' or '{closing}' after a value.")

    def _bare_key(self) -> str:
        match = _KEY.match(self._text, self._at)
        if match is None:
            raise self._refusal("Invalid property identifier character.")
        self._at = match.end()
        return match.group()

    def _string(self, quote: str) -> str:
        piece = _PIECE[0] if quote == '"' else _PIECE[1]
        self._at += 1
        parts: list[str] = []
        while True:
            match = piece.match(self._text, self._at)
            if match:
                parts.append(match.group())
                self._at = match.end()
            mark = self._text[self._at : self._at + 1]
            if not mark:
                raise self._refusal(f"Unterminated string. Expected delimiter: {quote}.")
            self._at += 1
            if mark == quote:
                text = "".join(parts)
                return text if text.isascii() else _join_surrogates(text)
            parts.append(self._escape())

    def _escape(self) -> str:
        letter = self._text[self._at : self._at + 1]
        self._at += 1
        if letter == "u":
            digits = self._text[self._at : self._at + 4]
            if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                raise self._refusal("Invalid Unicode escape sequence.")
            self._at += 4
            return chr(int(digits, 16))
        if letter not in _ESCAPES:
            raise self._refusal(f"Bad JSON escape sequence: \\{letter}.")
        return _ESCAPES[letter]

    def _plain(self) -> Json:
        match = _NUMBER.match(self._text, self._at)
        number = _number(match.group()) if match else None
        if match and number is not None:
            self._at = match.end()
            return number
        word = _WORD.match(self._text, self._at)
        if word and word.group() in _WORDS:
            self._at = word.end()
            return _WORDS[word.group()]
        found = self._text[self._at : self._at + 1]
        if not found:
            raise self._refusal("Unexpected end of content while reading JSON.")
        raise self._refusal(f"Unexpected character encountered while parsing value: {found}.")


def _number(text: str) -> int | float | None:
    """The number of a token; None when it is none, as 08 is not."""
    digits = text.removeprefix("-")
    sign = -1 if digits != text else 1
    if digits[:2] in ("0x", "0X"):
        return sign * int(digits, 16)
    if not digits.isdigit():
        return float(text)
    if len(digits) > 1 and digits.startswith("0"):
        return sign * int(digits, 8) if set(digits) <= set("01234567") else None
    return sign * int(digits) if len(digits) < DIGITS_LIMIT else sign * float("inf")


def _join_surrogates(text: str) -> str:
    """Join the halves of pairs; a half alone becomes U+FFFD, as in what .NET writes.

    Source: learn.microsoft.com/dotnet/api/system.text.encoding.utf8 (invalid surrogates are replaced).
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
