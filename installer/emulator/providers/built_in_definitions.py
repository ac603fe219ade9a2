"""Definitions that every tenant has: built-in roles, and the built-in policies of which the names are known here."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.providers.data_files import load
from installer.emulator.providers.roles import DEFINITION_TYPE, permissions_of
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, member
from installer.role_names import built_in_names

if TYPE_CHECKING:
    from installer.emulator.state.resources import Resources
    from installer.resource_id import ResourceId

_POLICY: Final = "Microsoft.Authorization/policyDefinitions"
_INITIATIVE: Final = "Microsoft.Authorization/policySetDefinitions"
_VERSION: Final = "2022-04-01"
_PERMISSIONS: Final = ("actions", "notActions", "dataActions", "notDataActions")


def built_in_definition(resources: Resources, parsed: ResourceId) -> Resource | None:
    """A built-in role at any scope, or a built-in policy of the tenant; None for any other resource."""
    name = parsed.names[-1]
    if parsed.type.lower() == DEFINITION_TYPE.lower():
        title = built_in_names().get(name.lower())
        return _definition(parsed, _role(resources, name, title)) if title else None
    if parsed.type.lower() == _POLICY.lower() and not parsed.scope:
        policy = _policies().get(name.lower())
        return _definition(parsed, _shown_policy(as_object(policy))) if policy else None
    return None


def not_known(resource_type: str, name: str) -> str:
    """Why a definition that Azure may have is not found here; "" for a resource of another type."""
    words = {
        DEFINITION_TYPE.lower(): f"{len(built_in_names())} of Azure's built-in roles",
        _POLICY.lower(): f"{len(_policies())} of Azure's built-in policies",
        _INITIATIVE.lower(): "none of Azure's built-in initiatives",
    }
    known = words.get(resource_type.lower())
    return f"The embedded Azure knows {known}: if {name} is another one, it is not emulated." if known else ""


def _definition(parsed: ResourceId, properties: JsonObject) -> Resource:
    return Resource(
        id=parsed.id,
        type=parsed.type,
        name=parsed.names[-1],
        api_version=_VERSION,
        state="Succeeded",
        created=0,
        changed=0,
        desired={"properties": properties},
    )


def _role(resources: Resources, name: str, title: str) -> JsonObject:
    known = permissions_of(resources, name) or [{}]
    permissions = [{key: one.get(key, []) for key in _PERMISSIONS} for one in known]
    return {"roleName": title, "type": "BuiltInRole", "assignableScopes": ["/"], "permissions": [*permissions]}


def _shown_policy(policy: JsonObject) -> JsonObject:
    return {
        "displayName": policy.get("displayName"),
        "policyType": "BuiltIn",
        "mode": policy.get("mode"),
        "metadata": {"category": policy.get("category"), "version": policy.get("version")},
        "version": policy.get("version"),
    }


@cache
def _policies() -> JsonObject:
    definitions = as_object(member(load("built_in_policies"), "definitions"))
    return {name.lower(): entry for name, entry in definitions.items()}
