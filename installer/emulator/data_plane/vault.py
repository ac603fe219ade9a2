"""The endpoint of key vaults for secrets: read, list, write and change, with the challenge that clients expect.

Sources: learn.microsoft.com/rest/api/keyvault/secrets (operations), learn.microsoft.com/azure/key-vault/general, authentication
(challenge), rest-error-codes (codes) and rbac-guide (data actions). Keys, certificates, deletion and access policies are left
out, and refused by name.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.emulator.data_plane.json_service import json_answer, json_body
from installer.emulator.data_plane.requests import ServiceError, has_endpoint, is_for
from installer.emulator.providers.key_vault import SECRET_TYPE, vault_key
from installer.emulator.state.resources import Resource
from installer.emulator.state.secret_values import SecretVersion
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.data_plane.requests import DataRequest
    from installer.jsontypes import Json

_ACTIONS: Final = "Microsoft.KeyVault/vaults/secrets"
_READ, _LIST, _SET = f"{_ACTIONS}/getSecret/action", f"{_ACTIONS}/readMetadata/action", f"{_ACTIONS}/setSecret/action"
_UPDATE: Final = f"{_ACTIONS}/update/action"
_PATH: Final = re.compile(r"/secrets(?:/(?P<name>[0-9a-zA-Z-]{1,127})(?:/(?P<rest>[0-9a-zA-Z]{1,40}))?)?/?")
_MAX_VALUE: Final = 25 * 1024
_PAGE: Final = 25


async def answer(request: DataRequest, vault: Resource) -> Response:
    """The response of a vault. Raises ServiceError."""
    claims = _claims(request)
    if not request.query("api-version"):
        raise ServiceError(400, "BadParameter", "api-version must be specified")
    if member(vault.desired, "properties", "enableRbacAuthorization") is not True:
        raise ServiceError(501, "NotImplemented", "The embedded Azure has no access policies of vaults.")
    _check_network(request, vault)
    found = _PATH.fullmatch(request.path)
    if found is None:
        raise ServiceError(
            501, "NotImplemented", f"The embedded Azure has no {request.method} {request.path} in vaults."
        )
    name, rest = found["name"] or "", found["rest"] or ""
    where = f"{vault.id}/secrets/{name}" if name else vault.id
    match (request.method, bool(name), rest):
        case ("GET", False, _):
            _require(request, claims, _LIST, vault.id)
            return json_answer(200, _listed(request, vault))
        case ("GET", True, "versions"):
            _require(request, claims, _LIST, where)
            return json_answer(200, _versions(request, vault, name))
        case ("GET", True, _):
            _require(request, claims, _READ, where)
            return json_answer(200, _shown(request, name, _version(request, vault, name, rest), value=True))
        case ("PUT", True, ""):
            _require(request, claims, _SET, where)
            return json_answer(200, _set(request, vault, name, await json_body(request)))
        case ("PATCH", True, _):
            _require(request, claims, _UPDATE, where)
            return json_answer(200, _changed(request, vault, name, rest, await json_body(request)))
    raise ServiceError(501, "NotImplemented", f"The embedded Azure has no {request.method} for secrets.")


def _claims(request: DataRequest) -> JsonObject:
    """The claims of the caller; the challenge names the tenant and the audience."""
    audience = "https://" + request.host.partition(".")[2]
    claims = request.claims()
    if claims is None or not is_for(claims, (audience,)):
        text = "AKV10000: Request is missing a Bearer or PoP token."
        if request.bearer():
            text = "AKV10022: Invalid audience." if claims else "AKV10032: Invalid issuer or expired token."
        where = f"https://login.microsoftonline.com/{request.emulator.directory.tenant_id}"
        challenge = f'Bearer authorization="{where}", resource="{audience}"'
        raise ServiceError(401, "Unauthorized", text, headers={"WWW-Authenticate": challenge})
    return claims


def _require(request: DataRequest, claims: JsonObject, action: str, scope: str) -> None:
    if not request.holds(claims, action, scope):
        text = (
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
            "definitions were changed recently, please observe propagation time.\r\n"
            f"Caller: appid={as_text(claims.get('appid'))};oid={as_text(claims.get('oid'))}\r\nAction: '{action}'\r\n"
            f"Resource: '{scope.lower()}'\r\nAssignment: (not found)"
        )
        raise ServiceError(403, "Forbidden", text, detail="ForbiddenByRbac")


def _check_network(request: DataRequest, vault: Resource) -> None:
    properties = vault.desired.get("properties")
    closed = as_text(member(properties, "publicNetworkAccess")).lower() == "disabled"
    denied = as_text(member(properties, "networkAcls", "defaultAction"), "Allow").lower() == "deny"
    ruled = any(member(properties, "networkAcls", name) for name in ("ipRules", "virtualNetworkRules"))
    if (closed or (denied and not ruled)) and not has_endpoint(request.emulator, vault, "vault"):
        text = "Public network access is disabled and request is not from a trusted service nor via an approved private link."
        raise ServiceError(403, "Forbidden", text, detail="ForbiddenByConnection")


def _version(request: DataRequest, vault: Resource, name: str, version: str) -> SecretVersion:
    every = request.emulator.secret_values.versions(vault_key(vault), name)
    found = next((one for one in every if version in {"", one.version}), None)
    if found is None:
        what = f"{name}/{version}" if version else name
        text = (
            f"A secret with (name/id) {what} was not found in this key vault. If you recently deleted this secret you may "
            "be able to recover it using the correct recovery command. For help resolving this issue, please see "
            "https://go.microsoft.com/fwlink/?linkid=2125182"
        )
        raise ServiceError(404, "SecretNotFound", text)
    if not found.enabled and request.method == "GET":
        text = "Operation get is not allowed on a disabled secret."
        raise ServiceError(403, "Forbidden", text, detail="SecretDisabled")
    return found


def _shown(request: DataRequest, name: str, found: SecretVersion, *, value: bool) -> JsonObject:
    moment = int(found.created)
    attributes: JsonObject = {"enabled": True, **found.attributes, "created": moment, "updated": moment}
    shown: JsonObject = {
        "id": f"https://{request.host}/secrets/{name}" + (f"/{found.version}" if found.version else ""),
        "attributes": {**attributes, "recoveryLevel": "Recoverable", "recoverableDays": 90},
    }
    if value:
        shown["value"] = found.value
    if found.content_type:
        shown["contentType"] = found.content_type
    if found.tags:
        shown["tags"] = found.tags
    return shown


def _listed(request: DataRequest, vault: Resource) -> JsonObject:
    """The secrets of a vault by their latest versions, in one page."""
    values, key = request.emulator.secret_values, vault_key(vault)
    items: list[Json] = []
    for name in values.names(key):
        latest = next(iter(values.versions(key, name)), None)
        if latest is not None:
            items.append(_shown(request, name, replace(latest, version=""), value=False))
    return _paged(request, items)


def _versions(request: DataRequest, vault: Resource, name: str) -> JsonObject:
    every = request.emulator.secret_values.versions(vault_key(vault), name)
    items: list[Json] = [_shown(request, name, one, value=False) for one in every]
    return _paged(request, items)


def _paged(request: DataRequest, items: list[Json]) -> JsonObject:
    """A page: at most 25 items, as in Azure."""
    skip, size = (request.query(name) for name in ("$skiptoken", "maxresults"))
    start = int(skip) if skip.isdecimal() and len(skip) < 10 else 0
    count = min(int(size), _PAGE) if size.isdecimal() and len(size) < 10 and int(size) else _PAGE
    more = start + count < len(items)
    version = request.query("api-version")
    link = f"https://{request.host}{request.path}?api-version={version}&$skiptoken={start + count}&maxresults={count}"
    return {"value": items[start : start + count], "nextLink": link if more else None}


def _set(request: DataRequest, vault: Resource, name: str, body: JsonObject) -> JsonObject:
    value = body.get("value")
    if not isinstance(value, str):
        raise ServiceError(400, "BadParameter", "Property  value  is required.")
    if len(value.encode()) > _MAX_VALUE:
        raise ServiceError(400, "BadParameter", "Secret value is too large: it has to be at most 25k bytes.")
    now, where = request.emulator.clock.now(), f"{vault.id}/secrets/{name}"
    attributes, tags = as_object(body.get("attributes")), as_object(body.get("tags"))
    made = SecretVersion(secrets.token_hex(16), value, now, as_text(body.get("contentType")), attributes, tags)
    with request.emulator.database.transaction():
        request.emulator.secret_values.save(vault_key(vault), name, made)
        before = request.emulator.resources.get(where)
        created = before.created if before else now
        resource = Resource(where, SECRET_TYPE, name, vault.api_version, "Succeeded", created, now)
        resource.desired = {"properties": {"attributes": attributes}}
        request.emulator.resources.save(resource)
    return _shown(request, name, made, value=True)


def _changed(request: DataRequest, vault: Resource, name: str, version: str, body: JsonObject) -> JsonObject:
    before = _version(request, vault, name, version)
    after = replace(
        before,
        attributes={**before.attributes, **as_object(body.get("attributes"))},
        tags=as_object(body["tags"]) if isinstance(body.get("tags"), dict) else before.tags,
        content_type=as_text(body.get("contentType")) or before.content_type,
    )
    request.emulator.secret_values.save(vault_key(vault), name, after)
    return _shown(request, name, after, value=False)


def refused(_request: DataRequest, problem: ServiceError) -> Response:
    """An error of a vault."""
    error: JsonObject = {"code": problem.code, "message": problem.message}
    if problem.detail:
        error["innererror"] = {"code": problem.detail}
    return json_answer(problem.status, {"error": error}, problem.headers)


def common_headers(request: DataRequest) -> dict[str, str]:
    """Headers of every response."""
    found = {
        "x-ms-request-id": request.request_id,
        "x-ms-keyvault-service-version": "1.9.0",
        "cache-control": "no-cache",
    }
    if client := request.header("x-ms-client-request-id"):
        found["x-ms-client-request-id"] = client
    return found
