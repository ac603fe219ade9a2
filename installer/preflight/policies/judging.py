"""Judgement of planned resources by the rules in force: denials, changes, what is deployed later, what is exempt."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from installer.json_access import as_object, as_text
from installer.policy.existence import satisfied
from installer.policy.fields import GROUP
from installer.policy.fields import Subject as Requested
from installer.policy.judgement import Judge
from installer.policy.outcomes import EvaluationError, NotJudgedError, UndecidedError
from installer.preflight.model import NotChecked
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import groups, subscription
from installer.resource_id import GROUP_TYPE, group_of, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from installer.estate.bodies import PlannedBody
    from installer.json_access import JsonObject
    from installer.policy.book import NotJudged, Rule
    from installer.policy.effects import FieldChange
    from installer.policy.objects import PolicyObject
    from installer.preflight.policies.reads import InForce
    from installer.preflight.subject import Subject

_FRAME: Final = frozenset({"dependsOn", "scope", "condition"})
Key = tuple[str, str, str]
"""Assignment, reference in the initiative, and type of resource, in lower case."""


@dataclass
class Concerned:
    """A rule, and the planned resources that it concerns."""

    rule: Rule
    bodies: list[PlannedBody] = field(default_factory=list)


Exempt: TypeAlias = "dict[str, tuple[PolicyObject, dict[Key, Concerned]]]"
"""Exemptions by key, with the rules and resources that they free."""


@dataclass
class Verdicts:
    """Results for one subscription.

    Attributes:
        denied: Rules that deny planned resources.
        changed: Changes, by rule, field and value.
        later: Rules that deploy something beside a resource after it exists.
        undecided: Rules that may deny, and whose answer depends on values of the run.
        exempt: Exemptions with the rules and resources that they free.
        lapsed: The exemption that freed resources from a rule that now denies them.
        notes: Rules whose evaluation failed.

    """

    denied: dict[Key, Concerned] = field(default_factory=dict)
    changed: dict[tuple[Key, str, str], tuple[FieldChange, list[PlannedBody]]] = field(default_factory=dict)
    later: dict[Key, Concerned] = field(default_factory=dict)
    undecided: dict[Key, Concerned] = field(default_factory=dict)
    exempt: Exempt = field(default_factory=dict)
    lapsed: dict[Key, PolicyObject] = field(default_factory=dict)
    notes: list[NotJudged] = field(default_factory=list)


@dataclass(frozen=True)
class Facts:
    """Properties of a subscription and its existing groups, as functions of rules return them.

    Attributes:
        unseen: What could not be read, by the function that would return it, in lower case.

    """

    subscription: JsonObject
    groups: dict[str, JsonObject]
    unseen: dict[str, NotChecked] = field(default_factory=dict)


def facts_of(subject: Subject, name: str) -> Facts:
    """Facts of a subscription, and which of them this account cannot see."""
    found: JsonObject = {}
    listed: list[JsonObject] = []
    gaps: dict[str, NotChecked] = {}
    try:
        found = subject.arm.find(subscription(name)) or {}
    except NotVisible as one:
        gaps["subscription("] = NotChecked(one.what, one.why)
    try:
        listed = subject.arm.every(groups(name))
    except NotVisible as one:
        gaps["resourcegroup("] = NotChecked(one.what, one.why)
    about: JsonObject = {
        "id": f"/subscriptions/{name}",
        "subscriptionId": name,
        "tenantId": as_text(found.get("tenantId")) or subject.answers.subscription.tenant,
        "displayName": as_text(found.get("displayName")),
        "tags": as_object(found.get("tags")),
    }
    return Facts(about, {as_text(one.get("name")).lower(): one for one in listed}, gaps)


def verdicts(bodies: Iterable[PlannedBody], in_force: InForce, facts: Facts, now: Callable[[], float]) -> Verdicts:
    """Judge planned resources of one subscription: groups first, since rules read the tags of a group."""
    return _Judging(in_force, facts, now).run(sorted(bodies, key=lambda one: not _is_group(one)))


class _Judging:
    def __init__(self, in_force: InForce, facts: Facts, now: Callable[[], float]) -> None:
        self._facts = facts
        self._groups: dict[str, JsonObject] = {}
        self._found = Verdicts()
        self._body: PlannedBody | None = None
        self._waivers = in_force.book.waivers
        self._judge = Judge(in_force.book, now, self._undecided, self._exempted)
        self._now = now
        self._after: dict[str, list[Requested]] = {}

    def run(self, bodies: list[PlannedBody]) -> Verdicts:
        written: list[tuple[PlannedBody, Requested]] = []
        for body in bodies:
            self._body = body
            changed = self._judge.changed(self.requested(body))
            after = changed.subject
            if _is_group(body):
                self._groups[body.name.lower()] = after.content
            for change in changed.made:
                key = (_key(change.rule, body), change.field.lower(), str(change.value))
                self._found.changed.setdefault(key, (change, []))[1].append(body)
            for rule in self._judge.denials(changed):
                self._add(self._found.denied, rule, body)
                self._lapse(rule, body, changed.subject)
            self._after.setdefault(after.type.lower(), []).append(after)
            written.append((body, after))
        for body, after in written:
            self._body = body
            for rule in self._deploying(after):
                self._add(self._found.later, rule, body)
        self._found.notes = [*self._judge.notes]
        return self._found

    def requested(self, body: PlannedBody) -> Requested:
        """A planned resource as policies see its request."""
        parsed, group = parse_id(body.id), group_of(body.id)
        return Requested(
            body.id,
            GROUP if _is_group(body) else body.type,
            body.name,
            parsed.name if parsed else body.name,
            {key: item for key, item in body.body.items() if key not in _FRAME},
            body.api_version,
            predicted=True,
            subscription=self._facts.subscription,
            group=self._group(body, group),
        )

    def _group(self, body: PlannedBody, name: str) -> JsonObject:
        """Result of resourceGroup(): the planned group over the existing one; of a group, itself."""
        planned = body.body if _is_group(body) else self._groups.get(name.lower(), {})
        existing = self._facts.groups.get(name.lower(), {})
        if not name or not (planned or existing):
            return {}
        return {
            "id": f"/subscriptions/{subscription_of(body.id)}/resourceGroups/{name}",
            "name": name,
            "type": GROUP_TYPE,
            "location": planned.get("location") or existing.get("location"),
            "managedBy": as_text(existing.get("managedBy")),
            "tags": {**as_object(existing.get("tags")), **as_object(planned.get("tags"))},
            "properties": {"provisioningState": "Succeeded"},
        }

    def _deploying(self, after: Requested) -> Iterator[Rule]:
        """Rules that will deploy something beside a resource, since no planned one satisfies them."""
        for rule, _ in self._judge.matching(after, frozenset({"deployifnotexists"})):
            try:
                done = satisfied(
                    rule, rule.evaluation(after, self._now()), lambda kind: self._after.get(kind.lower(), [])
                )
            except (EvaluationError, NotJudgedError, UndecidedError):
                done = False
            if not done:
                yield rule

    def _undecided(self, rule: Rule, effect: str, _requested: Requested) -> None:
        if effect in ("deny", "modify", "append") and self._body is not None:
            self._add(self._found.undecided, rule, self._body)

    def _exempted(self, rule: Rule, effect: str, _requested: Requested, exemption: PolicyObject) -> None:
        if effect == "deny" and self._body is not None:
            rules = self._found.exempt.setdefault(exemption.key, (exemption, {}))[1]
            self._add(rules, rule, self._body)

    def _lapse(self, rule: Rule, body: PlannedBody, requested: Requested) -> None:
        with suppress(NotJudgedError):
            one = self._waivers.lapsed(rule.assignment, rule.reference, requested, self._now())
            if one is not None:
                self._found.lapsed[_key(rule, body)] = one

    @staticmethod
    def _add(found: dict[Key, Concerned], rule: Rule, body: PlannedBody) -> None:
        bodies = found.setdefault(_key(rule, body), Concerned(rule)).bodies
        if body not in bodies:
            bodies.append(body)


def _key(rule: Rule, body: PlannedBody) -> Key:
    return (rule.assignment.id.lower(), (rule.reference or rule.definition.id).lower(), body.type.lower())


def _is_group(body: PlannedBody) -> bool:
    return body.type.lower() == GROUP_TYPE.lower()
