"""Draft of the answers, filled one question at a time by the wizard, the plain mode or an answers file.

A draft keeps every value as entered, including invalid ones and ones that do not currently apply, so that going back,
changing an answer or an interruption loses nothing. `answers()` returns the validated model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from installer.answers.model import PAGES, Answers
from installer.answers.presets import presets
from installer.answers.questions import Question, all_questions
from installer.answers.rules import broken, cautions
from installer.errors import InvalidAnswers, Problem
from installer.jsontypes import Json

Source = Literal["given", "file", "previous run", "preset", "discovered", "default"]


@dataclass(frozen=True)
class Given:
    """A given answer: its value (or the text that could not be parsed) and its source."""

    value: object
    source: Source


def _current(key: str, value: object) -> object:
    question = all_questions().get(key)
    return question.ask.current(value) if question else value


class Draft:
    """The answers so far. Not thread-safe."""

    def __init__(self, given: Mapping[str, Given] | None = None) -> None:
        self._given: dict[str, Given] = {}
        for key, one in (given or {}).items():
            self._given[key] = Given(_current(key, one.value), one.source)
        self._cached_presets: Mapping[str, object] | None = None
        self._cached_view: dict[str, object] | None = None

    @classmethod
    def of(cls, answers: Answers, source: Source = "file", only: Iterable[str] | None = None) -> "Draft":
        """A draft of validated answers; `only` lists the keys that were given explicitly (default: all)."""
        keys = set(only) if only is not None else set(all_questions())
        flat = flatten(answers)
        return cls(
            {key: Given(value, source) for key, value in flat.items() if key in keys and value not in ("", None)}
        )

    # -- giving answers ------------------------------------------------------------------------------------------

    def type(self, key: str, text: str, source: Source = "given") -> Problem | None:
        """Set an answer from the text that the user typed; returns the problem if it is invalid."""
        return self.give(key, all_questions()[key].parse(text), source)

    def give(self, key: str, value: object, source: Source = "given") -> Problem | None:
        """Set an answer; returns the problem if it is invalid. The value is kept in either case."""
        self._given[key] = Given(_current(key, value), source)
        self._clear_cache()
        return self.problem(key)

    def restore(self, key: str, before: Given | None) -> None:
        """Take back an answer: what was given before, None if nothing was."""
        if before is None:
            self.forget(key)
        else:
            self.give(key, before.value, before.source)

    def choose(self, key: str, value: str, label: str) -> None:
        """The user has chosen an item of a list: its name answers the question about the name, unless the user did."""
        names = all_questions()[key].ask.names
        if names and label and self.value(key) == value and self.source(names) in ("default", "preset", "discovered"):
            self.give(names, label, "discovered")

    def forget(self, key: str) -> None:
        """Remove an answer, so that the preset or the default applies again."""
        self._given.pop(key, None)
        self._clear_cache()

    def _clear_cache(self) -> None:
        """Clear the cached presets and view."""
        self._cached_presets = self._cached_view = None

    # -- reading -------------------------------------------------------------------------------------------------

    def given(self) -> dict[str, Given]:
        """All given answers, valid or not: the state to save."""
        return dict(self._given)

    @property
    def begun(self) -> bool:
        """Whether a user has answered anything: values that were read from Azure do not count."""
        return any(one.source != "discovered" for one in self._given.values())

    def value(self, key: str) -> object:
        """The effective value: given answer, else preset, else default, else None."""
        return self._given[key].value if key in self._given else self.usual(key)

    def usual(self, key: str) -> object:
        """The value that applies without an answer: preset, else default, else None."""
        preset = self._presets()
        return preset[key] if key in preset else all_questions()[key].default

    def differs(self, key: str, other: Mapping[str, object] | None = None) -> bool:
        """Whether the user has decided otherwise than the preset or the default, or than other answers by key.

        Values that were read from Azure are no decision against a default.
        """
        value = self.value(key)
        if other is not None:
            return (value or None) != (other.get(key) or None)
        return self.source(key) in ("given", "file", "previous run") and value != self.usual(key)

    def source(self, key: str) -> Source:
        """Source of the effective value."""
        if key in self._given:
            return self._given[key].source
        return "preset" if key in self._presets() else "default"

    def view(self) -> dict[str, object]:
        """Effective values of all questions, without invalid ones."""
        known = self._cached_view
        if known is None:
            values = {key: self.value(key) for key in all_questions()}
            accepted = {key: value is None or all_questions()[key].accepts(value) for key, value in values.items()}
            known = self._cached_view = {key: value for key, value in values.items() if accepted[key]}
        return dict(known)

    def questions(self, page: str) -> list[Question]:
        """The questions of a page that apply now, in screen order."""
        view = self.view()
        return [q for q in all_questions().values() if q.page == page and q.ask.applies(view)]

    def problem(self, key: str) -> Problem | None:
        """The problem of one answer, alone or in combination with others; None if there is none."""
        return next((problem for problem in self.problems() if problem.key == key), None)

    def problems(self, page: str | None = None) -> list[Problem]:
        """At most one problem for each applicable question, in screen order; of one page or all pages."""
        view = self.view()
        found: dict[str, Problem] = {}
        for key, question in all_questions().items():
            value = self.value(key)
            if question.ask.applies(view) and value not in (None, "", []) and not question.accepts(value):
                found[key] = Problem(key, question.refusal(value))
        for problem in broken(view):
            found.setdefault(problem.key, problem)
        ordered = [found[key] for key in all_questions() if key in found]
        return [problem for problem in ordered if page is None or problem.key.startswith(f"{page}.")]

    def cautions(self) -> list[Problem]:
        """Cautions: facts about valid answers that the user should know before the start."""
        return cautions(self.view())

    def answers(self) -> Answers:
        """The validated answers. Raises InvalidAnswers with all problems, if there are any."""
        problems = self.problems()
        if problems:
            raise InvalidAnswers(problems)
        return Answers.model_validate(self.nested())

    def nested(self) -> dict[str, object]:
        """Effective values of the applicable questions, nested by page as in the answers file."""
        view = self.view()
        return {
            page: {
                key.partition(".")[2]: view[key]
                for key, question in all_questions().items()
                if question.page == page and question.ask.applies(view) and view.get(key) is not None
            }
            for page in PAGES
        }

    def _presets(self) -> Mapping[str, object]:
        known = self._cached_presets
        if known is None:
            known = self._cached_presets = presets({key: given.value for key, given in self._given.items()})
        return known


def flatten(answers: Answers) -> dict[str, object]:
    """Validated answers by dotted key."""
    pages = answers.model_dump(mode="json", include=set(PAGES))
    return {f"{page}.{name}": value for page, fields in pages.items() for name, value in fields.items()}


def answers_as_json(answers: Answers) -> dict[str, Json]:
    """The answers in the form that the model accepts again: unanswered ones are left out."""
    pages: dict[str, Json] = answers.model_dump(mode="json")
    return {
        page: {name: value for name, value in fields.items() if value != ""} if isinstance(fields, dict) else fields
        for page, fields in pages.items()
    }
