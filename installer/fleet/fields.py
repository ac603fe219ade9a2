"""Reads fields of a file with positions; every problem is kept with its line, and reading continues."""

import difflib
from collections.abc import Sequence

from installer.answers.yamltree import Entry, Mapping, Scalar, Tree
from installer.answers.yamltree import Sequence as Items
from installer.errors import Problem
from installer.fleet.model import Place
from installer.sanitize import hidden_character


class Fields:
    """One mapping of the file, with its path for messages; problems go to a list that all fields share."""

    def __init__(self, tree: Mapping, path: str, problems: list[Problem], known: Sequence[str]) -> None:
        self._tree, self._path, self._problems = tree, path, problems
        for entry in tree.entries:
            if entry.key not in known:
                near = difflib.get_close_matches(entry.key, known, n=1, cutoff=0.5)
                guess = f"did you mean {near[0]}? " if near else ""
                self._add(entry.key, f"unknown key; {guess}known here: {', '.join(known)}", (entry.line, entry.column))

    def place(self, key: str = "") -> Place:
        """Position of a key, or of the mapping without it."""
        entry = next((one for one in self._tree.entries if one.key == key), None)
        found: Entry | Mapping = entry or self._tree
        return found.line, found.column

    def refuse(self, key: str, words: str) -> None:
        """Keep a problem of a key."""
        self._add(key, words, self.place(key))

    def text(self, key: str, words: str, *, required: bool = False) -> str:
        """A text, "" without one; `words` say what it is."""
        value = self._scalar(key, words, required=required)
        if value is None or isinstance(value, str):
            return value or ""
        self.refuse(key, f"{value} is not {words}")
        return ""

    def whole(self, key: str, low: int, high: int, default: int) -> int:
        """A whole number within bounds."""
        words = f"a whole number from {low} to {high}"
        value = self._scalar(key, words, required=False)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(key, f"{value} is not {words}")
            return default
        return value

    def value(self, key: str) -> bool | int | float | str | None:
        """A single value of any type."""
        return self._scalar(key, "a single value", required=False)

    def mapping(self, key: str, known: Sequence[str]) -> "Fields | None":
        """A mapping below a key."""
        found = self._tree.get(key)
        if found is None or (isinstance(found, Scalar) and found.value is None):
            return None
        if not isinstance(found, Mapping):
            self.refuse(key, f"must contain keys and values: {', '.join(known)}")
            return None
        return Fields(found, self._inner(key), self._problems, known)

    def entries(self, key: str, words: str) -> tuple[Entry, ...]:
        """The entries of a mapping whose keys are free; `words` say what they are."""
        found = self._tree.get(key)
        if found is None or isinstance(found, Mapping):
            return found.entries if found else ()
        self.refuse(key, f"must contain {words}")
        return ()

    def mappings(self, key: str, known: Sequence[str]) -> list["Fields"]:
        """A list of mappings."""
        found: list[Fields] = []
        for number, item in enumerate(self.items(key, f"a list of entries with {', '.join(known)}"), 1):
            inner = f"{self._inner(key)}[{number}]"
            if isinstance(item, Mapping):
                found.append(Fields(item, inner, self._problems, known))
            else:
                words = f"must contain keys and values: {', '.join(known)}"
                self._problems.append(Problem(inner, words, item.line, item.column))
        return found

    def items(self, key: str, words: str) -> Sequence[Tree]:
        """The items of a list."""
        found = self._tree.get(key)
        if found is None or (isinstance(found, Scalar) and found.value is None):
            return ()
        if isinstance(found, Items):
            return found.items
        self.refuse(key, f"must be {words}")
        return ()

    def has(self, key: str) -> bool:
        """Whether the key is given."""
        return self._tree.get(key) is not None

    def _scalar(self, key: str, words: str, *, required: bool) -> bool | int | float | str | None:
        found = self._tree.get(key)
        if found is not None and not isinstance(found, Scalar):
            self.refuse(key, f"must be {words}")
            return None
        if required and (found is None or found.value in (None, "")):
            self.refuse(key, f"missing; it is {words}")
        if found is not None and (hidden := hidden_character(found.value)):
            self.refuse(key, f"has the hidden character {hidden}: type the text again without it")
        return found.value if found is not None else None

    def _inner(self, key: str) -> str:
        return ".".join(part for part in (self._path, key) if part)

    def _add(self, key: str, words: str, place: Place) -> None:
        self._problems.append(Problem(self._inner(key), words, *place))
