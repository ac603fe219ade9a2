"""Blobs of a registry that their signed URL opens: source archives of builds, and logs of runs.

Use of the log: azure-cli, command_modules/acr/_stream_utils.py.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from installer.emulator.errors import ArmError
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.build_runs import RUN_TYPE, log_of, status_of

if TYPE_CHECKING:
    from installer.emulator.protocol.request import ArmRequest
    from installer.emulator.state.resources import Resource

_RANGE: Final = re.compile(r"bytes=([0-9]{1,30})-([0-9]{1,30})?")
_BLOBS: Final = "/rehearsal-blobs"
_MAX_UPLOAD: Final = 64_000_000
_FACT: Final = "blob signature"


def blob_url(request: ArmRequest, name: str) -> str:
    """Signed URL of a blob."""
    return f"{request.base}{_BLOBS}/{name}?sv=2023-11-03&sr=b&sig={_signature(request, name)}"


def _signature(request: ArmRequest, name: str) -> str:
    database = request.emulator.database
    secret = database.fact(_FACT)
    if secret is None:
        secret = secrets.token_hex(32)
        database.remember(_FACT, secret)
    return hmac.new(secret.encode(), name.encode(), "sha256").hexdigest()


def upload_fact(path: str) -> str:
    """Name of the fact with an uploaded archive; empty until it is uploaded."""
    return f"build source {path}"


async def _put_blob(request: ArmRequest) -> Response:
    name = _signed_name(request)
    if request.emulator.database.fact(upload_fact(name)) is None:
        raise ArmError(404, "BlobNotFound", "The specified blob does not exist.", cause="service")
    content = bytearray()
    async for chunk in request.http.stream():
        content += chunk
        if len(content) > _MAX_UPLOAD:
            raise ArmError(413, "RequestBodyTooLarge", "The request body is too large.", cause="service")
    request.emulator.database.remember(upload_fact(name), base64.b64encode(content).decode())
    return Response(status_code=201, headers={"ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'})


async def _get_blob(request: ArmRequest) -> Response:
    """A log, or a range of it; the metadatum `complete` means that nothing will be added."""
    now, run = request.emulator.clock.now(), _run_of_log(request)
    status, part = status_of(run, now)
    content = log_of(run, now)
    headers = {"x-ms-blob-type": "AppendBlob", "ETag": f'"{len(content)}"', "Accept-Ranges": "bytes"}
    if part >= 1:
        headers["x-ms-meta-complete"] = {"Succeeded": "successful", "Canceled": "canceled"}.get(status, "failed")
    wanted = request.http.headers.get("x-ms-range") or request.http.headers.get("range")
    if request.http.method == "HEAD" or not wanted:
        return Response(content, 200, headers, media_type="application/octet-stream")
    start, end = _range(wanted, len(content))
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Response(content[start : end + 1], 206, headers, media_type="application/octet-stream")


def _range(wanted: str, size: int) -> tuple[int, int]:
    """First and last byte: learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations."""
    found = _RANGE.fullmatch(wanted.strip())
    start, end = (int(found[1]), int(found[2] or size - 1)) if found else (0, -1)
    if found is None or (found[2] and end < start):
        text = "The value for one of the HTTP headers is not in the correct format."
        raise ArmError(400, "InvalidHeaderValue", text, cause="service")
    if start >= size:
        raise ArmError(
            416, "InvalidRange", "The range specified is invalid for the current size of the resource.", cause="service"
        )
    return start, min(end, size - 1)


def _signed_name(request: ArmRequest) -> str:
    """Name of a blob; the signature is the only credential."""
    name = request.path.removeprefix(f"{_BLOBS}/")
    if not hmac.compare_digest(_signature(request, name).encode(), request.query.get("sig", "").encode()):
        raise ArmError(403, "AuthenticationFailed", "Server failed to authenticate the request.", cause="service")
    return name


def _run_of_log(request: ArmRequest) -> Resource:
    folder, _, rest = _signed_name(request).partition("/")
    registry_name, _, leaf = rest.partition("/")
    for one in request.emulator.resources.of_type(RUN_TYPE) if folder == "log" else ():
        if one.name == leaf.removesuffix(".log") and f"/registries/{registry_name}/".lower() in one.id.lower():
            return one
    raise ArmError(404, "BlobNotFound", "The specified blob does not exist.", cause="service")


ROUTES = [
    Route(f"{_BLOBS}/{{blob:path}}", {"PUT": _put_blob, "GET": _get_blob}, versioned=False, open=True),
]
