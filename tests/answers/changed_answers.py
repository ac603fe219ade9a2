"""Changed answers of the example files, generated from the questions."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from pydantic import ValidationError

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.answers.model import ENVIRONMENTS, PAGES, Answers
from installer.answers.questions import Question, all_questions
from installer.errors import InvalidAnswers
from tests.answers.answers_files import FILES

DRAFTS: Final = {path.stem: load(path).draft for path in FILES}
"""The answers of each example file, without presets and defaults."""
OF_ANOTHER_INSTALLATION: Final = frozenset(
    {"subscription.prefix", "subscription.tenant", "subscription.cloud", "subscription.subscription"}
)
"""Answers that name another installation."""
KEYS: Final = tuple(
    key
    for page, fields in PAGES.items()
    for key in (f"{page}.{name}" for name in fields.model_fields)
    if key not in OF_ANOTHER_INSTALLATION
)
"""The changeable answers."""
MAX_VALUES: Final = 2
_TEXTS: Final = ("westeurope", "Standard_D16ds_v5", "10.64.0.0/16", "10.0.0.9", "env:ANOTHER_SECRET")
_GUID: Final = "0f0e0d0c-0b0a-4909-8807-060504030201"


def changed(file: str, key: str) -> Iterator[Answers]:
    """The answers of a file with other values of an answer that the rules accept: each choice, two of other kinds.

    A value that needs other answers comes with those that another file with this value has: of the page, or of all pages
    that do not name the installation.
    """
    former, question = DRAFTS[file], all_questions()[key]
    before = former.answers()
    found: list[Answers] = []
    for value in _values(question, former.value(key)):
        if len(found) >= MAX_VALUES and question.kind != "choice":
            break
        tried = (_with(former, given) for given in ({key: value}, *_with_others(former, key, value)))
        new = next((one for one in tried if one is not None and one != before), None)
        if new is not None and new not in found:
            found.append(new)
    yield from found


def _with(former: Draft, given: dict[str, object]) -> Answers | None:
    draft = Draft(former.given())
    for key, value in given.items():
        draft.give(key, value)
    try:
        return draft.answers() if given else None
    except (InvalidAnswers, ValidationError):
        return None


def _with_others(former: Draft, key: str, value: object) -> Iterator[dict[str, object]]:
    """The answer together with others that it may need."""
    page = key.partition(".")[0]
    if page in ENVIRONMENTS:
        differ = former.value("subscription.differ")
        yield {key: value, "subscription.differ": [*(differ if isinstance(differ, list) else []), page]}
    donor = next((draft for draft in DRAFTS.values() if draft.value(key) == value), None)
    given = {name: answer.value for name, answer in donor.given().items()} if donor is not None else {}
    yield {name: one for name, one in given.items() if name.startswith(f"{page}.")}
    yield {name: one for name, one in given.items() if name.partition(".")[0] not in {"subscription", *ENVIRONMENTS}}


def _values(question: Question, now: object) -> Iterator[object]:
    """Other values of an answer, from its kind and its examples."""
    if question.kind == "choice":
        yield from (value for value in question.values if value != now)
    elif question.kind == "several":
        yield from _lists(question, list(now) if isinstance(now, list) else [])
    elif question.kind == "yesno":
        yield not now
    elif question.kind == "integer":
        used = [draft.value(question.key) for draft in DRAFTS.values()]
        yield from (now + 1, max(now - 1, 0)) if isinstance(now, int) and now else (*dict.fromkeys(used), 1, 5)
    else:
        yield from _texts(question, now)


def _lists(question: Question, now: list[object]) -> Iterator[object]:
    """One element less, and one more: another choice, or one that a file has."""
    if now:
        yield now[:-1]
    choices = question.values or _used(question.key)
    added = next((one for one in choices if one not in now), None)
    if added is not None:
        yield [one for one in choices if one in now or one == added] if question.values else [*now, added]


@cache
def _used(key: str) -> tuple[object, ...]:
    """Elements of a list in the files."""
    lists = (draft.value(key) for draft in DRAFTS.values())
    return tuple(dict.fromkeys(one for found in lists if isinstance(found, list) for one in found))


def _texts(question: Question, now: object) -> Iterator[object]:
    others = dict.fromkeys(draft.value(question.key) for draft in DRAFTS.values())
    yield from (one for one in (*others, question.ask.example, *_TEXTS, _GUID) if one and one != now)
    if isinstance(now, str) and now:
        yield from (None if question.default is None else "", f"{now[:-1]}9", f"{now}x")
