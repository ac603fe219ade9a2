"""The permissions of the caller: Owner of everything, unless a survey names the caller and has role assignments.

A survey that names the caller and leaves the role assignments out has no facts about rights: to refuse everything would take that for
"no role".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.roles import ASSIGNMENT_TYPE, permissions_of
from installer.json_access import JsonObject, as_object, as_text, member
from installer.linked_actions import linked
from installer.resource_id import GROUP_TYPE, contains, name_of
from installer.role_conditions import fulfilled
from installer.role_permissions import DenyAssignment, allows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.state.resources import Resource, Resources
    from installer.emulator.survey import Survey

DENY_TYPE = "Microsoft.Authorization/denyAssignments"
_MARK = "/providers/microsoft.authorization/"


@dataclass(frozen=True)
class Access:
    """The permissions of the one service principal of a rehearsal."""

    resources: Resources
    survey: Survey
    client_id: str
    object_id: str

    @property
    def checked(self) -> bool:
        """Whether permissions are checked at all: deny assignments are, also if the roles are not known."""
        return self.survey.caller is not None

    @property
    def limited(self) -> bool:
        """Whether roles are known."""
        return self.checked and self.survey.has_roles

    def permissions(self, scope: str) -> list[JsonObject]:
        """The permissions at a scope, one entry for each role held there or above."""
        if not self.limited:
            return [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}]
        names = ("actions", "notActions", "dataActions", "notDataActions")
        shown: list[JsonObject] = []
        unknown = ""
        for assignment in self._assignments(scope):
            condition = as_text(member(assignment.desired, "properties", "condition"))
            permissions = permissions_of(self.resources, _role(assignment))
            unknown = unknown if permissions is not None else _role(assignment)
            for entry in permissions or []:
                own: JsonObject = {name: entry.get(name, []) for name in names}
                shown.append({**own, "condition": condition, "conditionVersion": "2.0"} if condition else own)
        if unknown and not any(entry["actions"] == ["*"] and not entry["notActions"] for entry in shown):
            text = f"The survey has an assignment of the role {unknown}, but not its definition."
            raise ArmError(400, "RoleDefinitionDoesNotExist", text)
        return shown

    def check(self, action: str, scope: str, body: JsonObject | None = None) -> None:
        """Refuse an action that no role allows or that is denied (ArmError 403); `body` is that of a role assignment."""
        denial = self._denial(action, scope, body) if self.checked else None
        if denial is not None:
            raise ArmError(
                403,
                "DenyAssignmentAuthorizationFailed",
                f"The client '{self.client_id}' with object id '{self.object_id}' has permission to perform action "
                f"'{action}' on scope '{scope}'; however, the access is denied because of the deny assignment with "
                f"name '{denial.name}' and Id '{name_of(denial.id)}' at scope '{denial.scope}'.",
            )
        if not self.allowed(action, scope, body):
            raise self.failed(action, scope)

    def failed(self, action: str, scope: str) -> ArmError:
        """ARM's error for a caller without permission."""
        return ArmError(
            403,
            "AuthorizationFailed",
            f"The client '{self.client_id}' with object id '{self.object_id}' does not have authorization to perform "
            f"action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
            "refresh your credentials.",
        )

    def allowed(self, action: str, scope: str, body: JsonObject | None = None) -> bool:
        """Whether a role held at a scope or above allows an action, its condition considered."""
        if not self.limited:
            return True
        for assignment in self._assignments(scope):
            condition = as_text(member(assignment.desired, "properties", "condition"))
            permissions = permissions_of(self.resources, _role(assignment)) or []
            allowing = any(allows(entry, action) for entry in permissions)
            # A condition that is not understood counts as not fulfilled: the emulator never allows what Azure would refuse.
            if allowing and (not condition or fulfilled(condition, action, _attributes(body)) is True):
                return True
        return False

    def check_write(self, resource: Resource) -> None:
        """Refuse a write of a resource, or of one that refers to resources without permission on these (ArmError 403)."""
        if not self.checked:
            return
        action = action_of(resource.type, "write")
        self.check(action, resource.id, resource.desired)
        for other in linked(resource.type, resource.id, resource.desired):
            if self.resources.get(other.id) is not None and not self.allowed(other.action, other.id):
                raise ArmError(
                    403,
                    "LinkedAuthorizationFailed",
                    f"The client '{self.client_id}' with object id '{self.object_id}' has permission to perform action "
                    f"'{action}' on scope '{resource.id}'; however, it does not have permission to perform action(s) "
                    f"'{other.action}' on the linked scope(s) '{other.id}' or the linked scope(s) are invalid.",
                )

    def principals(self) -> set[str]:
        """Object IDs of the caller and of its groups, in lower case."""
        caller = self.survey.caller
        known = {caller.object_id, *caller.principal_ids} if caller else set()
        return {item.lower() for item in (*known, self.object_id)}

    def _assignments(self, scope: str) -> Iterator[Resource]:
        principals, key = self.principals(), scope.lower()
        for item in self.resources.of_type(ASSIGNMENT_TYPE):
            holder = as_text(member(item.desired, "properties", "principalId")).lower()
            if holder in principals and contains(item.key[: item.key.rindex(_MARK)], key):
                yield item

    def _denial(self, action: str, scope: str, body: JsonObject | None) -> DenyAssignment | None:
        """A deny assignment in the way; one that is not understood denies what is no read: Azure may refuse."""
        principals, reads = self.principals(), action.lower().endswith("/read")
        for item in self.resources.of_type(DENY_TYPE):
            one = DenyAssignment(item.id, as_object(item.desired.get("properties")))
            verdict = one.denies(action, scope, _attributes(body)) if one.concerns(principals) else False
            if verdict or (verdict is None and not reads):
                return one
        return None


def action_of(resource_type: str, verb: str) -> str:
    """The action name used in roles, where resource groups have another type name."""
    group = resource_type.lower() == GROUP_TYPE.lower()
    return f"{'Microsoft.Resources/subscriptions/resourceGroups' if group else resource_type}/{verb}"


def _role(assignment: Resource) -> str:
    return as_text(member(assignment.desired, "properties", "roleDefinitionId")).rsplit("/", 1)[-1]


def _attributes(body: JsonObject | None) -> dict[str, str]:
    """The attributes of a role assignment that a condition can use."""
    properties = as_object((body or {}).get("properties"))
    return {
        "roledefinitionid": as_text(properties.get("roleDefinitionId")).rsplit("/", 1)[-1],
        "principalid": as_text(properties.get("principalId")),
        "principaltype": as_text(properties.get("principalType")),
    }
