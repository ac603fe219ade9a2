"""The little of Microsoft Graph that tells who a principal is: the caller, and the managed identities that exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.rehearsal.errors import ArmError
from installer.rehearsal.protocol.calls import Call, answer
from installer.rehearsal.protocol.routes import Route
from installer.rehearsal.shapes import JsonObject, as_list, as_text, member

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.rehearsal.evaluation import Json

_QUOTED = re.compile(r"'([^']*)'")
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"


def _principal(object_id: str, app_id: str, name: str, kind: str) -> JsonObject:
    return {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "id": object_id,
        "appId": app_id,
        "displayName": name,
        "servicePrincipalNames": [app_id],
        "servicePrincipalType": kind,
    }


def _principals(call: Call) -> list[JsonObject]:
    identity = call.azure.identity
    found = [_principal(identity.object_id, identity.client_id, "Rehearsal", "Application")]
    for resource in call.world.resources.of_type(_IDENTITIES):
        view = call.world.view(resource)
        object_id, app_id = (as_text(member(view, "properties", name)) for name in ("principalId", "clientId"))
        if object_id:
            found.append(_principal(object_id, app_id, resource.name, "ManagedIdentity"))
    return found


async def _list(call: Call) -> Response:
    wanted = {text.lower() for text in _QUOTED.findall(call.query.get("$filter", ""))}
    found: list[Json] = [
        item
        for item in _principals(call)
        if not wanted or wanted & {as_text(item[name]).lower() for name in ("id", "appId", "displayName")}
    ]
    return answer(200, {"value": found})


async def _get(call: Call) -> Response:
    wanted = call.parts["id"].lower()
    for item in _principals(call):
        if as_text(item["id"]).lower() == wanted:
            return answer(200, item)
    raise ArmError(404, "Request_ResourceNotFound", f"Resource '{wanted}' does not exist.")


async def _by_ids(call: Call) -> Response:
    wanted = {as_text(item).lower() for item in as_list((await call.body()).get("ids"))}
    found: list[Json] = [item for item in _principals(call) if as_text(item["id"]).lower() in wanted]
    return answer(200, {"value": found})


async def _none(_call: Call) -> Response:
    return answer(200, {"value": []})


ROUTES = [
    Route("/v1.0/servicePrincipals", {"GET": _list}, versioned=False),
    Route("/v1.0/servicePrincipals/{id}", {"GET": _get}, versioned=False),
    Route("/v1.0/directoryObjects/getByIds", {"POST": _by_ids}, versioned=False),
    Route("/v1.0/users", {"GET": _none}, versioned=False),
    Route("/v1.0/groups", {"GET": _none}, versioned=False),
]
