"""Habits of wording that the project's English avoids, found in docstrings, comments, messages and documents.

`python -m tests.architecture.words [PATH ...]` lists every occurrence, with the plain words to prefer.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PLACES: Final = ("installer", "screens", "bicep", "tests", "README.md", "install.sh")


@dataclass(frozen=True)
class Habit:
    """A habit of wording.

    Attributes:
        name: how the allow-list refers to it.
        pattern: regular expression that finds it.
        instead: the plain words to prefer.
    """

    name: str
    pattern: re.Pattern[str]
    instead: str


def _habit(name: str, pattern: str, instead: str) -> Habit:
    return Habit(name, re.compile(pattern, re.IGNORECASE), instead)


HABITS: Final = (
    Habit("what", re.compile(r"^\W*What (?!if\b|-if)"), "the noun or a verb: 'Parameters of …', 'Checks …'"),
    _habit(
        "somebody", r"\b(some|no|every|any)body\b|\bwhoever\b", "the user, the caller, another installer, no process"
    ),
    _habit("told", r"\b(told|tells?|said|says|heard|hears?)\b", "reports, emits, logs, shows, states"),
    _habit("stands", r"\b(stands?|standing|stood)\b", "exists, current, is"),
    _habit(
        "there", r"\b(is|are|was|were|be|been|not|already|still) there\b(?! (is|are|was|were|no)\b)", "exists, missing"
    ),
    _habit("looks", r"\blook(s|ed|ing)?\b", "polls, reads, checks, attaches"),
    _habit("goes on", r"\b(go|goes|went|going|gone) on\b", "continues, resumes"),
    _habit(
        "of ours", r"\bof (ours|theirs|its own|their own|our own|his own|one's own)\b", "FlowForge's, its, or nothing"
    ),
    _habit(
        "archaic",
        r"\b(shall|whom|by itself|as far as|anew|in vain|lull|sittings?|laid in(to)?|taken up|taken to be|end(s|ed)? well)\b",
        "the plain word: attempt, applied, resumed, assumed, succeeds",
    ),
)


@dataclass(frozen=True)
class Hit:
    """An occurrence of a habit."""

    path: str
    line: int
    habit: Habit
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.habit.name}: {self.text}\n    write: {self.habit.instead}"


def hits(paths: Sequence[str] = PLACES) -> list[Hit]:
    """Every occurrence in the files below these paths, relative to the checkout."""
    return [
        Hit(str(path.relative_to(ROOT)), line + offset, habit, sentence.strip())
        for path in _files(paths)
        for line, text in _prose(path)
        for offset, sentence in enumerate(text.splitlines())
        for habit in HABITS
        if habit.pattern.search(sentence) and not (habit.name == "what" and offset)
    ]


def _files(paths: Sequence[str]) -> Iterator[Path]:
    for given in paths:
        path = ROOT / given
        if path.is_file():
            yield path
        for ending in ("py", "bicep", "toml", "md"):
            for found in sorted(path.rglob(f"*.{ending}") if path.is_dir() else ()):
                if not {"node_modules", "language", "templates", "data"} & set(found.parts):
                    yield found


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    """Texts for people in a file, each with its first line."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _python(source)
    elif path.suffix == ".bicep":
        for number, line in enumerate(source.splitlines(), 1):
            for found in re.finditer(r"(?:description\(|@sys\.description\(|metadata \w+ = )'(.*)'|//(.*)$", line):
                yield number, found[1] or found[2] or ""
    else:
        yield from enumerate(re.sub(r"`[^`\n]*`", "``", source).splitlines(), 1)


def _python(source: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    parts = {id(value) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            texts = (it.value if isinstance(it, ast.Constant) else "…" for it in node.values)
            yield node.lineno, "".join(str(text) for text in texts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.lineno, node.value if " " in node.value else ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")


if __name__ == "__main__":
    found = hits(sys.argv[1:] or PLACES)
    print("\n".join(map(str, found)))
    for each in HABITS:
        print(f"{sum(it.habit is each for it in found):6} {each.name}")
