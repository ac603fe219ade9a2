"""Role definitions, lists of role assignments, permissions and locks."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from installer.emulator.authorization.access import DENY_TYPE
from installer.emulator.errors import ArmError
from installer.emulator.faults.conditions import missing_rights
from installer.emulator.governance.locks import LOCK_TYPE
from installer.emulator.governance.policy.restrictions import restrictions_of
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Handler, Route
from installer.emulator.providers.data_files import load
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.policy.book import POLICY_TYPES, VERSIONS
from installer.resource_id import canonical_scope, contains, extended_id_of, segments, subscription_of
from installer.role_names import built_in_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response

    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

_ASSIGNMENT_TYPE = "Microsoft.Authorization/roleAssignments"
_DEFINITION_TYPE = "Microsoft.Authorization/roleDefinitions"
ELIGIBLE_TYPE = "Microsoft.Authorization/roleEligibilityScheduleInstances"
"""Roles of Privileged Identity Management that can be activated."""
CLASSIC_TYPE = "Microsoft.Authorization/classicAdministrators"
_TERM = re.compile(r"(\w+)\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
_ASSIGNED_TO = re.compile(r"assignedTo\('([^']*)'\)", re.IGNORECASE)


def _scope(request: ArmRequest) -> str:
    """The scope in the path ('' is the tenant); ArmError for an unknown subscription."""
    scope = canonical_scope(segments(request.parts.get("scope") or ""))
    subscription = subscription_of(scope)
    if subscription and request.emulator.directory.subscription(subscription) is None:
        raise ArmError(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")
    return scope


def _scope_of(resource: Resource) -> str:
    """The scope that an extension resource belongs to, in lower case."""
    return extended_id_of(resource.key)


def _applicable(request: ArmRequest, found: Iterable[Resource]) -> list[Resource]:
    """Resources at a scope and above it, and below it unless the filter contains `atScope()`."""
    scope, at_scope = _scope(request).lower(), "atscope()" in request.query.get("$filter", "").lower()
    selected = []
    for item in found:
        own = _scope_of(item)
        if contains(own, scope) or (not at_scope and own.startswith(f"{scope}/")):
            selected.append(item)
    return selected


async def _assignments(request: ArmRequest) -> Response:
    requested = request.query.get("$filter", "")
    terms = {name.lower(): value.lower() for name, value in _TERM.findall(requested)}
    principals = {terms["principalid"]} if "principalid" in terms else set()
    if assigned_to := [one.lower() for one in _ASSIGNED_TO.findall(requested)]:
        access = request.emulator.access
        # Assignments of its groups belong to those of a principal; of others than the caller no groups are known.
        principals = access.principals() if assigned_to[0] == access.object_id.lower() else set(assigned_to)
    found = _applicable(request, request.emulator.resources.of_type(_ASSIGNMENT_TYPE))
    shown = [request.emulator.view(item) for item in found]
    return page(request, [item for item in shown if not principals or _principal(item) in principals])


def _principal(assignment: JsonObject) -> str:
    return as_text(member(assignment, "properties", "principalId")).lower()


async def _locks(request: ArmRequest) -> Response:
    return page(
        request,
        [request.emulator.view(item) for item in _applicable(request, request.emulator.resources.of_type(LOCK_TYPE))],
    )


@cache
def _built_in() -> tuple[JsonObject, ...]:
    return tuple(as_object(item) for item in as_list(member(load("role_definitions"), "roles")))


def _definition(prefix: str, role: JsonObject) -> JsonObject:
    permission: JsonObject = {
        name: role.get(name, []) for name in ("actions", "notActions", "dataActions", "notDataActions")
    }
    properties: JsonObject = {
        "roleName": built_in_names()[as_text(role["id"]).lower()],
        "type": "BuiltInRole",
        "description": "",
        "assignableScopes": ["/"],
        "permissions": [permission],
        **{name: role.get(name) for name in ("createdOn", "updatedOn", "createdBy", "updatedBy")},
    }
    return {
        "id": f"{prefix}/providers/{_DEFINITION_TYPE}/{as_text(role['id'])}",
        "name": role["id"],
        "type": _DEFINITION_TYPE,
        "properties": properties,
    }


def _definitions(request: ArmRequest) -> list[JsonObject]:
    """The built-in roles under the scope's subscription, and the custom roles."""
    subscription = subscription_of(_scope(request))
    prefix = f"/subscriptions/{subscription}" if subscription else ""
    own = [request.emulator.view(item) for item in request.emulator.resources.of_type(_DEFINITION_TYPE)]
    return [*(_definition(prefix, role) for role in _built_in()), *own]


async def _list_definitions(request: ArmRequest) -> Response:
    terms = {name.lower(): value.lower() for name, value in _TERM.findall(request.query.get("$filter", ""))}
    found: list[Json] = []
    for item in _definitions(request):
        fields = {
            "rolename": as_text(member(item, "properties", "roleName")).lower(),
            "type": as_text(member(item, "properties", "type")).lower(),
        }
        if all(value == fields[name] for name, value in terms.items() if name in fields):
            found.append(item)
    return page(request, found)


async def _definition_by_id(request: ArmRequest) -> Response:
    requested = request.parts["role"].lower()
    for item in _definitions(request):
        if as_text(item["name"]).lower() == requested:
            return answer(200, item)
    raise ArmError(
        404,
        "RoleDefinitionDoesNotExist",
        f"The specified role definition with ID '{requested.replace('-', '')}' does not exist.",
    )


async def _permissions(request: ArmRequest) -> Response:
    """Permissions of the caller at a scope."""
    held = request.emulator.access.permissions(_scope(request))
    if missing := missing_rights(request.emulator.faults.injected):
        held = [{**one, "notActions": [*as_list(one["notActions"]), *missing]} for one in held]
    return page(request, held)


async def _denials(request: ArmRequest) -> Response:
    return page(
        request,
        [request.emulator.view(item) for item in _applicable(request, request.emulator.resources.of_type(DENY_TYPE))],
    )


def _policies(kind: str) -> Handler:
    """Lists policy objects of a type that apply to a scope.

    Those of the scope, of management groups above it, built-in ones, and those of what it contains. Source: REST API Microsoft.Authorization, PolicyAssignments_List and its kin ("the unfiltered list includes
    ... those that apply directly or from management groups that contain the given subscription").
    """

    async def listed(request: ArmRequest) -> Response:
        found = _applicable(request, request.emulator.resources.of_type(kind))
        return page(request, [request.emulator.view(item) for item in found])

    return listed


async def _versions(request: ArmRequest) -> Response:
    """Versions of a policy definition."""
    emulator = request.emulator
    name = request.parts["name"].lower()
    found = [item for item in emulator.resources.of_type(VERSIONS) if item.key.split("/")[-3] == name]
    return page(request, [emulator.view(item) for item in found])


async def _restrictions(request: ArmRequest) -> Response:
    """Evaluates policies for a resource without creating it."""
    return answer(200, restrictions_of(request.emulator.policies, _scope(request), await request.body()))


_HERE = "/providers/Microsoft.Authorization"


async def _eligible(request: ArmRequest) -> Response:
    """Roles that principals may activate; with `asTarget()`, those of the caller."""
    found = _applicable(request, request.emulator.resources.of_type(ELIGIBLE_TYPE))
    if "astarget()" in request.query.get("$filter", "").lower():
        own = request.emulator.access.principals()
        found = [item for item in found if _principal(request.emulator.view(item)) in own]
    return page(request, [request.emulator.view(item) for item in found])


async def _classic(request: ArmRequest) -> Response:
    """Classic administrators, whose rights ended on 31 August 2024: they are listed and may do nothing."""
    found = _applicable(request, request.emulator.resources.of_type(CLASSIC_TYPE))
    return page(request, [request.emulator.view(item) for item in found])


ROUTES = [
    Route(f"{{scope:path}}{_HERE}/permissions", {"GET": _permissions}),
    *(
        route
        for scope in ("{scope:path}", "")
        for route in (
            Route(f"{scope}{_HERE}/roleAssignments", {"GET": _assignments}),
            Route(f"{scope}{_HERE}/locks", {"GET": _locks}),
            Route(f"{scope}{_HERE}/roleDefinitions", {"GET": _list_definitions}),
            Route(f"{scope}{_HERE}/roleDefinitions/{{role}}", {"GET": _definition_by_id}),
            Route(f"{scope}{_HERE}/denyAssignments", {"GET": _denials}),
            Route(f"{scope}{_HERE}/roleEligibilityScheduleInstances", {"GET": _eligible}),
            *(Route(f"{scope}/providers/{kind}", {"GET": _policies(kind)}) for kind in POLICY_TYPES),
            Route(f"{scope}{_HERE}/policyDefinitions/{{name}}/versions", {"GET": _versions}),
            Route(f"{scope}{_HERE}/classicAdministrators", {"GET": _classic}),
            Route(f"{scope}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions", {"POST": _restrictions}),
        )
    ),
]
