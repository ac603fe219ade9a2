"""Permissions of the account at a scope, as Azure lists them.

Source: REST API Permissions - List For Resource Group, and at any other scope: entries of actions and notActions, one for each
role held there or above, with the condition of the role assignment. Deny assignments are not part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from installer.json_access import as_text
from installer.preflight.reads import Request, listing
from installer.role_conditions import fulfilled
from installer.role_permissions import allows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.jsontypes import Json
    from installer.preflight.rights.needs import Need

Held = Literal["yes", "no", "unknown"]
HERE: Final = "providers/Microsoft.Authorization"
"""Path of the provider at a scope."""
_MAX_SHOWN: Final = 4


def permissions(scope: str) -> Request:
    """The request for the permissions at a scope."""
    return listing(f"{scope}/{HERE}/permissions?api-version=2022-04-01", f"permissions at {scope}")


def denials(subscription: str) -> Request:
    """The request for the deny assignments in a subscription."""
    path = f"/subscriptions/{subscription}/{HERE}/denyAssignments?api-version=2022-04-01"
    return listing(path, f"deny assignments of subscription {subscription}")


def eligible_roles(subscription: str) -> Request:
    """The request for roles that the account may activate. Source: REST API Role Eligibility Schedule Instances - List."""
    path = f"/subscriptions/{subscription}/{HERE}/roleEligibilityScheduleInstances?api-version=2020-10-01"
    return listing(f"{path}&$filter=asTarget()", f"eligible roles in subscription {subscription}")


def role_assignments(subscription: str, principal: str) -> Request:
    """The request for the role assignments of a principal, those of its groups included."""
    path = f"/subscriptions/{subscription}/{HERE}/roleAssignments?api-version=2022-04-01"
    return listing(f"{path}&$filter=assignedTo('{principal}')", "role assignments of the account")


def assignments_of(subscription: str, principal: str) -> Request:
    """The request for the role assignments of exactly this principal."""
    path = f"/subscriptions/{subscription}/{HERE}/roleAssignments?api-version=2022-04-01"
    return listing(f"{path}&$filter=principalId eq '{principal}'", f"role assignments of {principal}")


def every_assignment(subscription: str) -> Request:
    """The request for all role assignments at, above and below a subscription."""
    path = f"/subscriptions/{subscription}/{HERE}/roleAssignments?api-version=2022-04-01"
    return listing(path, f"role assignments of subscription {subscription}")


def built_in_roles(subscription: str) -> Request:
    """The request for the built-in roles with their permissions. Source: REST API Role Definitions - List."""
    path = f"/subscriptions/{subscription}/{HERE}/roleDefinitions?api-version=2022-04-01"
    return listing(f"{path}&$filter=type eq 'BuiltInRole'", "built-in roles")


def classic_administrators(subscription: str) -> Request:
    """The request for the classic administrators. Source: REST API Classic Administrators - List."""
    path = f"/subscriptions/{subscription}/{HERE}/classicAdministrators?api-version=2015-07-01"
    return listing(path, f"classic administrators of subscription {subscription}")


def role(definition: str) -> Request:
    """The request for a role definition by its ID."""
    return Request("one", f"{definition}?api-version=2022-04-01", "role definitions")


def held(entries: Iterable[dict[str, Json]], need: Need) -> Held:
    """Whether permissions allow an action, the conditions of their role assignments considered."""
    answer: Held = "no"
    for entry in entries:
        if not allows(entry, need.action):
            continue
        condition = as_text(entry.get("condition"))
        allowed = fulfilled(condition, need.action, dict(need.attributes)) if condition else True
        if allowed:
            return "yes"
        if allowed is None:
            answer = "unknown"
    return answer


def listed(needs: Iterable[Need]) -> str:
    """Names of the actions, the first few of many."""
    actions = list(dict.fromkeys(need.action for need in needs))
    more = f" and {len(actions) - _MAX_SHOWN} more" if len(actions) > _MAX_SHOWN else ""
    return f"{', '.join(actions[:_MAX_SHOWN])}{more}"
