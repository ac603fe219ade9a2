"""Microsoft Graph: the signed-in user, its directory roles, and policies of the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.authorization.directory_rights import GUEST, is_application
from installer.emulator.protocol.graph_lists import graph_page
from installer.emulator.protocol.graph_objects import bad
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Handler, Route

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.json_access import JsonObject
    from installer.jsontypes import Json


def _delegated(request: ArmRequest) -> None:
    """Refuse what only a user can ask."""
    if is_application(request.emulator.survey):
        raise bad("/me request is only valid with delegated authentication flow.")


async def _me(request: ArmRequest) -> Response:
    _delegated(request)
    claims = request.emulator.survey.directory.claims
    guest = claims.get(GUEST) == 1
    name = str(claims.get("name", "Rehearsal"))
    return answer(
        200,
        {
            "id": request.azure.identity.object_id,
            "displayName": name,
            "userType": "Guest" if guest else "Member",
        },
    )


async def _roles(request: ArmRequest) -> Response:
    _delegated(request)
    held: list[JsonObject] = [{"roleTemplateId": role} for role in request.emulator.survey.directory.roles]
    return graph_page(request, held, "directoryRoles")


async def _authorization_policy(request: ArmRequest) -> Response:
    rights: JsonObject = {"allowedToCreateApps": request.emulator.survey.directory.users_register}
    return answer(200, {"id": "authorizationPolicy", "defaultUserRolePermissions": rights})


async def _app_management_policy(request: ArmRequest) -> Response:
    restrictions: list[Json] = [dict(one) for one in request.emulator.survey.directory.secret_restrictions]
    return answer(
        200,
        {
            "id": "00000000-0000-0000-0000-000000000000",
            "isEnabled": bool(restrictions),
            "applicationRestrictions": {"passwordCredentials": restrictions, "keyCredentials": []},
        },
    )


async def _groups(request: ArmRequest) -> Response:
    """Groups of the caller; of other accounts none are known."""
    access = request.emulator.access
    own = request.parts["object"].lower() in access.principals()
    groups: list[Json] = [*(access.survey.caller.principal_ids if own and access.survey.caller else ())]
    return answer(200, {"value": groups})


async def _eligible_groups(request: ArmRequest) -> Response:
    """Memberships that the caller may activate in Privileged Identity Management."""
    survey = request.emulator.survey
    who = survey.caller.object_id if survey.caller else request.azure.identity.object_id
    found: list[JsonObject] = [
        {"groupId": group, "principalId": who, "accessId": "member", "memberType": "direct"}
        for group in survey.directory.eligible_groups
    ]
    return graph_page(request, found, "Collection(privilegedAccessGroupEligibilityScheduleInstance)")


_HANDLERS: dict[str, dict[str, Handler]] = {
    "/v1.0/me": {"GET": _me},
    "/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole": {"GET": _roles},
    "/v1.0/directoryObjects/{object}/getMemberObjects": {"POST": _groups},
    "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances/filterByCurrentUser(on='principal')": {
        "GET": _eligible_groups
    },
    "/v1.0/policies/authorizationPolicy": {"GET": _authorization_policy},
    "/v1.0/policies/defaultAppManagementPolicy": {"GET": _app_management_policy},
}
ROUTES = [Route(path, handlers, versioned=False) for path, handlers in _HANDLERS.items()]
