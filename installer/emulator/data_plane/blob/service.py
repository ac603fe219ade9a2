"""Finds the operation of a request to a storage account, and writes its errors as the Blob service does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from installer.emulator.data_plane.blob import blocks, callers, containers, copying, reading, soft_delete, writing
from installer.emulator.data_plane.blob.errors import left_out, refusal
from installer.emulator.data_plane.blob.place import BlobPlace
from installer.emulator.data_plane.blob.xml_text import element, xml
from installer.json_access import as_text, member

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from installer.emulator.data_plane.requests import DataRequest, ServiceError
    from installer.emulator.state.resources import Resource

_VERSION = "2025-11-05"
_LEFT_OUT = {
    "lease": "leases of blobs",
    "snapshot": "snapshots",
    "tags": "blob index tags",
    "tier": "access tiers",
    "batch": "batches",
    "query": "queries of blobs",
    "page": "page blobs",
    "expiry": "expiry of blobs",
    "userdelegationkey": "user delegation keys",
    "acl": "access policies of containers",
}
_Operation = tuple[str, str]
_BLOB: dict[_Operation, Callable[[BlobPlace], Awaitable[Response]]] = {
    ("GET", ""): reading.get,
    ("HEAD", ""): reading.get,
    ("GET", "metadata"): reading.metadata,
    ("HEAD", "metadata"): reading.metadata,
    ("PUT", ""): writing.put,
    ("PUT", "metadata"): writing.set_metadata,
    ("PUT", "properties"): writing.set_properties,
    ("PUT", "appendblock"): writing.append,
    ("PUT", "block"): blocks.put,
    ("PUT", "blocklist"): blocks.commit,
    ("GET", "blocklist"): blocks.listed,
    ("PUT", "undelete"): soft_delete.undelete,
    ("DELETE", ""): writing.delete,
}


async def answer(request: DataRequest, account: Resource) -> Response:
    """The response of the Blob service of an account. Raises ServiceError."""
    claims = callers.claims_of(request, account)
    operation = request.query("comp").lower()
    if operation in _LEFT_OUT:
        raise left_out(_LEFT_OUT[operation])
    for name in ("snapshot", "versionid"):
        if request.query(name):
            raise left_out(_LEFT_OUT["snapshot"])
    container, _, name = request.path.removeprefix("/").partition("/")
    if request.query("restype") == "account" and operation == "properties":
        return Response(headers=_account_headers(account))
    if not container:
        if operation == "list" and request.method == "GET":
            return containers.all_of(request, claims, account)
        raise left_out("properties of the service")
    if request.query("restype") == "container":
        return await containers.answer(request, claims, account, container)
    return await _blob(BlobPlace(request, claims, account, containers.existing(request, account, container), name))


async def _blob(place: BlobPlace) -> Response:
    request = place.request
    operation = request.query("comp").lower()
    if not place.name:
        raise refusal("ResourceNotFound")
    if (request.method, operation) == ("PUT", "") and request.header("x-ms-copy-source"):
        return await copying.copy(place)
    handler = _BLOB.get((request.method, operation))
    if handler is None:
        raise refusal("InvalidQueryParameterValue" if operation else "UnsupportedHttpVerb")
    return await handler(place)


def refused(request: DataRequest, problem: ServiceError) -> Response:
    """An error: learn.microsoft.com/rest/api/storageservices/status-and-error-codes2."""
    headers = {"x-ms-error-code": problem.code, **problem.headers}
    if request.method == "HEAD" or problem.status == 304:
        return Response(status_code=problem.status, headers=headers)
    message = f"{problem.message}\nRequestId:{request.request_id}"
    more = element("AuthenticationErrorDetail", problem.detail) if problem.detail else ""
    text = f"<Error>{element('Code', problem.code)}{element('Message', message)}{more}</Error>"
    return xml(text, problem.status, headers)


def common_headers(request: DataRequest) -> dict[str, str]:
    """Headers of every response."""
    found = {
        "x-ms-request-id": request.request_id,
        "x-ms-version": request.header("x-ms-version") or _VERSION,
        "server": "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0",
    }
    if client := request.header("x-ms-client-request-id"):
        found["x-ms-client-request-id"] = client
    return found


def _account_headers(account: Resource) -> dict[str, str]:
    hierarchical = member(account.desired, "properties", "isHnsEnabled") is True
    return {
        "x-ms-sku-name": as_text(member(account.desired, "sku", "name")),
        "x-ms-account-kind": as_text(member(account.desired, "kind")),
        "x-ms-is-hns-enabled": str(hierarchical).lower(),
    }
