"""Azure Policy of one emulator: changes and refusals of requests, refusals of deletions, and the report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.providers.resources import tags_of
from installer.json_access import as_list, as_object, as_text, member
from installer.policy.book import Book, NotJudged
from installer.policy.fields import GROUP, Subject
from installer.policy.judgement import Judge
from installer.policy.objects import PolicyObject
from installer.resource_id import GROUP_TYPE, group_of, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.authorization.tenant import Directory
    from installer.emulator.clock import Clock
    from installer.emulator.state.resources import Resource, Resources
    from installer.json_access import JsonObject
    from installer.jsontypes import Json
    from installer.policy.book import Rule


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
        self._judge: Judge | None = None
        self._revision = -1
        self._happened: Counter[tuple[str, str, str]] = Counter()
        self._notes: dict[NotJudged, None] = {}

    @property
    def judge(self) -> Judge:
        """The judge by the rules in force; compiled again once definitions, assignments or exemptions have changed."""
        revision = self._resources.policy_revision
        if self._judge is None or revision != self._revision:
            self._judge, self._revision = Judge(Book(self._objects), self._clock.now, notes=self._notes), revision
        return self._judge

    @property
    def book(self) -> Book:
        """The compiled rules."""
        return self.judge.book

    def _objects(self, kind: str) -> list[PolicyObject]:
        return [PolicyObject(item.id, item.type, item.name, item.desired) for item in self._resources.of_type(kind)]

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

    def existing(self, kind: str) -> Iterator[Subject]:
        """Existing resources of a type, whole."""
        resources = self._resources
        found = resources.of_type(GROUP_TYPE) if kind.lower() == GROUP.lower() else resources.of_type(kind)
        return (self.subject(item, whole=True) for item in found)

    # -- requests ------------------------------------------------------------------------------------------------------

    def applied(self, resource: Resource) -> JsonObject:
        """The body of a request after append and modify.

        Raises:
            ArmError: A policy denies the request (RequestDisallowedByPolicy).

        """
        judge = self.judge
        changed = judge.changed(self.subject(resource))
        for change in changed.made:
            self._record("changed", change.rule, f"{changed.subject.id}: {change.field}")
        denying = judge.denials(changed)
        for rule in denying:
            self._record("denied", rule, changed.subject.id)
        for rule, _ in () if denying else judge.matching(changed.subject, frozenset({"audit"})):
            self._record("audited", rule, changed.subject.id)
        if denying:
            raise disallowed(resource.name, denying)
        return changed.subject.content

    def refusals(self, resource: Resource) -> list[Rule]:
        """The rules that deny a resource before the run, judged by the values that are known."""
        judge = self.judge
        return judge.denials(judge.changed(self.subject(resource, predicted=True)))

    def check_deletion(self, resource: Resource, *, with_group: bool = False) -> None:
        """Refuse a deletion that a denyAction policy prevents; `with_group`: because its group is deleted (ArmError)."""
        if resource.type.lower() in _NEVER_PROTECTED:
            return
        subject = self.subject(resource, whole=True)
        denying = [
            rule
            for rule in self.true_rules(subject, frozenset({"denyaction"}))
            if "delete" in {as_text(item).lower() for item in as_list(member(rule.definition.details, "actionNames"))}
            and (not with_group or (rule.definition.indexed and _cascades(rule)))
        ]
        if denying:
            raise disallowed(resource.name, denying)

    def true_rules(self, subject: Subject, effects: frozenset[str]) -> list[Rule]:
        """The enforced rules with one of these effects whose condition is true."""
        return [rule for rule, _ in self.judge.matching(subject, effects)]

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
        return any(found is rule for found in self.true_rules(subject, frozenset({"deny"})))

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
