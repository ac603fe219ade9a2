"""Azure Policy of one emulator: changes and refusals of requests, refusals of deletions, and the report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.governance.policy.book import Book, NotJudged
from installer.emulator.governance.policy.effects import apply_changes, changes_of, with_content
from installer.emulator.governance.policy.fields import GROUP, Subject
from installer.emulator.governance.policy.outcomes import EvaluationError, NotJudgedError, UndecidedError
from installer.emulator.providers.resources import tags_of
from installer.json_access import as_list, as_object, as_text, member
from installer.resource_id import GROUP_TYPE, group_of, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.authorization.tenant import Directory
    from installer.emulator.clock import Clock
    from installer.emulator.governance.policy.book import Rule
    from installer.emulator.governance.policy.effects import FieldChange
    from installer.emulator.state.resources import Resource, Resources
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_UNJUDGED: Final = ("microsoft.authorization/polic", "microsoft.resources/deployments", "microsoft.policyinsights/")
_NEVER_PROTECTED: Final = {
    "microsoft.authorization/policyassignments",
    "microsoft.authorization/denyassignments",
    "microsoft.authorization/locks",
    "microsoft.blueprint/blueprintassignments",
    "microsoft.resources/deploymentstacks",
    "microsoft.resources/subscriptions",
}
"""Types whose deletion no policy prevents (effect-deny-action)."""
_REPORTED: Final = 500


class Policies:
    """The policies of a state."""

    def __init__(self, resources: Resources, clock: Clock, directory: Directory) -> None:
        self._resources = resources
        self._clock = clock
        self._directory = directory
        self._book: Book | None = None
        self._revision = -1
        self._happened: Counter[tuple[str, str, str]] = Counter()
        self._notes: dict[NotJudged, None] = {}

    @property
    def book(self) -> Book:
        """The compiled rules; compiled again once definitions, assignments or exemptions have changed."""
        revision = self._resources.policy_revision
        if self._book is None or revision != self._revision:
            self._book, self._revision = Book(self._resources), revision
        return self._book

    def subject(self, resource: Resource, *, predicted: bool = False, whole: bool = False) -> Subject:
        """A resource as policies see it: `predicted` before the run, `whole` with what its provider computed."""
        parsed = parse_id(resource.id)
        content = resource.view() if whole else resource.desired
        kind = GROUP if resource.type.lower() == GROUP_TYPE.lower() else resource.type
        full = parsed.name if parsed else resource.name
        subscription, group = subscription_of(resource.id), group_of(resource.id)
        return Subject(
            resource.id,
            kind,
            resource.name,
            full,
            content,
            resource.api_version,
            predicted,
            self._subscription(subscription),
            self._group(subscription, group, resource),
        )

    # -- requests ------------------------------------------------------------------------------------------------------

    def applied(self, resource: Resource) -> JsonObject:
        """The body of a request after append and modify.

        Raises:
            ArmError: A policy denies the request (RequestDisallowedByPolicy).

        """
        subject, denying = self._changed(self.subject(resource))
        denying = denying or list(self._denials(subject))
        if denying:
            for rule in denying:
                self._record("denied", rule, subject.id)
            raise disallowed(resource.name, denying)
        return subject.content

    def refusals(self, resource: Resource) -> list[Rule]:
        """The rules that deny a resource before the run, judged by the values that are known."""
        subject, denying = self._changed(self.subject(resource, predicted=True), silent=True)
        return denying or list(self._denials(subject))

    def check_deletion(self, resource: Resource, *, with_group: bool = False) -> None:
        """Refuse a deletion that a denyAction policy prevents; `with_group`: because its group is deleted (ArmError)."""
        if resource.type.lower() in _NEVER_PROTECTED:
            return
        subject = self.subject(resource, whole=True)
        denying = [
            rule
            for rule in self.true_rules(subject, {"denyaction"})
            if "delete" in {as_text(item).lower() for item in as_list(member(rule.definition.details, "actionNames"))}
            and (not with_group or (rule.definition.indexed and _cascades(rule)))
        ]
        if denying:
            raise disallowed(resource.name, denying)

    def _changed(self, subject: Subject, *, silent: bool = False) -> tuple[Subject, list[Rule]]:
        """The subject after append and modify, and the rules that deny because their changes are impossible."""
        changes: list[FieldChange] = []
        denying: list[Rule] = []
        now = self._clock.now()
        for rule, effect in self.matching(subject, {"append", "modify"}):
            try:
                changes += changes_of(rule, effect, rule.evaluation(subject, now))
            except UndecidedError:
                continue
            except (EvaluationError, NotJudgedError) as problem:
                self._note(rule, f"its changes cannot be evaluated: {problem}")
                denying.append(rule)
        if not changes:
            return subject, denying
        content, made, conflicting = apply_changes(subject, changes)
        if not silent:
            for change in made:
                self._record("changed", change.rule, f"{subject.id}: {change.field}")
        return with_content(subject, content), [*denying, *conflicting]

    def _denials(self, subject: Subject) -> Iterator[Rule]:
        for rule, effect in self.matching(subject, {"deny", "audit"}):
            if effect == "deny":
                yield rule
            elif not subject.predicted:
                self._record("audited", rule, subject.id)

    def true_rules(self, subject: Subject, effects: set[str]) -> list[Rule]:
        """The enforced rules with one of these effects whose condition is true."""
        return [rule for rule, _ in self.matching(subject, effects)]

    def matching(self, subject: Subject, effects: set[str]) -> Iterator[tuple[Rule, str]]:
        """Enforced rules with one of the effects that are true, or that fail, which counts as a denial."""
        if subject.type.lower().startswith(_UNJUDGED):
            return
        book, now = self.book, self._clock.now()
        for rule in book.candidates(subject):
            effect = rule.assignment.effect(rule.reference, subject, rule.definition.effect)
            if effect not in effects or not book.waivers.enforced(rule.assignment, rule.reference, subject):
                continue
            try:
                if book.waivers.exempt(rule.assignment, rule.reference, subject, now):
                    continue
                if rule.definition.judged(rule.evaluation(subject, now)):
                    yield rule, effect
            except UndecidedError:
                continue
            except NotJudgedError as problem:
                self._note(rule, str(problem))
            except EvaluationError as problem:
                self._note(rule, f"its evaluation fails, which denies: {problem}")
                if effects & {"deny"}:
                    yield rule, "deny"

    def denying_rules(self, subject: Subject) -> list[Rule]:
        """The enforced rules that may deny a subject, whatever their conditions say."""
        waivers = self.book.waivers
        return [
            rule
            for rule in self.book.candidates(subject)
            if rule.assignment.effect(rule.reference, subject, rule.definition.effect) == "deny"
            and waivers.enforced(rule.assignment, rule.reference, subject)
        ]

    def denies(self, rule: Rule, subject: Subject) -> bool:
        """Whether a rule denies a subject."""
        return any(found is rule and effect == "deny" for found, effect in self.matching(subject, {"deny"}))

    # -- facts ---------------------------------------------------------------------------------------------------------

    def _subscription(self, subscription_id: str) -> JsonObject:
        found = self._directory.subscription(subscription_id) if subscription_id else None
        scope = f"/subscriptions/{subscription_id}"
        return {
            "id": scope,
            "subscriptionId": subscription_id,
            "tenantId": self._directory.tenant_id,
            "displayName": found.name if found else "",
            "tags": tags_of(self._resources, scope),
        }

    def _group(self, subscription: str, name: str, resource: Resource) -> JsonObject:
        if not name:
            return {}
        own = resource.type.lower() == GROUP_TYPE.lower()
        found = resource if own else self._resources.get(f"/subscriptions/{subscription}/resourceGroups/{name}")
        if found is None:
            return {}
        return {
            "id": found.id,
            "name": found.name,
            "type": GROUP_TYPE,
            "location": found.location,
            "managedBy": found.desired.get("managedBy", ""),
            "tags": as_object(found.desired.get("tags")),
            "properties": {"provisioningState": "Succeeded"},
        }

    # -- report --------------------------------------------------------------------------------------------------------

    def _record(self, what: str, rule: Rule, target: str) -> None:
        if len(self._happened) < _REPORTED:
            self._happened[what, rule.definition.name, target] += 1

    def record_deployment(self, rule: Rule, target: str, outcome: str) -> None:
        """Note what became of a deployIfNotExists effect."""
        self._record(f"deployIfNotExists {outcome}", rule, target)

    def _note(self, rule: Rule, reason: str) -> None:
        self._notes[NotJudged(rule.assignment.shown_name, rule.definition.name, reason)] = None

    def report(self) -> JsonObject:
        """The effects so far, and by name the rules in force that are not judged."""
        missing = dict.fromkeys([*self.book.not_judged, *self._notes])
        unjudged: list[Json] = [
            {"assignment": item.assignment, "definition": item.definition, "reason": item.reason} for item in missing
        ]
        happened: list[Json] = [
            {"what": what, "definition": name, "target": target, "times": times}
            for (what, name, target), times in self._happened.items()
        ]
        return {"rules": len(self.book.rules), "notJudged": unjudged, "happened": happened}


def _cascades(rule: Rule) -> bool:
    return as_text(member(rule.definition.details, "cascadeBehaviors", "resourceGroup"), "deny").lower() == "deny"


def disallowed(name: str, rules: list[Rule]) -> ArmError:
    """The error for a resource that one or more policies deny."""
    shown = ",".join(
        f'{{"policyAssignment":{{"name":"{rule.assignment.shown_name}","id":"{rule.assignment.id}"}},'
        f'"policyDefinition":{{"name":"{rule.definition.name}","id":"{rule.definition.id}"}}}}'
        for rule in rules
    )
    return ArmError(
        403,
        "RequestDisallowedByPolicy",
        f"Resource '{name}' was disallowed by policy. Policy identifiers: '[{shown}]'.",
        target=name,
        additional=[{"type": "PolicyViolation", "info": rule.identifiers} for rule in rules],
    )
