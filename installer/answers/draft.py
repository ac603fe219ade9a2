"""Answers that are being given: what wizard, plain mode and answers files fill in, one question at a time.

A draft keeps every text as it was typed, also what is not accepted and what does not apply at the moment, so that going
back, changing one's mind and being interrupted lose nothing. `answers()` gives the finished, validated model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from installer.answers.model import PAGES, Answers
from installer.answers.presets import presets
from installer.answers.questions import Question, all_questions
from installer.answers.rules import broken
from installer.errors import InvalidAnswers, Problem

Source = Literal["given", "file", "previous run", "preset", "discovered", "default"]


@dataclass(frozen=True)
class Given:
    """An answer that somebody or something gave: its value (or the text that is none) and where it came from."""

    value: object
    source: Source


class Draft:
    """The answers so far. Not thread-safe: it belongs to whoever asks the questions."""

    def __init__(self, given: Mapping[str, Given] | None = None) -> None:
        self._given: dict[str, Given] = dict(given or {})
        self._known_presets: Mapping[str, object] | None = None
        self._known_view: dict[str, object] | None = None

    @classmethod
    def of(cls, answers: Answers, source: Source = "file", only: Iterable[str] | None = None) -> "Draft":
        """A draft that begins with finished answers; `only` names those that were really given."""
        keys = set(only) if only is not None else set(all_questions())
        flat = flatten(answers)
        return cls(
            {key: Given(value, source) for key, value in flat.items() if key in keys and value not in ("", None)}
        )

    # -- giving answers ------------------------------------------------------------------------------------------

    def type(self, key: str, text: str, source: Source = "given") -> Problem | None:
        """Take an answer as a user typed it; returns why it is not accepted, if it is not."""
        return self.give(key, all_questions()[key].parse(text), source)

    def give(self, key: str, value: object, source: Source = "given") -> Problem | None:
        """Take an answer as a value; returns why it is not accepted, if it is not. It is kept in either case."""
        self._given[key] = Given(value, source)
        self._forget_known()
        return self.problem(key)

    def forget(self, key: str) -> None:
        """Back to what would hold without an answer: the preset's value or the default."""
        self._given.pop(key, None)
        self._forget_known()

    def _forget_known(self) -> None:
        """What was found out of the answers no longer holds: every reader asks for all of it."""
        self._known_presets = self._known_view = None

    # -- reading -------------------------------------------------------------------------------------------------

    def given(self) -> dict[str, Given]:
        """What was given, valid or not: all that has to be saved."""
        return dict(self._given)

    def value(self, key: str) -> object:
        """The effective value: given, else from the preset, else the default, else None."""
        if key in self._given:
            return self._given[key].value
        preset = self._presets()
        return preset[key] if key in preset else all_questions()[key].default

    def source(self, key: str) -> Source:
        """Where the effective value comes from."""
        if key in self._given:
            return self._given[key].source
        return "preset" if key in self._presets() else "default"

    def view(self) -> dict[str, object]:
        """Effective values of all questions; those that no field would accept are left out."""
        known = self._known_view
        if known is None:
            values = {key: self.value(key) for key in all_questions()}
            accepted = {key: value is None or all_questions()[key].accepts(value) for key, value in values.items()}
            known = self._known_view = {key: value for key, value in values.items() if accepted[key]}
        return dict(known)

    def questions(self, page: str) -> list[Question]:
        """The questions of a page that apply now, in screen order."""
        view = self.view()
        return [q for q in all_questions().values() if q.page == page and q.ask.applies(view)]

    def problem(self, key: str) -> Problem | None:
        """What is wrong with one answer, by itself or together with others; None when it does not apply."""
        return next((problem for problem in self.problems() if problem.key == key), None)

    def problems(self, page: str | None = None) -> list[Problem]:
        """At most one problem for each question that applies, in screen order; a page's, or all."""
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

    def answers(self) -> Answers:
        """The finished answers. Raises InvalidAnswers with every problem while there is one."""
        problems = self.problems()
        if problems:
            raise InvalidAnswers(problems)
        return Answers.model_validate(self.nested())

    def nested(self) -> dict[str, object]:
        """Effective values of the questions that apply, page by page: the shape of the answers file."""
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
        known = self._known_presets
        if known is None:
            known = self._known_presets = presets({key: given.value for key, given in self._given.items()})
        return known


def flatten(answers: Answers) -> dict[str, object]:
    """Finished answers by dotted key."""
    pages = answers.model_dump(mode="json", include=set(PAGES))
    return {f"{page}.{name}": value for page, fields in pages.items() for name, value in fields.items()}
