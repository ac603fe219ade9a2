"""Policies in force in a subscription: assignments, exemptions, and the definitions that they name, in few reads.

Source: REST API Microsoft.Authorization, PolicyAssignments_List, PolicyExemptions_List, PolicyDefinitions_List and
PolicySetDefinitions_List at a subscription: "the unfiltered list includes all ... that apply directly or from management groups
that contain the given subscription"; lists of definitions include built-in ones (the filter `policyType` selects among them).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member, objects_of
from installer.policy.assignments import ASSIGNMENTS, ENROLLMENTS, EXEMPTIONS
from installer.policy.book import DEFINITIONS, SETS, VERSIONS, Book
from installer.policy.objects import PolicyObject, policy_object
from installer.preflight.model import NotChecked, Proof
from installer.preflight.reads import NotVisible, listing, resource
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject

_VERSIONS_OF: Final = {
    ASSIGNMENTS: "2024-04-01",
    EXEMPTIONS: "2022-07-01-preview",
    ENROLLMENTS: "2026-01-01-preview",  # Source: azure.github.io/enterprise-azure-policy-as-code/policy-enrollments
    DEFINITIONS: "2023-04-01",
    SETS: "2023-04-01",
}
_WORDS: Final = {
    ASSIGNMENTS: "policy assignments",
    EXEMPTIONS: "policy exemptions",
    ENROLLMENTS: "policy enrollments",
    DEFINITIONS: "policy definitions",
    SETS: "policy initiatives",
}
_FEW: Final = 8
"""Definitions that are read one by one; for more, one list has them all, in pages of 500 with the built-in ones."""


def listed(subscription: str, kind: str) -> Request:
    """The request for all objects of a type that apply to a subscription."""
    path = f"/subscriptions/{subscription}/providers/{kind}?api-version={_VERSIONS_OF[kind]}"
    return listing(path, f"{_WORDS[kind]} of subscription {subscription}")


def _one(identifier: str, kind: str) -> Request:
    return resource(f"{identifier}?api-version={_VERSIONS_OF[kind]}", f"the policy definition {identifier}")


def _versions(identifier: str) -> Request:
    return listing(f"{identifier}/versions?api-version=2023-04-01", f"versions of the policy definition {identifier}")


@dataclass
class InForce:
    """Rules in force in one subscription that has assignments.

    Attributes:
        book: The compiled rules.
        assignments: Number of assignments.
        unseen: What could not be read.

    """

    book: Book
    assignments: int
    unseen: list[NotChecked] = field(default_factory=list)


class Definitions:
    """Definitions that were read, for all subscriptions of the plan: those above a subscription are the same for others."""

    def __init__(self, subject: Subject) -> None:
        self._arm = subject.arm
        self._found: dict[str, dict[str, PolicyObject]] = {kind: {} for kind in (DEFINITIONS, SETS, VERSIONS)}
        self.unseen: list[NotChecked] = []

    def of_type(self, kind: str) -> list[PolicyObject]:
        """All that were read of a type."""
        return list(self._found[kind].values())

    def add(self, kind: str, wanted: Iterable[str], home: str) -> None:
        """Read definitions by their ids; `home` is the subscription whose list has those of no other subscription."""
        missing = [one for one in dict.fromkeys(wanted) if one and not self._known(kind, one)]
        if len(missing) > _FEW:
            places = defaultdict(list)
            for one in missing:
                places[subscription_of(one) or home].append(one)
            self._arm.ahead(listed(place, kind) for place in places)
            for place in places:
                self._list(kind, place)
            return
        self._arm.ahead(_one(one, kind) for one in missing)
        for one in missing:
            self._read(kind, one)

    def add_versions(self, wanted: Iterable[str]) -> bool:
        """Read the versions of definitions that are assigned in another version than the newest; whether there are any."""
        some = [*wanted][:_FEW]
        self._arm.ahead(map(_versions, some))
        for one in some:
            try:
                for found in self._arm.every(_versions(one)):
                    version = policy_object(VERSIONS, found)
                    self._found[VERSIONS][version.key] = version
            except NotVisible:  # the engine names the version that it judges by
                continue
        return bool(self._found[VERSIONS])

    def _known(self, kind: str, identifier: str) -> bool:
        name = identifier.rpartition("/")[2].lower()
        return identifier.lower() in self._found[kind] or (
            "/subscriptions/" not in identifier.lower()
            and any(found.name.lower() == name for found in self._found[kind].values())
        )

    def _list(self, kind: str, subscription: str) -> None:
        try:
            for found in self._arm.every(listed(subscription, kind)):
                made = policy_object(kind, found)
                self._found[kind][made.key] = made
        except NotVisible as unseen:
            self.unseen.append(NotChecked(unseen.what, unseen.why))

    def _read(self, kind: str, identifier: str) -> None:
        try:
            found = self._arm.find(_one(identifier, kind))
        except NotVisible as unseen:
            self.unseen.append(NotChecked(unseen.what, unseen.why))
            return
        if found is not None:  # the book lists what is not known
            self._found[kind][identifier.lower()] = policy_object(kind, {"id": identifier, **found})


def policies_in_force(subject: Subject) -> Iterator[tuple[str, InForce | NotChecked | Proof]]:
    """Rules in force by subscription; that one has no assignments, or why they were not read.

    Resources are written into subscriptions of others, too: private endpoints and peerings into that of an existing hub.
    """
    places = subject.written_subscriptions
    subject.arm.ahead(listed(one, kind) for one in places for kind in (ASSIGNMENTS, EXEMPTIONS))
    definitions = Definitions(subject)
    for subscription in places:
        try:
            assigned = [policy_object(ASSIGNMENTS, one) for one in subject.arm.every(listed(subscription, ASSIGNMENTS))]
        except NotVisible as unseen:
            yield subscription, NotChecked(unseen.what, unseen.why)
            continue
        if subject.surveyed and subscription not in subject.subscriptions:
            assigned = [one for one in assigned if subscription_of(one.id).lower() == subscription.lower()]
            what = f"policies of management groups above subscription {subscription}"
            yield subscription, NotChecked(what, "a survey has those above its own subscription")
            if not assigned:
                continue
        if assigned:
            yield subscription, _in_force(subject, subscription, assigned, definitions)
        else:
            yield subscription, Proof(f"no policies are assigned in subscription {subscription}")


def _in_force(subject: Subject, home: str, assigned: list[PolicyObject], definitions: Definitions) -> InForce:
    wanted = [as_text(one.properties.get("policyDefinitionId")) for one in assigned]
    sets = [one for one in wanted if SETS.lower() in one.lower()]
    definitions.unseen = []
    definitions.add(SETS, sets, home)
    names = {one.rpartition("/")[2].lower() for one in sets}
    members = [
        as_text(member(part, "policyDefinitionId"))
        for found in definitions.of_type(SETS)
        if found.name.lower() in names
        for part in objects_of(found.properties.get("policyDefinitions"))
    ]
    definitions.add(DEFINITIONS, [*(one for one in wanted if one not in sets), *members], home)
    unseen: list[NotChecked] = []
    waived = {kind: _waivers(subject, home, kind, unseen) for kind in (EXEMPTIONS, *_enrolling(assigned))}

    def of_type(kind: str) -> list[PolicyObject]:
        if kind == ASSIGNMENTS:
            return assigned
        return waived.get(kind, []) if kind in (EXEMPTIONS, ENROLLMENTS) else definitions.of_type(kind)

    book = Book(of_type)
    if book.other_versions and definitions.add_versions(book.other_versions):
        book = Book(of_type)
    return InForce(book, len(assigned), [*unseen, *definitions.unseen])


def _enrolling(assigned: list[PolicyObject]) -> tuple[str, ...]:
    """The type of enrollments, where an assignment applies to what is enrolled only."""
    modes = {as_text(one.properties.get("enforcementMode")).lower() for one in assigned}
    return (ENROLLMENTS,) if "enroll" in modes else ()


def _waivers(subject: Subject, home: str, kind: str, gaps: list[NotChecked]) -> list[PolicyObject]:
    try:
        return [policy_object(kind, one) for one in subject.arm.every(listed(home, kind))]
    except NotVisible as unseen:
        gaps.append(NotChecked(unseen.what, unseen.why))
        return []
