"""Judgement of one resource by all rules in force: what they change, deny, and do later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.policy.book import NotJudged
from installer.policy.effects import apply_changes, changes_of, with_content
from installer.policy.outcomes import EvaluationError, NotJudgedError, UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.policy.book import Book, Rule
    from installer.policy.effects import FieldChange
    from installer.policy.fields import Subject
    from installer.policy.objects import PolicyObject

_UNJUDGED: Final = ("microsoft.authorization/polic", "microsoft.resources/deployments", "microsoft.policyinsights/")
FAILS: Final = "its evaluation fails, which denies: "
"""Beginning of the note about a rule that fails. Source: definition-structure-policy-rule, "Avoiding template failures"."""
_AT_WRITE: Final = frozenset({"deny", "append", "modify"})
"""Effects that decide about a write: a rule with one of them that fails denies it."""
LATER: Final = frozenset({"deployifnotexists", "auditifnotexists"})
"""Effects after a resource exists."""


@dataclass(frozen=True)
class Changed:
    """A subject after append and modify.

    Attributes:
        subject: The subject that deny and audit judge.
        made: The changes.
        denying: Rules that deny the request because they fail or their changes are impossible.

    """

    subject: Subject
    made: list[FieldChange]
    denying: list[Rule]


@dataclass
class Judge:
    """Judges resources by a book.

    Attributes:
        book: The rules.
        now: The current moment, in seconds since 1970.
        undecided: Called with a rule and a subject where the answer depends on values of the run.
        exempted: Called with a rule that is true for a subject, and the exemption that frees it.
        notes: What could not be evaluated, once each.

    """

    book: Book
    now: Callable[[], float]
    undecided: Callable[[Rule, str, Subject], None] = lambda _rule, _effect, _subject: None
    exempted: Callable[[Rule, str, Subject, PolicyObject], None] = lambda _rule, _effect, _subject, _exemption: None
    notes: dict[NotJudged, None] = field(default_factory=dict)

    def matching(self, subject: Subject, effects: frozenset[str]) -> Iterator[tuple[Rule, str]]:
        """Enforced rules with one of the effects that are true; one that fails and decides about writes has the effect deny."""
        if subject.type.lower().startswith(_UNJUDGED):
            return
        now, waivers = self.now(), self.book.waivers
        for rule in self.book.candidates(subject):
            effect = rule.assignment.effect(rule.reference, subject, rule.definition.effect)
            if effect not in effects or not waivers.enforced(rule.assignment, rule.reference, subject):
                continue
            try:
                exemption = waivers.exemption(rule.assignment, rule.reference, subject, now)
            except NotJudgedError as problem:
                self._note(rule, str(problem))
                continue
            try:
                true = self._true(rule, effect, subject, denies=bool(effects & _AT_WRITE))
            except UndecidedError:
                if exemption is None:
                    self.undecided(rule, effect, subject)
                continue
            if true and exemption is not None:
                self.exempted(rule, true, subject, exemption)
            elif true:
                yield rule, true

    def changed(self, subject: Subject) -> Changed:
        """The subject after append and modify."""
        changes: list[FieldChange] = []
        denying: list[Rule] = []
        now = self.now()
        for rule, effect in self.matching(subject, frozenset({"append", "modify"})):
            if effect == "deny":
                denying.append(rule)
                continue
            try:
                changes += changes_of(rule, effect, rule.evaluation(subject, now))
            except UndecidedError:
                self.undecided(rule, effect, subject)
            except (EvaluationError, NotJudgedError) as problem:
                self._note(rule, f"its changes cannot be evaluated: {problem}")
                denying.append(rule)
        if not changes:
            return Changed(subject, [], denying)
        content, made, conflicting = apply_changes(subject, changes)
        return Changed(with_content(subject, content), made, [*denying, *conflicting])

    def denials(self, changed: Changed) -> list[Rule]:
        """The rules that deny a subject: those whose changes are impossible, else those that deny what it became."""
        if changed.denying:
            return changed.denying
        return [rule for rule, _ in self.matching(changed.subject, frozenset({"deny"}))]

    def _true(self, rule: Rule, effect: str, subject: Subject, *, denies: bool) -> str:
        """The effect of a rule that is true or fails, "" for any other (UndecidedError)."""
        try:
            return effect if rule.definition.judged(rule.evaluation(subject, self.now())) else ""
        except NotJudgedError as problem:
            self._note(rule, str(problem))
        except EvaluationError as problem:
            self._note(rule, f"{FAILS}{problem}")
            return "deny" if denies else ""
        return ""

    def _note(self, rule: Rule, reason: str) -> None:
        self.notes[NotJudged(rule.assignment.shown_name, rule.definition.name, reason)] = None
