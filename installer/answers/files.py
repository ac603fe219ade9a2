"""Answers files: reading them with the line of every problem, and writing them with comments.

A file is untrusted input: no aliases (a few lines can expand to gigabytes), no tags, bounded size and depth. It is never
overwritten; exports go to a separate file.
"""

import difflib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from installer.answers.draft import Draft
from installer.answers.model import KIND, PAGES, VERSION, Answers
from installer.answers.questions import all_questions
from installer.answers.yamltree import Mapping as Table
from installer.answers.yamltree import Scalar, Tree, read
from installer.errors import InvalidAnswers, Problem, UsageError

MAX_BYTES = 100_000


@dataclass(frozen=True)
class Loaded:
    """A valid answers file."""

    answers: Answers
    draft: Draft
    notes: tuple[str, ...] = ()
    """Values of earlier versions that were replaced, a sentence each."""


@dataclass(frozen=True)
class Unchecked:
    """An answers file whose answers are not checked yet: others may be given first.

    Attributes:
        draft: The answers of the file.
        problems: Problems of its form, such as unknown keys.
        lines: Line and column of each page and key.
        start: Line and column of the file's content.
        notes: As of `Loaded`.

    """

    draft: Draft
    problems: tuple[Problem, ...]
    lines: Mapping[str, tuple[int, int]]
    start: tuple[int, int]
    notes: tuple[str, ...]

    def all_problems(self, draft: Draft | None = None) -> list[Problem]:
        """All problems in the order of the file, the answers being those of `draft`, by default of the file."""
        answers = draft or self.draft
        problems = list(self.problems)
        shapeless = {problem.key for problem in problems if problem.key in PAGES}
        reported: set[str] = set()
        for problem in (*answers.problems(), *_unfit(answers)):
            page = problem.key.partition(".")[0]
            if problem.key not in reported and page not in shapeless:
                reported.add(problem.key)
                line, column = self.lines.get(problem.key) or self.lines.get(page) or self.start
                problems.append(Problem(problem.key, problem.message, line, column))
        return sorted(problems, key=lambda p: (p.line, p.column))


def load(path: Path) -> Loaded:
    """Read an answers file. Raises InvalidAnswers with all problems, or UsageError if it cannot be read."""
    return _checked(load_unchecked(path), str(path))


def load_unchecked(path: Path) -> Unchecked:
    """Read an answers file that others complete. Raises as `load`, InvalidAnswers only if it is no answers file."""
    return _read_tree(file_bytes(path, MAX_BYTES), str(path))


def file_bytes(path: Path, limit: int) -> bytes:
    """Content of a file, at most one byte more than the limit. Raises UsageError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def parse(raw: bytes, name: str) -> Loaded:
    """Parse the bytes of an answers file; `name` is used in messages."""
    return _checked(_read_tree(raw, name), name)


def _checked(read_file: Unchecked, name: str) -> Loaded:
    if problems := read_file.all_problems():
        raise InvalidAnswers(problems, name)
    return Loaded(read_file.draft.answers(), read_file.draft, read_file.notes)


def _read_tree(raw: bytes, name: str) -> Unchecked:
    if len(raw) > MAX_BYTES:
        raise InvalidAnswers([Problem("", f"larger than {MAX_BYTES} bytes, the limit for an answers file")], name)
    tree, problems = read(text_of(raw, name))
    if not isinstance(tree, Table):
        if not problems:
            problems = [Problem("", f"not an answers file: it must start with kind: {KIND}", 1)]
        raise InvalidAnswers(problems, name)
    frame, ours = _frame(tree)
    if not ours:
        raise InvalidAnswers(frame, name)
    problems += frame
    draft = Draft()
    lines = _fill(draft, tree, problems)
    return Unchecked(draft, tuple(problems), lines, (tree.line, tree.column), tuple(_renamed(tree)))


def text_of(raw: bytes, name: str) -> str:
    """The text of a file. Raises InvalidAnswers with the line that is not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidAnswers([Problem("", "not UTF-8; save the file as UTF-8", line)], name) from error


def _frame(tree: Table) -> tuple[list[Problem], bool]:
    """Problems of kind and version, and whether the rest can be parsed as answers of this version."""
    kind, version = tree.get("kind"), tree.get("version")
    found: list[Problem] = []
    if kind is None:
        found.append(Problem("kind", f"missing; an answers file starts with kind: {KIND}", tree.line, tree.column))
    elif not isinstance(kind, Scalar) or kind.value != KIND:
        words = f"not an answers file; expected kind: {KIND}"
        return [Problem("kind", words, kind.line, kind.column)], False
    if version is None:
        found.append(Problem("version", f"missing; add version: {VERSION}", tree.line, tree.column))
    elif not isinstance(version, Scalar) or version.value != VERSION or isinstance(version.value, bool):
        newer = isinstance(version, Scalar) and isinstance(version.value, int) and version.value > VERSION
        hint = "; the file is from a newer flowforge-installer: update this one" if newer else ""
        words = f"this installer supports version: {VERSION}{hint}"
        return [Problem("version", words, version.line, version.column)], False
    return found, True


def _unfit(draft: Draft) -> Iterator[Problem]:
    """Invalid answers, including those that do not currently apply: a file states them on purpose."""
    for key, given in draft.given().items():
        question = all_questions()[key]
        if not question.accepts(given.value):
            yield Problem(key, question.refusal(given.value))


def _renamed(tree: Table) -> Iterator[str]:
    """Notes on values of earlier versions that were replaced."""
    for page in tree.entries:
        for answer in page.value.entries if isinstance(page.value, Table) else ():
            question = all_questions().get(f"{page.key}.{answer.key}")
            value = answer.value.plain()
            if question and isinstance(value, str) and value in question.ask.renamed:
                yield f"{question.key}: {value} is now called {question.ask.current(value)}"


def _fill(draft: Draft, tree: Table, problems: list[Problem]) -> dict[str, tuple[int, int]]:
    """Fill the draft from the tree and report unknown keys; returns line and column of each key."""
    lines: dict[str, tuple[int, int]] = {}
    for entry in tree.entries:
        page = entry.key
        if page in ("kind", "version"):
            continue
        lines[page] = (entry.line, entry.column)
        if page not in PAGES:
            problems.append(Problem(page, _unknown(page, list(PAGES)), entry.line, entry.column))
        elif not isinstance(entry.value, Table):
            words = f"must contain keys and values: {', '.join(PAGES[page].model_fields)}"
            problems.append(Problem(page, words, entry.line, entry.column))
        else:
            for answer in entry.value.entries:
                key = f"{page}.{answer.key}"
                lines[key] = (answer.line, answer.column)
                if key in all_questions():
                    draft.give(key, answer.value.plain(), "file")
                else:
                    words = _unknown(answer.key, list(PAGES[page].model_fields))
                    problems.append(Problem(key, words, answer.line, answer.column))
    return lines


def _unknown(name: str, known: list[str]) -> str:
    """Message about an unknown key, with the most likely key on this or another page."""
    everywhere = {key.partition(".")[2]: key for key in reversed(all_questions())}  # the first page of several
    if name in everywhere:
        return f"unknown key here; did you mean {everywhere[name]}?"
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    far = difflib.get_close_matches(name, everywhere, n=1, cutoff=0.7)
    if near and far and _likeness(name, far[0]) > _likeness(name, near[0]):
        near = []
    meant = near[0] if near else everywhere[far[0]] if far else ""
    guess = f"did you mean {meant}? " if meant else ""
    return f"unknown key; {guess}known here: {', '.join(known)}"


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def dump(draft: Draft, *, explicit: bool = False) -> str:
    """The answers file of a draft: what was decided, or with `explicit` every value that holds."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    root = CommentedMap({"kind": KIND, "version": VERSION})
    root.yaml_set_start_comment("Answers of a FlowForge installation. Contains no secrets, only references to them.")
    for page, fields in draft.nested().items():
        assert isinstance(fields, dict)  # noqa: S101  ensured by Draft.nested
        kept = {
            name: value
            for name, value in fields.items()
            if explicit or draft.source(f"{page}.{name}") not in ("preset", "default")
        }
        if kept:
            section = CommentedMap(kept)
            for name in kept:
                question = all_questions()[f"{page}.{name}"]
                origin = draft.source(question.key)
                label = question.ask.label if origin in ("given", "file") else f"{question.ask.label} ({origin})"
                section.yaml_add_eol_comment(label, name)
            root[page] = section
            root.yaml_set_comment_before_after_key(page, before="\n" + str(PAGES[page].__doc__).strip())
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 200
    text = io.StringIO()
    yaml.dump(root, text)
    return text.getvalue()


def save(path: Path, text: str) -> None:
    """Write a file atomically. Raises UsageError if it cannot be written."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")  # a pipe or a device cannot be replaced
            return
        path = Path(os.path.realpath(path))  # replace the target of a link, not the link
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


__all__ = ["Loaded", "Tree", "dump", "load", "parse", "save"]
