"""Permissions of roles and deny assignments: whether they allow or deny an action.

Ground module: the checks judge the rights of the account by it, and the embedded Azure refuses by it. Sources: azure-docs,
role-based-access-control/deny-assignments.md (they overrule roles; the zero GUID and the type SystemDefined are every principal;
principals are required; doNotApplyToChildScopes), governance/blueprints/concepts/resource-locking.md (a group that is read-only in
this way still takes resources, which can be changed and deleted); REST API Deny Assignments (condition of an assignment and of its permissions;
denyAssignmentEffect of 2024-07-01-preview: "audit" only logs).
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_object, as_text, objects_of
from installer.resource_id import contains, group_of
from installer.role_conditions import fulfilled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.json_access import JsonObject
    from installer.jsontypes import Json
    from installer.role_conditions import Attributes

_EVERYONE: Final = "00000000-0000-0000-0000-000000000000"
_EVERY_TYPE: Final = frozenset({"systemdefined", "everyone"})
_GROUP_TYPES: Final = frozenset({"group", ""})
_SEGMENT: Final = "/providers/microsoft.authorization"


def allows(permission: JsonObject, action: str, *, data: bool = False) -> bool:
    """Whether one entry of permissions names an action, wildcards and exceptions considered."""
    named, excluded = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return _among(permission.get(named), action) and not _among(permission.get(excluded), action)


def _among(patterns: Json, action: str) -> bool:
    return any(fnmatchcase(action.lower(), as_text(pattern).lower()) for pattern in as_list(patterns))


@dataclass(frozen=True)
class DenyAssignment:
    """A deny assignment as Azure lists it."""

    id: str
    properties: JsonObject

    @classmethod
    def of(cls, body: JsonObject) -> DenyAssignment:
        """The deny assignment in a body."""
        return cls(as_text(body.get("id")), as_object(body.get("properties")))

    @property
    def name(self) -> str:
        """Its display name, else its GUID."""
        return as_text(self.properties.get("denyAssignmentName")) or self.id.rpartition("/")[2]

    @property
    def scope(self) -> str:
        """ID of its scope, "" for the tenant."""
        at = self.id.lower().rfind(_SEGMENT)
        return as_text(self.properties.get("scope")) or self.id[: max(at, 0)]

    @property
    def alone(self) -> bool:
        """Whether it is for its scope without child scopes."""
        return self.properties.get("doNotApplyToChildScopes") is True

    @property
    def groups(self) -> set[str]:
        """Object IDs in lower case whose members it may concern or exclude."""
        named = [one for kind in ("principals", "excludePrincipals") for one in objects_of(self.properties.get(kind))]
        found = {_id(one) for one in named if _type(one) in _GROUP_TYPES}
        return found - {_EVERYONE, ""}

    def concerns(self, principals: Iterable[str]) -> bool | None:
        """Whether it is in force for an account with these object IDs in lower case; None if it names no principal."""
        known = set(principals)
        if as_text(self.properties.get("denyAssignmentEffect")).lower() == "audit":
            return False
        if known & {_id(one) for one in objects_of(self.properties.get("excludePrincipals"))}:
            return False
        named = objects_of(self.properties.get("principals"))
        if any(_type(one) in _EVERY_TYPE or _id(one) in known | {_EVERYONE} for one in named):
            return True
        return False if named and all(map(_id, named)) else None

    def denies(self, action: str, target: str, attributes: Attributes) -> bool | None:
        """Whether it denies an action to its principals; None if that is not known.

        Args:
            action: Name of the action.
            target: ID of the resource, group or subscription that the action is on.
            attributes: Attributes of the request.

        """
        reached = self._reaches(target)
        if reached is False:
            return False
        if not objects_of(self.properties.get("permissions")):
            return None
        verdicts = [
            _all([reached, *(_holds(part, action, attributes) for part in (self.properties, entry))])
            for entry in objects_of(self.properties.get("permissions"))
            if allows(entry, action)
        ]
        return True if True in verdicts else None if None in verdicts else False

    def _reaches(self, target: str) -> bool | None:
        """Whether a target is in its scope.

        One that is not for child scopes is for its scope alone: of a group, changing or deleting the group, and nothing in it. Whether
        what a subscription has outside of groups, such as its deployments, is below it is not documented.
        """
        if not self.alone or target.lower() == self.scope.lower():
            return contains(self.scope, target)
        below = contains(self.scope, target) and self.scope.count("/") == 2 and not group_of(target)
        return None if below else False


def _holds(part: JsonObject, action: str, attributes: Attributes) -> bool | None:
    condition = as_text(part.get("condition"))
    return fulfilled(condition, action, attributes) if condition else True


def _all(verdicts: list[bool | None]) -> bool | None:
    return False if False in verdicts else None if None in verdicts else True


def _id(principal: JsonObject) -> str:
    return as_text(principal.get("id")).lower()


def _type(principal: JsonObject) -> str:
    return as_text(principal.get("type")).lower()
