"""YAML as a tree with positions, built from ruamel.yaml's events: no aliases, no tags, no duplicate keys, bounded depth.

YAML constructors either lose positions or expand aliases. An answers file needs neither objects nor aliases, so the tree is
built here from parser events and every violation becomes a Problem with its line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from installer import sanitize
from installer.errors import Problem

MAX_DEPTH = 8
MAX_SHOWN = 60

Plain = bool | int | float | str | list["Plain"] | dict[str, "Plain"] | None


@dataclass(frozen=True)
class Scalar:
    """A single value: null, true, 1, 1.5 or text."""

    value: bool | int | float | str | None
    line: int
    column: int

    def plain(self) -> Plain:
        """The value itself."""
        return self.value


@dataclass(frozen=True)
class Sequence:
    """A list."""

    items: tuple["Tree", ...]
    line: int
    column: int

    def plain(self) -> Plain:
        """A list of plain values."""
        return [item.plain() for item in self.items]


@dataclass(frozen=True)
class Entry:
    """A key with its value; the position is that of the key."""

    key: str
    value: "Tree"
    line: int
    column: int


@dataclass(frozen=True)
class Mapping:
    """Keys and values in file order; of a duplicate key only the first is kept."""

    entries: tuple[Entry, ...]
    line: int
    column: int

    def get(self, key: str) -> "Tree | None":
        """The value of a key, or None."""
        return next((entry.value for entry in self.entries if entry.key == key), None)

    def plain(self) -> Plain:
        """A dict of plain values."""
        return {entry.key: entry.value.plain() for entry in self.entries}


Tree = Scalar | Sequence | Mapping


def read(text: str) -> tuple[Tree | None, list[Problem]]:
    """Parse one YAML document into a tree; None if a problem prevents that. Returns the problems as well."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        builder = _Builder(iter(YAML(typ="safe", pure=True).parse(text)))
        return builder.document(), builder.problems
    except _RefusedError as refused:
        return None, [refused.problem]
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(part for part in (error.context, error.problem) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return None, [Problem("", f"not valid YAML: {words}", line, column)]
    except (YAMLError, ValueError, OverflowError) as error:
        return None, [Problem("", f"not valid YAML: {' '.join(str(error).split())[:200]}", 1)]


def printable(text: str) -> str:
    """Text of a file for use in a message: shortened, on one line, without control characters."""
    short = text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."
    return sanitize.printable(short, "\ufffd")


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Builder:
    """Builds the tree from parser events."""

    def __init__(self, events: Iterator[object]) -> None:
        self._events = events
        self.problems: list[Problem] = []

    def document(self) -> Tree | None:
        """The only document of the stream."""
        from ruamel.yaml import events as e

        tree: Tree | None = None
        for event in self._events:
            if isinstance(event, e.DocumentStartEvent):
                if tree is not None:
                    self._refuse(event, "a second YAML document; the file must have only one")
                tree = self._node(next(self._events), 1, "")
        return tree

    def _node(self, event: object, depth: int, path: str) -> Tree:
        from ruamel.yaml import events as e

        assert isinstance(event, e.Event)  # noqa: S101  the parser yields only events
        line, column = _position(event)
        if isinstance(event, e.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(event, "anchors and aliases (& and *) are not allowed; write out the value")
        if depth > MAX_DEPTH:
            self._refuse(event, f"nested more than {MAX_DEPTH} levels deep; the file needs fewer")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, "tags (!) are not allowed")
        if isinstance(event, e.ScalarEvent):
            return Scalar(_resolve(event.value) if event.style is None else str(event.value), line, column)
        if isinstance(event, e.SequenceStartEvent):
            items: list[Tree] = []
            while not isinstance(event := next(self._events), e.SequenceEndEvent):
                items.append(self._node(event, depth + 1, path))
            return Sequence(tuple(items), line, column)
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), e.MappingEndEvent):
            key = self._node(event, depth + 1, path)
            name = printable(str(getattr(event, "value", "")))
            inner = f"{path}.{name}" if path else name
            value = self._node(next(self._events), depth + 1, inner)
            if not isinstance(key, Scalar) or not name:
                self.problems.append(Problem(path, "a key must be a word", key.line, key.column))
                continue
            if name in entries:
                words = f"duplicate key; first used on line {entries[name].line}"
                self.problems.append(Problem(inner, words, key.line, key.column))
                continue
            entries[name] = Entry(name, value, key.line, key.column)
        return Mapping(tuple(entries.values()), line, column)

    def _refuse(self, event: object, message: str) -> None:
        line, column = _position(event)
        raise _RefusedError(Problem("", message, line, column))


def _position(event: object) -> tuple[int, int]:
    mark = getattr(event, "start_mark", None)
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _resolve(text: str) -> bool | int | float | str | None:
    """Resolve a plain scalar by the YAML 1.2 core schema."""
    words: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
    if text in words or text.lower() in words:
        return words[text.lower()]
    if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
        return int(text)
    if re.fullmatch(r"0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}", text):
        return int(text, 0)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text
