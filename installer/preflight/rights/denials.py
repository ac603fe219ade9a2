"""Deny assignments: those of a landing zone, a managed application or a deployment stack that concern the account.

Their rules are in installer/role_permissions.py. Sources: REST API Deny Assignments - List For Scope (at, above and below the
scope); microsoft-graph-docs, api/directoryobject-getmemberobjects.md (groups of an account, nested ones included).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.reads import NotVisible
from installer.preflight.rights.permissions import denials, listed
from installer.preflight.rights.principals import groups_of_account, principals_with_roles
from installer.role_permissions import DenyAssignment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.rights.needs import Need
    from installer.preflight.subject import Subject


def denials_of(subject: Subject, subscriptions: list[str]) -> Iterator[DenyAssignment | NotChecked]:
    """Deny assignments in the subscriptions and above them that concern the account."""
    principals: set[str] | None = None
    asked = False
    for subscription in subscriptions:
        try:
            found = subject.arm.every(denials(subscription))
            principals = principals_with_roles(subject) if principals is None else principals
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
            continue
        for one in map(DenyAssignment.of, found):
            # Microsoft Graph is asked only about a group that has no role.
            if one.groups - principals and not asked:
                asked = True
                try:
                    principals |= groups_of_account(subject)
                except NotVisible as unseen:
                    yield NotChecked(
                        f"whether deny assignments of groups concern this account: {unseen.what}", unseen.why
                    )
            yield from _concerning(subject, one, principals)


def _concerning(subject: Subject, one: DenyAssignment, principals: set[str]) -> Iterator[DenyAssignment | NotChecked]:
    concerns = one.concerns(principals)
    what = f"whether the deny assignment {one.name} concerns this account"
    if concerns is None:
        yield NotChecked(what, "it names no principal")
    elif subject.surveyed and one.groups - principals and not one.groups & principals:
        # Another group may be one of the account, and then be denied or excluded.
        yield NotChecked(what, "the survey does not say whether the account is in the groups that it names")
    elif concerns:
        yield one


def denied(needs: list[tuple[Need, DenyAssignment]]) -> Iterator[Finding | NotChecked]:
    """One finding for each deny assignment, and what depends on a condition that is not understood."""
    by_denial: dict[str, list[Need]] = {}
    unknown: dict[str, list[Need]] = {}
    named: dict[str, DenyAssignment] = {}
    for need, one in needs:
        key = f"{one.scope}|{one.name}".lower()
        verdict = one.denies(need.action, need.target or need.place, dict(need.attributes))
        if verdict is not False:
            named[key] = one
            (by_denial if verdict else unknown).setdefault(key, []).append(need)
    for key, some in unknown.items():
        reason = (
            "is not for child scopes, and whether what a subscription has outside of groups is one is not documented"
            if named[key].alone
            else "has no permissions, or a condition that is not understood"
        )
        why = f"the deny assignment {named[key].name} {reason}"
        yield NotChecked(listed(some), why)
    for key, some in by_denial.items():
        denial = named[key]
        yield Finding(
            "blocks",
            f"the deny assignment {denial.name} forbids to {listed(some)}",
            denial.scope or "/",
            "a deny assignment overrules every role, also that of an owner",
            (
                WayOut(f"ask the owner of {denial.name} to exclude this account from it"),
                WayOut("use another subscription, or another prefix if it is at a resource group"),
            ),
            "DenyAssignmentAuthorizationFailed",
        )
