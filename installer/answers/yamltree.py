"""YAML as a tree with positions, built from ruamel.yaml's events: no aliases, no tags, no duplicate keys, bounded depth.

The constructors of YAML libraries either lose positions or expand aliases; an answers file needs neither objects nor
aliases, so the tree is put together here and every oddity becomes a Problem at its line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from installer import sanitize
from installer.errors import Problem

MOST_DEEP = 8
MOST_SHOWN = 60

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
    """Keys and values in file order; a key that came twice is here once, the first."""

    entries: tuple[Entry, ...]
    line: int
    column: int

    def get(self, key: str) -> "Tree | None":
        """The value of a key, if it is there."""
        return next((entry.value for entry in self.entries if entry.key == key), None)

    def plain(self) -> Plain:
        """A dict of plain values."""
        return {entry.key: entry.value.plain() for entry in self.entries}


Tree = Scalar | Sequence | Mapping


def read(text: str) -> tuple[Tree | None, list[Problem]]:
    """The tree of one YAML document, or None with the problem that prevented it."""
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
    """Text of a file as it can stand in a message: short, on one line, and nothing that a terminal would obey."""
    short = text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}..."
    return sanitize.printable(short, "\ufffd")


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Builder:
    """Puts the tree together from the parser's events."""

    def __init__(self, events: Iterator[object]) -> None:
        self._events = events
        self.problems: list[Problem] = []

    def document(self) -> Tree | None:
        """The first and only document of the stream."""
        from ruamel.yaml import events as e

        tree: Tree | None = None
        for event in self._events:
            if isinstance(event, e.DocumentStartEvent):
                if tree is not None:
                    self._refuse(event, "a second YAML document; an answers file has one")
                tree = self._node(next(self._events), 1, "")
        return tree

    def _node(self, event: object, depth: int, path: str) -> Tree:
        from ruamel.yaml import events as e

        assert isinstance(event, e.Event)  # noqa: S101  what the parser yields
        line, column = _position(event)
        if isinstance(event, e.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(
                event, "anchors and aliases (& and *) are not accepted in an answers file; write the value out"
            )
        if depth > MOST_DEEP:
            self._refuse(event, f"nested deeper than {MOST_DEEP} levels; an answers file has two")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, "tags (!) are not accepted in an answers file")
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
                self.problems.append(Problem(path, "a key has to be a word", key.line, key.column))
                continue
            if name in entries:
                words = f"given twice; first on line {entries[name].line}"
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
    """The value of a plain scalar by the core schema of YAML 1.2."""
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
