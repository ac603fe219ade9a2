"""Ways out of denials and changes by policies: answers that were tried with the engine, and the exemption to ask for."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from installer.answers.draft import Draft
from installer.answers.questions import all_questions
from installer.answers.trial import tried
from installer.conventions.address_ranges import AddressError
from installer.estate.bodies import planned_bodies
from installer.json_access import as_list, as_text
from installer.policy.evaluation import NOTHING
from installer.policy.expressions import compiled
from installer.policy.outcomes import EvaluationError, NotJudgedError, UndecidedError
from installer.preflight.model import WayOut
from installer.preflight.policies.judging import verdicts
from installer.preflight.policies.name_patterns import names_that_match, patterns, prefixes, said
from installer.preflight.policies.restrictions import answers_that_change
from installer.preflight.policies.tag_values import tags_with, wanted_tags
from installer.resource_id import normalised_location, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.answers.questions import Question
    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json
    from installer.policy.book import Rule
    from installer.preflight.policies.judging import Facts, Key
    from installer.preflight.policies.reads import InForce
    from installer.preflight.policies.tag_values import WantedTag
    from installer.preflight.subject import Subject

_MAX_OF_RULE: Final = 8
"""Other answers that are planned and judged for one rule: its candidates do not leave the next one without any."""
_MAX_TRIED: Final = 24
"""The same for all rules of one subscription; each takes about half a second, after the findings were shown."""
_MAX_OFFERED: Final = 2
_TAGS: Final = "governance.tags"
_NAMES: Final = "governance.names"
_PREFIX: Final = "subscription.prefix"
_REGION: Final = re.compile(r"[a-z]{4,}[a-z0-9]*\Z")


@dataclass(frozen=True)
class Trial:
    """Judges other answers by the same rules.

    Attributes:
        subject: The subject of the check.
        in_force: Rules of the subscription.
        facts: Its facts.
        before: Denials with the present answers.
        subscription: Id of the subscription.

    """

    subject: Subject
    subscription: str
    in_force: InForce
    facts: Facts
    before: frozenset[Key]
    _judged: dict[str, frozenset[Key] | None] = field(default_factory=dict)
    _spent: Counter[frozenset[Key]] = field(default_factory=Counter)

    def removes(self, keys: frozenset[Key], name: str, value: Json) -> bool:
        """Whether denials or changes are gone with another answer, and no denial is new."""
        tried = json.dumps([name, value])
        if tried not in self._judged:
            if len(self._judged) >= _MAX_TRIED or self._spent[keys] >= _MAX_OF_RULE:
                return False
            self._spent[keys] += 1
            self._judged[tried] = self._concerned(name, value)
        found = self._judged[tried]
        return found is not None and not keys & found

    def _concerned(self, name: str, value: Json) -> frozenset[Key] | None:
        """Rules that deny or change something with another answer; None if it is no way out."""
        answers = _with(self.subject.answers, name, value)
        if answers is None:
            return None
        try:
            own = self.subscription.lower()
            bodies = [one for one in planned_bodies(answers) if subscription_of(one.id).lower() == own]
        except AddressError:
            return None
        found = verdicts(bodies, self.in_force, self.facts, self.subject.now)
        if not bodies or not set(found.denied) <= self.before:
            return None
        return frozenset({*found.denied, *(key for key, _, _ in found.changed)})


def ways_of(trial: Trial, keys: frozenset[Key], rule: Rule, bodies: list[PlannedBody]) -> Iterator[WayOut]:
    """Answers that avoid a denial or a change of these resources; each was planned and judged."""
    offered = 0
    if trial.subject.tried:
        return
    for name, value in _candidates(trial.subject, rule, bodies):
        if offered >= _MAX_OFFERED:
            return
        if trial.removes(keys, name, value):
            offered += 1
            yield WayOut(_text(rule, name), ((name, value),))


def _text(rule: Rule, name: str) -> str:
    if name == _TAGS:
        return "add the tag"
    if name in (_NAMES, _PREFIX) and (wanted := _name_patterns(rule)):
        return f"use {'names that' if name == _NAMES else 'a prefix with which names'} match {said(wanted)}"
    return f"change the answer {all_questions()[name].ask.label.lower()}"


def advice(rule: Rule, kind: str) -> Iterator[WayOut]:
    """Answers to think about, where none that was tried helps."""
    if wanted := _name_patterns(rule):
        yield WayOut(f"give the resources names that match {said(wanted)} in the answer {_NAMES}, if they have one")
    if tags := _tags(rule):
        yield WayOut(f"give the tag {', '.join(one.sentence for one in tags)} its value in the answer {_TAGS}")
        return
    keys, text = answers_that_change(kind)
    if keys:
        yield WayOut(f"consider the answers {', '.join(keys)}{' together' if len(keys) > 1 else ''}: {text}")


def _with(answers: Answers, name: str, value: Json) -> Answers | None:
    """The answers with another one, None if it is invalid or does not apply."""
    draft = Draft.of(answers)
    question = all_questions()[name]
    if not question.ask.applies(draft.view()) or draft.value(name) == value:
        return None
    return tried(Draft.of(answers), [(name, value)])


def _name_patterns(rule: Rule) -> list[tuple[str, str]]:
    return patterns(rule.definition.condition, lambda text: _constant(rule, text))


def _of_names(subject: Subject, rule: Rule, bodies: list[PlannedBody]) -> Iterator[tuple[str, Json]]:
    """Names of resources, and prefixes of all names, that a rule about names wants."""
    wanted = _name_patterns(rule)
    yield from ((_PREFIX, one) for one in (prefixes(wanted) if wanted else ()))
    if entries := names_that_match(subject.it.names, bodies, wanted):
        renamed = {one.partition("=")[0] for one in entries}
        kept = [one for one in subject.answers.governance.names if one.partition("=")[0] not in renamed]
        yield _NAMES, [*kept, *entries]


def _candidates(subject: Subject, rule: Rule, bodies: list[PlannedBody]) -> Iterator[tuple[str, Json]]:
    yield from _of_names(subject, rule, bodies)
    present = Draft.of(subject.answers)
    yield from ((_TAGS, one) for one in tags_with([*as_list(cast("Json", present.value(_TAGS)))], _tags(rule)))
    if "location" in {one.lower() for one in _fields(rule)}:
        for value in dict.fromkeys(map(normalised_location, _texts(rule))):
            if _REGION.match(value) and value != "global":
                yield "subscription.region", value
    for name in answers_that_change(bodies[0].type)[0]:
        question = all_questions()[name]
        if question.kind == "yesno":
            yield name, not present.value(name)
        elif question.kind == "choice":
            yield from ((name, value) for value in question.values)
        elif question.kind == "integer":
            yield from ((name, value) for value in _numbers(rule, question))
        elif question.kind == "several" and name not in (_TAGS, _NAMES):
            yield name, []


def _tags(rule: Rule) -> list[WantedTag]:
    return wanted_tags(rule.definition.condition, rule.definition.details, lambda value: _constant(rule, value))


def _fields(rule: Rule) -> list[str]:
    return [as_text(_constant(rule, one)) for one in _named(rule.definition.condition, "field")]


def _texts(rule: Rule) -> list[str]:
    """Texts that a condition compares with: parameters, and literals of its operators."""
    given = [
        *rule.definition.parameters.values(),
        *_named(rule.definition.condition, "in", "equals", "notIn", "notEquals"),
    ]
    flat = [one for value in given for one in (value if isinstance(value, list) else [value])]
    return [*dict.fromkeys(one for one in flat if isinstance(one, str) and one and not one.startswith("["))]


def _numbers(rule: Rule, question: Question) -> list[int]:
    """Numbers that a condition compares with and their neighbours, as an answer takes them, and its smallest value."""
    operators = ("equals", "notEquals", "less", "lessOrEquals", "greater", "greaterOrEquals", "in", "notIn")
    given = [*rule.definition.parameters.values(), *_named(rule.definition.condition, *operators)]
    flat = [one for value in given for one in (value if isinstance(value, list) else [value])]
    figures = [int(one) for one in flat if isinstance(one, int | float) or (isinstance(one, str) and one.isdecimal())]
    near = [figure + step for figure in figures for step in (0, 1, -1)]
    least = question.minimum or 0
    most = max(near, default=least) if question.maximum is None else question.maximum
    return [*dict.fromkeys(one for one in (*near, least) if least <= one <= most)]


def _named(condition: Json, *names: str) -> list[Json]:
    if isinstance(condition, list):
        return [found for item in condition for found in _named(item, *names)]
    if not isinstance(condition, dict):
        return []
    own = [item for name, item in condition.items() if name.lower() in {one.lower() for one in names}]
    return [*own, *(found for item in condition.values() for found in _named(item, *names))]


def _constant(rule: Rule, text: Json) -> Json:
    """A value of a rule that is the same for every request, None for any other."""
    try:
        run, fixed = compiled(text, rule.definition.parameters)
        return run(NOTHING) if fixed else None
    except (EvaluationError, NotJudgedError, UndecidedError):
        return None
