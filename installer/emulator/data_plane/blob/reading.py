"""Get Blob, Get Blob Properties and Get Blob Metadata."""

from __future__ import annotations

import base64
import hashlib
import re
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from installer.emulator.data_plane.blob import callers, conditions
from installer.emulator.data_plane.blob.errors import left_out, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from installer.emulator.data_plane.blob.place import BlobPlace
    from installer.emulator.data_plane.blob.records import Blob

_RANGE: Final = re.compile(r"bytes=([0-9]{1,18})-([0-9]{1,18})?")
_MAX_RANGE_MD5: Final = 4 << 20


async def get(place: BlobPlace) -> Response:
    """The content, or a range of it; a HEAD request has the headers only."""
    place.require(callers.READ)
    request, blob = place.request, place.existing()
    conditions.check(request, blob)
    if request.header("x-ms-structured-body"):
        raise left_out("structured bodies (validate_content='crc64')")
    headers = properties_of(blob)
    wanted = request.header("x-ms-range") or request.header("range")
    if request.method == "HEAD" or not wanted:
        headers["content-length"] = str(blob.size)
        if request.method == "HEAD":
            return Response(headers=headers)
        return StreamingResponse(_stream(place, blob, 0, blob.size), headers=headers)
    start, end = _range(wanted, blob.size)
    length = end - start + 1
    headers |= {"content-range": f"bytes {start}-{end}/{blob.size}", "content-length": str(length)}
    if whole := headers.pop("content-md5", ""):
        headers["x-ms-blob-content-md5"] = whole
    if request.header("x-ms-range-get-content-md5").lower() == "true":
        if length > _MAX_RANGE_MD5:
            raise refusal("OutOfRangeInput")
        content = b"".join(place.contents.chunks(blob.parts, start, length))
        headers["content-md5"] = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    return StreamingResponse(_stream(place, blob, start, length), 206, headers)


async def metadata(place: BlobPlace) -> Response:
    """The metadata only."""
    place.require(callers.READ)
    blob = place.existing()
    conditions.check(place.request, blob)
    return Response(headers={**version_of(blob), **_metadata(blob)})


def version_of(blob: Blob) -> dict[str, str]:
    """ETag and Last-Modified."""
    return {"etag": blob.etag, "last-modified": formatdate(blob.modified, usegmt=True)}


def properties_of(blob: Blob) -> dict[str, str]:
    """The headers that describe a blob."""
    return {
        **version_of(blob),
        "accept-ranges": "bytes",
        "x-ms-blob-type": blob.type,
        "x-ms-creation-time": formatdate(blob.created, usegmt=True),
        "x-ms-lease-status": "unlocked",
        "x-ms-lease-state": "available",
        "x-ms-server-encrypted": "true",
        "x-ms-access-tier": "Hot",
        "x-ms-access-tier-inferred": "true",
        **({"x-ms-resource-type": "directory"} if blob.is_directory else {}),
        **blob.headers,
        **blob.copied,
        **_metadata(blob),
    }


def _metadata(blob: Blob) -> dict[str, str]:
    return {f"x-ms-meta-{name}": value for name, value in blob.metadata.items()}


def _range(wanted: str, size: int) -> tuple[int, int]:
    """First and last byte: learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations."""
    found = _RANGE.fullmatch(wanted.strip())
    start, end = (int(found[1]), int(found[2] or max(size - 1, 0))) if found else (0, -1)
    if found is None or (found[2] and end < start):
        raise refusal("InvalidHeaderValue")
    if start >= size:
        raise refusal("InvalidRange", headers={"content-range": f"bytes */{size}"})
    return start, min(end, size - 1)


async def _stream(place: BlobPlace, blob: Blob, start: int, length: int) -> AsyncIterator[bytes]:
    chunks = place.contents.chunks(blob.parts, start, length)
    while (content := await run_in_threadpool(next, chunks, b"")) != b"":
        yield content
