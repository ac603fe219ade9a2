"""Problems of a survey file: all of them at once, each with its line and without the content of the file."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic import ValidationError

_SPACE: Final = " \t\r\n"
_MAX_SHOWN: Final = 20
Place = tuple[str | int, ...]


def problems(text: str, refused: ValidationError, keys: Mapping[str, Sequence[str]]) -> str:
    """One line for each problem.

    Args:
        text: The content of the file.
        refused: The problems.
        keys: Known keys by the part of the file that has them, "" for the whole file.

    """
    found = refused.errors(include_input=False, include_url=False)
    found.sort(key=lambda one: _line_of(text, tuple(one["loc"])))
    lines = [_line(text, tuple(one["loc"]), one["type"], one["msg"], keys) for one in found]
    more = [f"and {len(lines) - _MAX_SHOWN} more"] if len(lines) > _MAX_SHOWN else []
    return "\n".join([*lines[:_MAX_SHOWN], *more])


def _line(text: str, place: Place, kind: str, message: str, keys: Mapping[str, Sequence[str]]) -> str:
    if kind == "json_invalid":
        return _not_json(text, message)
    if kind == "extra_forbidden":
        message = f"unknown key{_nearest(place, keys)}"
    message = message.removeprefix("Value error, ")
    return f"line {_line_of(text, place)}, {'.'.join(map(str, place)) or 'the file'}: {message}"


def _not_json(text: str, message: str) -> str:
    """The fault in the words of the reader of Python, which has the line; else in those of the other one, `message`."""
    try:
        json.loads(text)
    except json.JSONDecodeError as problem:
        return f"line {problem.lineno}, the file: not valid JSON: {problem.msg} (column {problem.colno})"
    except (RecursionError, ValueError):  # deeper, or with more digits, than it accepts
        pass
    if "recursion" in message.lower():
        return "the file: nested too deeply"
    return f"the file: not valid JSON: {message.removeprefix('Invalid JSON: ')}"


def _nearest(place: Place, keys: Mapping[str, Sequence[str]]) -> str:
    part = next((str(one) for one in place[:-1] if isinstance(one, str)), "")
    lowered = {key.lower(): key for key in keys.get(part, ())}
    close = difflib.get_close_matches(str(place[-1]).lower(), lowered, n=1)
    return f"; did you mean {lowered[close[0]]}?" if close else ""


def _line_of(text: str, place: Place) -> int:
    """Line of a value, or of the innermost part that exists."""
    try:
        at = _offset(text, place)
    except (ValueError, IndexError, RecursionError):
        at = 0
    return text.count("\n", 0, at) + 1


def _offset(text: str, place: Iterable[str | int]) -> int:
    """Position of a value in JSON that is known to be valid."""
    at = _skipped(text, 0)
    for part in place:
        inner = _member(text, at, part)
        if inner is None:
            return at
        at = inner
    return at


def _member(text: str, at: int, part: str | int) -> int | None:
    """Position of a member of the object or array that starts at a position; None without it."""
    decoder, keyed = json.JSONDecoder(), text[at] == "{"
    at, index = _skipped(text, at + 1), 0
    while text[at] not in "]}":
        name: object = index
        if keyed:
            name, at = decoder.raw_decode(text, at)
            at = _skipped(text, _skipped(text, at) + 1)
        if name == part:
            return at
        _, at = decoder.raw_decode(text, at)
        at, index = _skipped(text, at), index + 1
        if text[at] == ",":
            at = _skipped(text, at + 1)
    return None


def _skipped(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at
