"""Put Blob, Append Block, Set Blob Metadata, Set Blob Properties and Delete Blob."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from starlette.responses import Response

from installer.emulator.data_plane.blob import callers, conditions, soft_delete
from installer.emulator.data_plane.blob.errors import left_out, refusal
from installer.emulator.data_plane.blob.place import content_headers, metadata_of
from installer.emulator.data_plane.blob.reading import version_of
from installer.emulator.data_plane.blob.records import Blob, BlobType

if TYPE_CHECKING:
    from installer.emulator.data_plane.blob.place import BlobPlace

_ENCRYPTED = {"x-ms-request-server-encrypted": "true"}


async def put(place: BlobPlace) -> Response:
    """Create or replace a blob with the body as its content."""
    place.require(callers.WRITE)
    request = place.request
    kind = request.header("x-ms-blob-type")
    if kind == "PageBlob":
        raise left_out("page blobs")
    if kind not in get_args(BlobType):
        raise refusal("MissingRequiredHeader" if not kind else "InvalidHeaderValue")
    if request.header("x-ms-structured-body"):
        raise left_out("structured bodies (validate_content='crc64')")
    conditions.check(request, place.found())
    received = await place.contents.receive(request)
    before = place.found()  # another request may have written meanwhile
    try:
        conditions.check(request, before)
        headers = content_headers(request, request.header("content-type") or "application/octet-stream")
        if kind == "BlockBlob":
            headers.setdefault("content-md5", received.md5)
        parts = (received.part,) if received.part.size else ()
        created = before.created if before else place.now
        blob = Blob("BlockBlob" if kind == "BlockBlob" else "AppendBlob", created, place.now, parts, headers)
        blob = replace(blob, metadata=metadata_of(request))
        place.store(blob, before)
    except BaseException:
        place.contents.discard([received.part])
        raise
    if not parts:
        place.contents.discard([received.part])
    discard_blocks(place)
    return Response(status_code=201, headers={**version_of(blob), "content-md5": received.md5, **_ENCRYPTED})


async def append(place: BlobPlace) -> Response:
    """Add the body to the end of an append blob."""
    place.require(callers.WRITE)
    request = place.request
    received = await place.contents.receive(request)
    try:
        before = place.existing()
        conditions.check(request, before)
        if before.type != "AppendBlob":
            raise refusal("InvalidBlobType")
        position = request.header("x-ms-blob-condition-appendpos")
        if position and position != str(before.size):
            raise refusal("AppendPositionConditionNotMet")
        blob = changed(before, place.now, parts=(*before.parts, received.part))
        place.store(blob, before)
    except BaseException:
        place.contents.discard([received.part])
        raise
    headers = {"x-ms-blob-append-offset": str(before.size), "x-ms-blob-committed-block-count": str(len(blob.parts))}
    return Response(status_code=201, headers={**version_of(blob), **headers, **_ENCRYPTED})


async def set_metadata(place: BlobPlace) -> Response:
    """Replace the metadata."""
    place.require(callers.WRITE)
    before = place.existing()
    conditions.check(place.request, before)
    blob = changed(before, place.now, metadata=metadata_of(place.request))
    place.store(blob, before)
    return Response(headers={**version_of(blob), **_ENCRYPTED})


async def set_properties(place: BlobPlace) -> Response:
    """Replace Content-Type and the like."""
    place.require(callers.WRITE)
    before = place.existing()
    conditions.check(place.request, before)
    blob = changed(before, place.now, headers=content_headers(place.request))
    place.store(blob, before)
    return Response(headers=version_of(blob))


async def delete(place: BlobPlace) -> Response:
    """Delete a blob, or an empty directory."""
    place.require(callers.DELETE)
    blob = place.existing()
    conditions.check(place.request, blob)
    if blob.is_directory and place.records.has_any(place.key, f"{place.name}/"):
        raise refusal("DirectoryIsNotEmpty")
    place.records.remove(place.key, place.name)
    if not soft_delete.keep_blob(place, blob):
        place.contents.discard(blob.parts)
    discard_blocks(place)
    return Response(status_code=202, headers={"x-ms-delete-type-permanent": "false"})


def changed(before: Blob, now: float, **members: object) -> Blob:
    """A blob with other members: its ETag changes."""
    fresh = Blob(before.type, before.created, now)
    return replace(before, modified=now, etag=fresh.etag, **members)  # type: ignore[arg-type]  # names of members


def discard_blocks(place: BlobPlace) -> None:
    """Drop the uncommitted blocks."""
    blocks = place.records.blocks(place.key, place.name)
    if blocks:
        place.records.drop_blocks(place.key, place.name)
        place.contents.discard(blocks)
