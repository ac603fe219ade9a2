"""Actions on a resource that a write of another resource needs, because that refers to it (linked_actions.toml, with sources).

Ground module: the checks before an installation derive rights from it, and the embedded Azure refuses without these rights.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.resource_id import ids_in, parse_id
from installer.shipped_files import linked_actions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.jsontypes import Json

_ENDPOINTS: Final = "microsoft.network/privateendpoints"
_NETWORK: Final = "microsoft.network"
_APPROVAL: Final = "privateEndpointConnectionsApproval/action"
"""Action on the target of a private endpoint that is approved at once: azure-docs, private-link/rbac-permissions.md."""


@dataclass(frozen=True)
class Linked:
    """An action on a resource that another one refers to."""

    action: str
    id: str
    type: str


@dataclass(frozen=True)
class _Rule:
    action: str
    origins: frozenset[str]


@cache
def _rules() -> Mapping[str, tuple[_Rule, ...]]:
    found: dict[str, tuple[_Rule, ...]] = {}
    for entry in tomllib.loads(linked_actions())["link"]:
        to = entry["to"].lower()
        rule = _Rule(entry["action"], frozenset(kind.lower() for kind in entry.get("from", ())))
        found[to] = (*found.get(to, ()), rule)
    return found


def linked(resource_type: str, resource_id: str, body: Json) -> Iterator[Linked]:
    """Actions on the resources that a body refers to, as values or as keys of identities."""
    kind = resource_type.lower()
    for other in dict.fromkeys(ids_in(body)):
        parsed = parse_id(other)
        if parsed is None or other.lower() == resource_id.lower():
            continue
        for rule in _rules().get(parsed.type.lower(), ()):
            if not rule.origins or kind in rule.origins:
                yield Linked(rule.action, other, parsed.type)
        if kind == _ENDPOINTS and parsed.namespace.lower() != _NETWORK:
            yield Linked(f"{parsed.type}/{_APPROVAL}", other, parsed.type)
