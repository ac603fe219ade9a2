"""Titles of resources whose names say nothing to people: role assignments are GUIDs, diagnostic settings all have one name.

The title of an extension resource has what it extends; that of a role assignment also its role and who gets it. Pure: the plan, the
review, the live page and the change record show these titles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.answers.draft import flatten
from installer.answers.questions import all_questions
from installer.estate.parameters.context import Installation
from installer.estate.parameters.principals import WORKLOADS, principals_of
from installer.estate.resource_type_names import type_name
from installer.json_access import as_text, member
from installer.resource_id import GUID, extended_id_of, name_of, parse_id
from installer.role_names import built_in_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.answers.model import Answers
    from installer.estate.parameters import Outputs
    from installer.jsontypes import Json

ASSIGNMENTS: Final = "microsoft.authorization/roleassignments"
_SETTINGS: Final = "microsoft.insights/diagnosticsettings"
_IDENTITIES: Final = "microsoft.managedidentity/userassignedidentities"
_REFERENCED: Final = re.compile(r"reference\('(/[^']+)'")
"""The resource whose principal an expression of a template names."""
MANAGED: Final = "managed identity"
_OWN: Final = "system-assigned identity"
_KINDS: Final = {"serviceprincipal": "service principal", "foreigngroup": "external group"}
"""Kinds of principals whose words in Entra are not those of the property principalType; others in lower case are."""
_SHORT: Final = 8


def labelled(title: str, name: str, kind: str) -> str:
    """A resource with its type, which some titles have already.

    Args:
        title: Its title, "" if its name is one.
        name: Its name.
        kind: Its type.

    """
    if title and kind.lower() in (ASSIGNMENTS, _SETTINGS):
        return title
    return f"{title or name} ({type_name(kind)})"


@dataclass(frozen=True)
class Assignment:
    """A role assignment in words: the role ("" if unknown), who gets it, and on which resource."""

    role: str
    who: str
    where: str


@dataclass(frozen=True)
class Principals:
    """Names of principals by object ID in lower case."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, answers: Answers, outputs: Outputs) -> Principals:
        """Identities of the outputs of the stage foundation, and principals that the answers name."""
        it, found = Installation(answers), dict[str, str]()
        for key, value in flatten(answers).items():
            if isinstance(value, str) and GUID.match(value):
                found[value.lower()] = all_questions()[key].ask.label
        for environment in it.environments:
            try:
                principals = principals_of(outputs, environment)
            except KeyError:
                continue  # foundation has not been deployed for it yet
            for workload in WORKLOADS:
                if workload in principals:
                    name = it.names.identity(environment, workload)
                    found[principals[workload].object_id.lower()] = f"{name} ({MANAGED})"
        return cls(found)

    def with_owners(self, bodies: Mapping[str, Json]) -> Principals:
        """The same with the system-assigned identities of existing resources, by their ID."""
        owners = {
            as_text(member(body, "identity", "principalId")).lower(): f"{name_of(resource)} ({_OWN})"
            for resource, body in bodies.items()
        }
        return Principals({**{key: name for key, name in owners.items() if key}, **self.names})

    def title(self, resource_id: str, kind: str, body: Json) -> str:
        """The title of a resource, "" if its name is one.

        Args:
            resource_id: ID of the resource.
            kind: Its type.
            body: Its definition or its state, None if unknown.

        """
        scope = extended_id_of(resource_id) if resource_id.lower().count("/providers/") > 1 else ""
        if kind.lower() == ASSIGNMENTS:
            return self._assignment(resource_id, body)
        if GUID.match(name_of(resource_id)):
            return self._unnamed(resource_id, body)
        if not scope:
            return ""
        if kind.lower() == _SETTINGS:
            return f"diagnostic settings of {_place(scope)}"
        return f"{name_of(resource_id)} on {_place(scope)}"

    def assignment(self, resource_id: str, body: Json) -> Assignment:
        """The parts of a role assignment.

        Args:
            resource_id: ID of the assignment.
            body: Its definition.

        """
        properties = member(body, "properties")
        role = name_of(as_text(member(properties, "roleDefinitionId"))).lower()
        who = self._who(as_text(member(properties, "principalId")), as_text(member(properties, "principalType")))
        name = built_in_names().get(role, f"custom role {role[:_SHORT]}…") if role else ""
        return Assignment(name, who, _place(extended_id_of(resource_id)))

    def _assignment(self, resource_id: str, body: Json) -> str:
        found = self.assignment(resource_id, body)
        return f"{found.role} for {found.who} on {found.where}" if found.role else f"role assignment on {found.where}"

    def _unnamed(self, resource_id: str, body: Json) -> str:
        """A resource whose name is a GUID: of a principal, such as an administrator, or a random one beside a display name."""
        texts = [as_text(member(body, "properties", name)) for name in ("displayName", "principalName")]
        known = self.names.get(name_of(resource_id).lower(), "") or next(filter(None, texts), "")
        parsed = parse_id(resource_id)
        parent = parsed.parent if parsed is not None else None
        return f"{known} on {parent.name}" if known and parent is not None else known

    def _who(self, principal: str, kind: str) -> str:
        """Name and kind of a principal; of an unknown one the kind and the beginning of its ID."""
        if known := self.names.get(principal.lower()):
            return known
        if found := _REFERENCED.search(principal):
            parsed = parse_id(found[1])
            managed = parsed is not None and parsed.type.lower() == _IDENTITIES
            return f"{name_of(found[1])} ({MANAGED if managed else _OWN})"
        words = _KINDS.get(kind.lower(), kind.lower()) or "principal"
        return f"{words} {principal[:_SHORT]}…" if GUID.match(principal) else f"a {words}"


def _place(scope: str) -> str:
    """Name of a scope: of a child resource with that of its parent."""
    parsed = parse_id(scope)
    if parsed is not None:
        return "/".join(parsed.names)
    return f"subscription {name_of(scope)}"
