"""Microsoft Graph, the part that the installer uses: principals and their grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.protocol import graph_applications, graph_tenant
from installer.emulator.protocol.graph_lists import graph_page
from installer.emulator.protocol.graph_objects import (
    APPLICATIONS,
    PRINCIPALS,
    bad,
    found_object,
    objects,
    principal,
    principals,
    saved,
)
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Handler, Route
from installer.json_access import JsonObject, as_list, as_text
from installer.resource_id import name_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.jsontypes import Json

_GRANTS = {"appRoleAssignedTo": "graph/appRoleAssignedTo", "oauth2PermissionGrants": "graph/oauth2PermissionGrants"}


async def _list_principals(request: ArmRequest) -> Response:
    return graph_page(request, principals(request), "servicePrincipals")


async def _get_principal(request: ArmRequest) -> Response:
    return answer(200, found_object(request, principals(request)))


async def _add_principal(request: ArmRequest) -> Response:
    body = await request.body()
    app_id = as_text(body.get("appId"))
    application = next((item for item in objects(request, APPLICATIONS) if item["appId"] == app_id), None)
    if application is None:
        raise bad(f"The appId '{app_id}' of the service principal does not reference a valid application object.")
    if any(item["appId"] == app_id for item in objects(request, PRINCIPALS)):
        text = f"The service principal cannot be created because the service principal name {app_id} is already in use."
        raise ArmError(409, "Request_MultipleObjectsWithSameKeyValue", text)
    own = derived_guid(app_id, "servicePrincipal")
    shown = {**principal(own, app_id, as_text(application["displayName"]), "Application"), **body}
    return answer(201, saved(request, PRINCIPALS, "", shown, own))


async def _change_principal(request: ArmRequest) -> Response:
    existing = found_object(request, objects(request, PRINCIPALS))
    saved(request, PRINCIPALS, "", {**existing, **await request.body()}, as_text(existing["id"]))
    return answer(204)


def _grants(name: str, parent: str = "") -> Route:
    """Route of a list of grants, which refuses duplicates."""
    kind = _GRANTS[name]

    async def listed(request: ArmRequest) -> Response:
        own = f"/{as_text(found_object(request, principals(request))['id'])}" if parent else ""
        return graph_page(request, objects(request, kind, own), name)

    async def added(request: ArmRequest) -> Response:
        own = f"/{as_text(found_object(request, principals(request))['id'])}" if parent else ""
        body = await request.body()
        if any(all(item.get(key) == value for key, value in body.items()) for item in objects(request, kind, own)):
            raise bad("Permission being assigned already exists on the object.")
        return answer(201, saved(request, kind, own, body))

    path = f"/v1.0{parent}/{name}"
    return Route(path, {"GET": listed, "POST": added}, versioned=False)


async def _by_ids(request: ArmRequest) -> Response:
    wanted = {as_text(item).lower() for item in as_list((await request.body()).get("ids"))}
    found: list[Json] = [item for item in principals(request) if as_text(item["id"]).lower() in wanted]
    return answer(200, {"value": found})


async def _empty_list(request: ArmRequest) -> Response:
    return graph_page(request, [], name_of(request.path))


async def _organization(request: ArmRequest) -> Response:
    directory = request.emulator.directory
    own: JsonObject = {
        "id": directory.tenant_id,
        "displayName": directory.tenant_name,
        "verifiedDomains": [{"name": directory.domain, "isDefault": True, "isInitial": True}],
    }
    return graph_page(request, [own], "organization")


_HANDLERS: dict[str, dict[str, Handler]] = {
    "/v1.0/servicePrincipals": {"GET": _list_principals, "POST": _add_principal},
    "/v1.0/servicePrincipals/{id}": {"GET": _get_principal, "PATCH": _change_principal},
    "/v1.0/directoryObjects/getByIds": {"POST": _by_ids},
    "/v1.0/users": {"GET": _empty_list},
    "/v1.0/groups": {"GET": _empty_list},
    "/v1.0/organization": {"GET": _organization},
}
ROUTES = [
    *graph_applications.ROUTES,
    *graph_tenant.ROUTES,
    *(Route(path, handlers, versioned=False) for path, handlers in _HANDLERS.items()),
    _grants("appRoleAssignedTo", "/servicePrincipals/{id}"),
    _grants("oauth2PermissionGrants"),
    graph_applications.NAMED,
]
