"""Assignments: where a rule is in force, and with which effect.

Scopes, notScopes, resource selectors, overrides, enforcement modes and exemptions (assignment-structure,
exemption-structure). Which subscriptions a management group has is unknown: an assignment or exemption of any in the
state applies, and an exclusion of one is not followed but listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING, Final

from installer.json_access import JsonObject, as_list, as_text, objects_of
from installer.policy.outcomes import NotJudgedError
from installer.resource_id import contains, is_management_group, normalised_location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.policy.fields import Subject
    from installer.policy.objects import PolicyObject

ASSIGNMENTS: Final = "Microsoft.Authorization/policyAssignments"
EXEMPTIONS: Final = "Microsoft.Authorization/policyExemptions"
ENROLLMENTS: Final = "Microsoft.Authorization/policyEnrollments"
_MARK: Final = "/providers/microsoft.authorization/"


def scope_of(found: PolicyObject) -> str:
    """The lower-case scope of an assignment, exemption or enrollment."""
    return found.key[: found.key.rindex(_MARK)]


@dataclass(frozen=True)
class Assignment:
    """An assignment in force somewhere."""

    found: PolicyObject
    scope: str
    excluded: tuple[str, ...]
    enforcement: str
    selectors: tuple[JsonObject, ...]
    overrides: tuple[JsonObject, ...]

    @property
    def id(self) -> str:
        """Its resource id."""
        return self.found.id

    @property
    def properties(self) -> JsonObject:
        """Its properties."""
        return self.found.properties

    @property
    def shown_name(self) -> str:
        """The display name, else the name."""
        return as_text(self.properties.get("displayName")) or self.found.name

    def covers(self, subject: Subject) -> bool:
        """Whether scope, exclusions and selectors let it judge a subject."""
        key = subject.id.lower()
        return (
            contains(self.scope, key)
            and not any(contains(item, key) for item in self.excluded)
            and selected(self.selectors, subject)
        )

    def effect(self, reference: str, subject: Subject, own: str) -> str:
        """The effect for a definition of the set (`reference`) on a subject: the first override that fits, else its own."""
        for item in self.overrides:
            if as_text(item.get("kind")).lower() == "policyeffect" and all(
                _matches(selector, subject, reference) for selector in objects_of(item.get("selectors"))
            ):
                return as_text(item.get("value")).lower()
        return own


def assignment_of(found: PolicyObject) -> tuple[Assignment, list[str]]:
    """An assignment, and what of it is not followed."""
    properties = found.properties
    excluded = [as_text(item).lower() for item in as_list(properties.get("notScopes"))]
    unknown = [
        f"the exclusion of the management group {item.rpartition('/')[2]}"
        for item in excluded
        if is_management_group(item)
    ]
    selectors = objects_of(properties.get("resourceSelectors"))
    overrides = objects_of(properties.get("overrides"))
    unknown += _unknown_selectors(selectors)
    unknown += [
        f"an override of kind {as_text(item.get('kind'))}: one version of a definition is known"
        for item in overrides
        if as_text(item.get("kind")).lower() != "policyeffect"
    ]
    unknown += _unknown_selectors(overrides)
    made = Assignment(
        found,
        scope_of(found),
        tuple(item for item in excluded if not is_management_group(item)),
        as_text(properties.get("enforcementMode"), "Default").lower(),
        tuple(selectors),
        tuple(overrides),
    )
    return made, unknown


def _unknown_selectors(groups: Iterable[JsonObject]) -> list[str]:
    kinds = {as_text(item.get("kind")) for group in groups for item in objects_of(group.get("selectors"))}
    return [f"a selector of kind {kind}" for kind in sorted(kinds) if kind.lower() not in _KINDS]


def selected(selectors: Iterable[JsonObject], subject: Subject) -> bool:
    """Whether one resource selector, if there are any, has all of its parts fulfilled."""
    groups = list(selectors)
    return not groups or any(
        all(_matches(item, subject, "") for item in objects_of(group.get("selectors"))) for group in groups
    )


def _matches(selector: JsonObject, subject: Subject, reference: str) -> bool:
    kind = as_text(selector.get("kind")).lower()
    if kind == "resourcelocation":
        own = normalised_location(subject.location)
    elif kind == "resourcetype":
        own = subject.type.lower()
    elif kind == "resourcewithoutlocation":
        inside = subject.id.lower().count("/resourcegroups/") and not subject.type.lower().endswith("/resourcegroups")
        own = "" if subject.location or inside else "subscriptionlevelresources"
    elif kind == "policydefinitionreferenceid":
        own = reference.lower()
    else:
        return True  # listed as not judged
    normal = normalised_location if kind == "resourcelocation" else str.lower
    wanted, unwanted = selector.get("in"), selector.get("notIn")
    if isinstance(wanted, list):
        return own in {normal(as_text(item)) for item in wanted}
    return own not in {normal(as_text(item)) for item in as_list(unwanted)}


_KINDS: Final = {"resourcelocation", "resourcetype", "resourcewithoutlocation", "policydefinitionreferenceid"}


class Waivers:
    """Exemptions and enrollments of a state."""

    def __init__(self, exemptions: Iterable[PolicyObject], enrollments: Iterable[PolicyObject]) -> None:
        self._exemptions = [(scope_of(item), item) for item in exemptions]
        self._enrollments = [(scope_of(item), item.properties) for item in enrollments]

    def exemption(self, assignment: Assignment, reference: str, subject: Subject, now: float) -> PolicyObject | None:
        """The exemption, not expired, that frees a subject from a rule: of several the one that ends last."""
        found = [one for one in self._of(assignment, reference, subject) if not _expired(one, now)]
        return max(found, key=ends_at, default=None)

    def lapsed(self, assignment: Assignment, reference: str, subject: Subject, now: float) -> PolicyObject | None:
        """The exemption that freed a subject from a rule until it expired: of several the last one."""
        found = [one for one in self._of(assignment, reference, subject) if _expired(one, now)]
        return max(found, key=ends_at, default=None)

    def _of(self, assignment: Assignment, reference: str, subject: Subject) -> Iterator[PolicyObject]:
        """Exemptions of a subject from a rule, also expired ones."""
        for scope, found in self._exemptions:
            if (
                _named(found.properties, assignment, reference)
                and contains(scope, subject.id)
                and selected(objects_of(found.properties.get("resourceSelectors")), subject)
            ):
                yield found

    def enforced(self, assignment: Assignment, reference: str, subject: Subject) -> bool:
        """Whether the effect of a rule happens: not with DoNotEnforce, with Enroll only for what is enrolled."""
        if assignment.enforcement == "enroll":
            return any(
                _named(properties, assignment, reference)
                and contains(scope, subject.id)
                and selected(objects_of(properties.get("resourceSelectors")), subject)
                for scope, properties in self._enrollments
            )
        return assignment.enforcement != "donotenforce"


def _named(properties: JsonObject, assignment: Assignment, reference: str) -> bool:
    if as_text(properties.get("policyAssignmentId")).lower() != assignment.found.key:
        return False
    references = [as_text(item).lower() for item in as_list(properties.get("policyDefinitionReferenceIds"))]
    return not references or reference.lower() in references


def ends_at(exemption: PolicyObject) -> float:
    """End of an exemption in seconds since 1970, infinite without one (NotJudgedError)."""
    text = exemption.properties.get("expiresOn")
    if not isinstance(text, str) or not text:
        return inf
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise NotJudgedError(f"the expiry {text} of an exemption is not a date") from problem
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _expired(exemption: PolicyObject, now: float) -> bool:
    return ends_at(exemption) <= now
