"""Permissions of the account at a scope, as Azure lists them.

Source: REST API Permissions - List For Resource Group, and at any other scope: entries of actions and notActions, one for each
role held there or above, with the condition of the role assignment. Deny assignments are not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal

from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.preflight.reads import Request, listing
from installer.role_conditions import fulfilled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.jsontypes import Json
    from installer.preflight.rights.needs import Need

Held = Literal["yes", "no", "unknown"]
_HERE: Final = "providers/Microsoft.Authorization"
_EVERYONE: Final = "00000000-0000-0000-0000-000000000000"


def permissions(scope: str) -> Request:
    """The request for the permissions at a scope."""
    return listing(f"{scope}/{_HERE}/permissions?api-version=2022-04-01", f"permissions at {scope}")


def denials(subscription: str) -> Request:
    """The request for the deny assignments in a subscription."""
    path = f"/subscriptions/{subscription}/{_HERE}/denyAssignments?api-version=2022-04-01"
    return listing(path, f"deny assignments of subscription {subscription}")


def eligible_roles(subscription: str) -> Request:
    """The request for roles that the account may activate. Source: REST API Role Eligibility Schedule Instances - List."""
    path = f"/subscriptions/{subscription}/{_HERE}/roleEligibilityScheduleInstances?api-version=2020-10-01"
    return listing(f"{path}&$filter=asTarget()", f"eligible roles in subscription {subscription}")


def role_assignments(subscription: str, principal: str) -> Request:
    """The request for the role assignments of a principal, those of its groups included."""
    path = f"/subscriptions/{subscription}/{_HERE}/roleAssignments?api-version=2022-04-01"
    return listing(f"{path}&$filter=assignedTo('{principal}')", "role assignments of the account")


def role(definition: str) -> Request:
    """The request for a role definition by its ID."""
    return Request("one", f"{definition}?api-version=2022-04-01", "role definitions")


def allows(entry: dict[str, Json], action: str) -> bool:
    """Whether one entry of permissions allows an action."""
    return _among(entry.get("actions"), action) and not _among(entry.get("notActions"), action)


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


@dataclass(frozen=True)
class Denial:
    """A deny assignment that concerns the account."""

    name: str
    scope: str
    entries: tuple[dict[str, Json], ...]
    only_here: bool

    def denies(self, need: Need) -> bool:
        """Whether it denies an action at a scope."""
        here, place = need.scope.lower(), self.scope.lower()
        reaches = here == place if self.only_here else here == place or here.startswith(f"{place}/")
        return reaches and any(allows(entry, need.action) for entry in self.entries)


def denial_of(raw: dict[str, Json], principals: set[str]) -> Denial | None:
    """A deny assignment, None if it excludes the account or concerns others only."""
    properties = as_object(raw.get("properties"))
    concerned = _ids(properties, "principals") & (principals | {_EVERYONE})
    if not concerned or _ids(properties, "excludePrincipals") & principals:
        return None
    name = as_text(properties.get("denyAssignmentName")) or as_text(raw.get("name"))
    scope = as_text(properties.get("scope")) or as_text(raw.get("id")).rpartition(f"/{_HERE}")[0]
    entries = tuple(objects_of(properties.get("permissions")))
    return Denial(name, scope, entries, properties.get("doesNotApplyToChildScopes") is True)


def _ids(properties: dict[str, Json], name: str) -> set[str]:
    return {as_text(member(one, "id")).lower() for one in as_list(properties.get(name))}


def _among(patterns: Json, action: str) -> bool:
    return any(fnmatchcase(action.lower(), as_text(pattern).lower()) for pattern in as_list(patterns))
