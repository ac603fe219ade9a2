"""Answers of the example files, which together cover every choice at least twice."""

from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.answers.model import ENVIRONMENTS, Answers
from installer.answers.questions import all_questions
from tests.answers.answers_files import FILES

MATRIX: Final[Mapping[str, Answers]] = {path.stem: load(path).answers for path in FILES}


def choices_of(answers: Answers) -> Iterator[tuple[str, str]]:
    """The choices of answers that apply, of whichever environment."""
    draft = Draft.of(answers)
    view = draft.view()
    for key, question in all_questions().items():
        value = view.get(key)
        name = key.partition(".")[2] if question.page in ENVIRONMENTS else key
        if not question.ask.applies(view):
            continue
        if question.kind in ("choice", "yesno"):
            yield name, str(value)
        elif question.kind == "several" and question.values and isinstance(value, list):
            yield from ((name, str(item)) for item in value)


def _covering() -> frozenset[str]:
    """A few of the files that together have every choice of all of them."""
    features = {name: set(choices_of(answers)) for name, answers in MATRIX.items()}
    left, chosen = set.union(*features.values()), list[str]()
    while left:
        best = max(features, key=lambda name: len(features[name] & left))
        chosen.append(best)
        left -= features[best]
    return frozenset(chosen)


COVERING: Final = _covering()
EVERY_FILE_SOME_LONG: Final = [
    pytest.param(name, marks=() if name in COVERING else pytest.mark.long) for name in MATRIX
]
"""All files as parameters of a test that takes seconds for each; those that add no choice run with `-m long`."""
