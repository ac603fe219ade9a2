"""Principals whose rights the account has: itself and its groups, and groups of which a survey does not say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import signed_in
from installer.json_access import as_list, as_text, member
from installer.preflight.directory_reads import groups_of
from installer.preflight.model import NotChecked
from installer.preflight.reads import NotVisible
from installer.preflight.rights.permissions import every_assignment, listed, role_assignments
from installer.preflight.rights.roles_to_ask import permissions_of_role, role_name
from installer.resource_id import contains, extended_id_of, subscription_of
from installer.role_permissions import allows

if TYPE_CHECKING:
    from installer.jsontypes import Json
    from installer.preflight.rights.needs import Need
    from installer.preflight.subject import Subject


def principals_with_roles(subject: Subject) -> set[str]:
    """Object IDs in lower case of the account and of those of its groups that have roles. Raises NotVisible."""
    who = _account(subject)
    found = {who.lower()} if who else set()
    for one in subject.subscriptions if who else ():
        found |= {_principal(each) for each in subject.arm.every(role_assignments(one, who))}
    return found


def groups_of_account(subject: Subject) -> set[str]:
    """Object IDs in lower case of all groups of the account. Raises NotVisible."""
    who = _account(subject)
    answer = subject.graph.ask(groups_of(who)) if who else {}
    return {as_text(one).lower() for one in as_list(answer.get("value"))}


def through_unknown_groups(subject: Subject, scope: str, missing: list[Need]) -> dict[Need, NotChecked]:
    """Missing actions that a group may give of which a survey does not say whether the account is in it.

    Azure itself lists the permissions of all groups of the account, nested ones included.
    """
    if not subject.surveyed:
        return {}
    found: dict[Need, NotChecked] = {}
    try:
        own = principals_with_roles(subject) | groups_of_account(subject)
        assigned = subject.arm.every(every_assignment(subscription_of(scope)))
    except NotVisible:
        return {}  # without them the permissions are not known either: the check reports that
    given_by: dict[str, list[Need]] = {}
    for one in assigned:
        kind = as_text(member(one, "properties", "principalType")).lower()
        if kind not in ("group", "") or _principal(one) in own or not contains(_place(one), scope):
            continue
        definition = as_text(member(one, "properties", "roleDefinitionId"))
        if definition not in given_by:  # a large tenant has thousands of assignments of few roles
            permissions = permissions_of_role(subject, definition)
            given_by[definition] = [
                need for need in missing if any(allows(entry, need.action) for entry in permissions)
            ]
        given = given_by[definition]
        for need in given:
            found.setdefault(
                need,
                NotChecked(
                    listed(given),
                    f"the survey does not say whether the account is in the group {_principal(one)}, which has the role "
                    f"{role_name(subject, definition)} at {_place(one) or '/'}",
                ),
            )
    return found


def _principal(assignment: dict[str, Json]) -> str:
    return as_text(member(assignment, "properties", "principalId")).lower()


def _place(assignment: dict[str, Json]) -> str:
    return extended_id_of(as_text(assignment.get("id")))


def _account(subject: Subject) -> str:
    try:
        return signed_in(subject.target)
    except AzureRefused as refused:
        raise NotVisible("deny assignments", str(refused).splitlines()[0]) from refused
