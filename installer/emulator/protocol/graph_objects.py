"""Storage of Microsoft Graph objects: resources under `/graph/…`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from installer.emulator.authorization.directory_rights import is_application
from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_text, member

if TYPE_CHECKING:
    from installer.emulator.protocol.request import ArmRequest

APPLICATIONS, PRINCIPALS, CREDENTIALS = "graph/applications", "graph/servicePrincipals", "graph/credentials"
_SECRET_SECONDS = 2 * 365 * 86_400
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"


def saved(request: ArmRequest, kind: str, parent: str, body: JsonObject, object_id: str = "") -> JsonObject:
    """Stores an object; returns it as Graph shows it."""
    moment, own = request.emulator.clock.now(), object_id or str(uuid.uuid4())
    shown: JsonObject = {"id": own, **{name: value for name, value in body.items() if not name.startswith("@")}}
    before = request.emulator.resources.get(f"/{kind}{parent}/{own}")
    created = before.created if before else moment
    stored = Resource(f"/{kind}{parent}/{own}", kind, own, "v1.0", "Succeeded", created, moment, desired=shown)
    request.emulator.resources.save(stored)
    return shown


def objects(request: ArmRequest, kind: str, parent: str = "") -> list[JsonObject]:
    """The objects of a kind, or those of a parent object."""
    prefix = f"/{kind}{parent}/".lower()
    return [item.desired for item in request.emulator.resources.of_type(kind) if item.key.startswith(prefix)]


def principal(object_id: str, app_id: str, name: str, kind: str) -> JsonObject:
    """A service principal as Graph shows it."""
    return {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "id": object_id,
        "appId": app_id,
        "displayName": name,
        "servicePrincipalNames": [app_id],
        "servicePrincipalType": kind,
    }


def principals(request: ArmRequest) -> list[JsonObject]:
    """The caller, the managed identities that exist, and those of applications."""
    identity = request.azure.identity
    found = [principal(identity.object_id, identity.client_id, "Rehearsal", "Application")]
    for resource in request.emulator.resources.of_type(_IDENTITIES):
        view = request.emulator.view(resource)
        object_id, app_id = (as_text(member(view, "properties", name)) for name in ("principalId", "clientId"))
        if object_id:
            found.append(principal(object_id, app_id, resource.name, "ManagedIdentity"))
    return [*found, *objects(request, PRINCIPALS)]


def applications(request: ArmRequest) -> list[JsonObject]:
    """The application of the caller with its secret, if it is one, and those that were registered.

    A new secret is valid for two years, the default of addPassword and the most that the portal offers: microsoft-graph-docs,
    api/application-addpassword.md; entra-docs, identity-platform/how-to-add-credentials.md.
    """
    survey, identity = request.emulator.survey, request.azure.identity
    if not is_application(survey):
        return objects(request, APPLICATIONS)
    ends = survey.directory.secret_ends or instant(request.emulator.clock.now() + _SECRET_SECONDS)
    own: JsonObject = {
        "id": derived_guid(identity.client_id, "application"),
        "appId": identity.client_id,
        "displayName": "Rehearsal",
        "passwordCredentials": [{"keyId": derived_guid(identity.client_id, "secret"), "endDateTime": ends}],
        "keyCredentials": [],
    }
    return [own, *objects(request, APPLICATIONS)]


def found_object(request: ArmRequest, candidates: list[JsonObject]) -> JsonObject:
    """The object whose id is in the path (ArmError 404)."""
    requested = request.parts["id"].lower()
    for item in candidates:
        if as_text(item["id"]).lower() == requested:
            return item
    raise missing(requested)


def missing(requested: str) -> ArmError:
    """Graph's error for a missing object."""
    text = f"Resource '{requested}' does not exist or one of its queried reference-property objects are not present."
    return ArmError(404, "Request_ResourceNotFound", text)


def bad(text: str) -> ArmError:
    """Graph's error for an invalid request."""
    return ArmError(400, "Request_BadRequest", text)
