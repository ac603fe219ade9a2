"""Microsoft Graph: app registrations, by their id or another key, and their federated credentials."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.protocol.graph_lists import graph_page
from installer.emulator.protocol.graph_objects import (
    APPLICATIONS,
    CREDENTIALS,
    PRINCIPALS,
    applications,
    bad,
    found_object,
    missing,
    objects,
    principals,
    saved,
)
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Handler, Route
from installer.json_access import JsonObject, as_text, member

if TYPE_CHECKING:
    from starlette.responses import Response

_NAMED = re.compile(
    r"(?P<kind>applications|servicePrincipals)\((?P<key>uniqueName|appId)='(?P<value>[^']*)'\)", re.IGNORECASE
)
_MAX_CREDENTIALS = 20


def _application(request: ArmRequest, body: JsonObject) -> JsonObject:
    if not as_text(body.get("displayName")):
        raise bad("Property displayName is required and must not be empty.")
    own = str(uuid.uuid4())
    initial: JsonObject = {
        "appId": derived_guid(own, "appId"),
        "createdDateTime": instant(request.emulator.clock.now()),
        "signInAudience": "AzureADMyOrg",
        "identifierUris": [],
        "appRoles": [],
        "publisherDomain": request.emulator.directory.domain,
    }
    return saved(request, APPLICATIONS, "", {**initial, **body}, own)


async def _applications(request: ArmRequest) -> Response:
    return graph_page(request, objects(request, APPLICATIONS), "applications")


async def _add_application(request: ArmRequest) -> Response:
    return answer(201, _application(request, await request.body()))


async def _get_application(request: ArmRequest) -> Response:
    return answer(200, found_object(request, objects(request, APPLICATIONS)))


async def _change_application(request: ArmRequest) -> Response:
    existing = found_object(request, objects(request, APPLICATIONS))
    saved(request, APPLICATIONS, "", {**existing, **await request.body()}, as_text(existing["id"]))
    return answer(204)


async def _delete_application(request: ArmRequest) -> Response:
    """Deletes an application with its credentials and its service principal."""
    own = found_object(request, objects(request, APPLICATIONS))
    for principal in objects(request, PRINCIPALS):
        if principal.get("appId") == own["appId"]:
            request.emulator.resources.remove(f"/{PRINCIPALS}/{as_text(principal['id'])}")
    for credential in objects(request, CREDENTIALS, f"/{as_text(own['id'])}"):
        request.emulator.resources.remove(f"/{CREDENTIALS}/{as_text(own['id'])}/{as_text(credential['id'])}")
    request.emulator.resources.remove(f"/{APPLICATIONS}/{as_text(own['id'])}")
    return answer(204)


async def _by_key(request: ArmRequest) -> Response:
    """Addresses an object by an alternate key; with `Prefer: create-if-missing` an application is created."""
    named = _NAMED.fullmatch(request.parts["named"])
    if named is None:
        raise bad(f"The segment '{request.parts['named']}' is not understood.")
    of_applications = named["kind"].lower() == "applications"
    candidates = applications(request) if of_applications else principals(request)
    own = next(
        (item for item in candidates if as_text(member(item, named["key"])).lower() == named["value"].lower()), None
    )
    if request.http.method == "GET":
        if own is None:
            raise missing(named["value"])
        return answer(200, own)
    if not of_applications:
        raise bad("Only applications can be changed by another key than their id.")
    body = await request.body()
    if own is not None:
        saved(request, APPLICATIONS, "", {**own, **body}, as_text(own["id"]))
        return answer(204)
    if "create-if-missing" not in request.http.headers.get("prefer", "").lower():
        raise missing(named["value"])
    return answer(201, _application(request, {**body, "uniqueName": named["value"]}))


async def _credentials(request: ArmRequest) -> Response:
    own = as_text(found_object(request, objects(request, APPLICATIONS))["id"])
    return graph_page(request, objects(request, CREDENTIALS, f"/{own}"), "federatedIdentityCredentials")


async def _add_credential(request: ArmRequest) -> Response:
    own, body = as_text(found_object(request, objects(request, APPLICATIONS))["id"]), await request.body()
    existing = objects(request, CREDENTIALS, f"/{own}")
    for name in ("name", "issuer", "subject", "audiences"):
        if not body.get(name):
            raise bad(f"The property '{name}' of a federated identity credential is required.")
    if any(item["name"] == body["name"] for item in existing):
        text = f"FederatedIdentityCredential with name {as_text(body['name'])} already exists."
        raise ArmError(409, "Request_MultipleObjectsWithSameKeyValue", text)
    if any((item["issuer"], item["subject"]) == (body["issuer"], body["subject"]) for item in existing):
        text = "FederatedIdentityCredential with the same issuer and subject already exists."
        raise ArmError(409, "Request_MultipleObjectsWithSameKeyValue", text)
    if len(existing) >= _MAX_CREDENTIALS:
        raise bad(f"No more than {_MAX_CREDENTIALS} federated identity credentials are allowed for an application.")
    return answer(201, saved(request, CREDENTIALS, f"/{own}", body))


def _credential(request: ArmRequest) -> tuple[str, JsonObject]:
    own = as_text(found_object(request, objects(request, APPLICATIONS))["id"])
    requested = request.parts["credential"].lower()
    for item in objects(request, CREDENTIALS, f"/{own}"):
        if requested in {as_text(item["id"]).lower(), as_text(item["name"]).lower()}:
            return own, item
    raise missing(requested)


async def _get_credential(request: ArmRequest) -> Response:
    return answer(200, _credential(request)[1])


async def _change_credential(request: ArmRequest) -> Response:
    own, existing = _credential(request)
    saved(request, CREDENTIALS, f"/{own}", {**existing, **await request.body()}, as_text(existing["id"]))
    return answer(204)


async def _delete_credential(request: ArmRequest) -> Response:
    own, existing = _credential(request)
    request.emulator.resources.remove(f"/{CREDENTIALS}/{own}/{as_text(existing['id'])}")
    return answer(204)


_APPLICATION = "/v1.0/applications/{id}"
_FEDERATED = f"{_APPLICATION}/federatedIdentityCredentials"
_HANDLERS: dict[str, dict[str, Handler]] = {
    "/v1.0/applications": {"GET": _applications, "POST": _add_application},
    _FEDERATED: {"GET": _credentials, "POST": _add_credential},
    f"{_FEDERATED}/{{credential}}": {
        "GET": _get_credential,
        "PATCH": _change_credential,
        "DELETE": _delete_credential,
    },
    _APPLICATION: {"GET": _get_application, "PATCH": _change_application, "DELETE": _delete_application},
}
NAMED = Route("/v1.0/{named}", {"GET": _by_key, "PATCH": _by_key}, versioned=False)
ROUTES = [Route(path, handlers, versioned=False) for path, handlers in _HANDLERS.items()]
