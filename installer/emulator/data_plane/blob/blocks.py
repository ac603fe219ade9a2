"""Put Block, Put Block List and Get Block List."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from installer.emulator.data_plane.blob import callers, conditions
from installer.emulator.data_plane.blob.contents import crc64
from installer.emulator.data_plane.blob.errors import left_out, refusal
from installer.emulator.data_plane.blob.place import content_headers, metadata_of
from installer.emulator.data_plane.blob.reading import version_of
from installer.emulator.data_plane.blob.records import Blob, Part
from installer.emulator.data_plane.blob.xml_text import element, parsed, xml

if TYPE_CHECKING:
    from installer.emulator.data_plane.blob.place import BlobPlace

_MAX_ID: Final = 64
_MAX_BLOCKS: Final = 50_000
_MAX_LIST: Final = 16 << 20


async def put(place: BlobPlace) -> Response:
    """Keep the body as an uncommitted block."""
    place.require(callers.WRITE)
    request = place.request
    if request.header("x-ms-copy-source"):
        raise left_out("blocks from URLs")
    if request.header("x-ms-structured-body"):
        raise left_out("structured bodies (validate_content='crc64')")
    block = _block_id(request.query("blockid"))
    before = place.found()
    if before is not None and before.type != "BlockBlob":
        raise refusal("InvalidBlobType")
    received = await place.contents.receive(request, block)
    present = place.records.blocks(place.key, place.name)
    if any(len(one.id) != len(block) for one in present):
        place.contents.discard([received.part])
        raise refusal("InvalidBlobOrBlock")
    place.contents.discard(one for one in present if one.id == block)
    place.records.save_block(place.key, place.name, received.part)
    return Response(status_code=201, headers={"content-md5": received.md5, "x-ms-request-server-encrypted": "true"})


async def commit(place: BlobPlace) -> Response:
    """Make a blob of blocks."""
    place.require(callers.WRITE)
    request, content = place.request, await _text(place)
    before = place.found()
    conditions.check(request, before)
    if before is not None and before.type != "BlockBlob":
        raise refusal("InvalidBlobType")
    committed = {one.id: one for one in (before.parts if before else ()) if one.id}
    uncommitted = {one.id: one for one in place.records.blocks(place.key, place.name)}
    parts = [_chosen(kind, text, committed, uncommitted) for kind, text in _listed(content)]
    repeated = _copies(place, parts)
    created = before.created if before else place.now
    headers, metadata = content_headers(request), metadata_of(request)
    blob = Blob("BlockBlob", created, place.now, tuple(repeated), headers, metadata)
    place.store(blob, before)
    place.records.drop_blocks(place.key, place.name)
    used = {part.file for part in blob.parts}
    place.contents.discard(one for one in uncommitted.values() if one.file not in used)
    checked = {"x-ms-content-crc64": crc64(content), "x-ms-request-server-encrypted": "true"}
    return Response(status_code=201, headers={**version_of(blob), **checked})


async def listed(place: BlobPlace) -> Response:
    """The committed and the uncommitted blocks."""
    place.require(callers.READ)
    wanted, blob = place.request.query("blocklisttype").lower() or "committed", place.found()
    uncommitted = place.records.blocks(place.key, place.name)
    if wanted not in {"committed", "uncommitted", "all"}:
        raise refusal("InvalidQueryParameterValue")
    if blob is None and not uncommitted:
        raise refusal("BlobNotFound")
    text = ""
    if wanted != "uncommitted":
        text += f"<CommittedBlocks>{_shown(blob.parts if blob else ())}</CommittedBlocks>"
    if wanted != "committed":
        text += f"<UncommittedBlocks>{_shown(tuple(uncommitted))}</UncommittedBlocks>"
    headers = {"x-ms-blob-content-length": str(blob.size if blob else 0), **(version_of(blob) if blob else {})}
    return xml(f"<BlockList>{text}</BlockList>", headers=headers)


async def _text(place: BlobPlace) -> bytes:
    received = await place.contents.receive(place.request)  # with the checks of MD5 and CRC64
    try:
        if received.part.size > _MAX_LIST:
            raise refusal("RequestBodyTooLarge")
        return b"".join(place.contents.chunks([received.part], 0, received.part.size))
    finally:
        place.contents.discard([received.part])


def _listed(content: bytes) -> list[tuple[str, str]]:
    root, children = parsed(content)
    if root != "BlockList" or any(name not in {"Committed", "Uncommitted", "Latest"} for name, _ in children):
        raise refusal("InvalidXmlDocument")
    if len(children) > _MAX_BLOCKS:
        raise refusal("BlockListTooLong")
    return children


def _chosen(kind: str, block: str, committed: dict[str, Part], uncommitted: dict[str, Part]) -> Part:
    """A block by its ID: learn.microsoft.com/rest/api/storageservices/put-block-list."""
    found = None
    if kind in {"Uncommitted", "Latest"}:
        found = uncommitted.get(block)
    if found is None and kind in {"Committed", "Latest"}:
        found = committed.get(block)
    if found is None:
        raise refusal("InvalidBlockList")
    return found


def _copies(place: BlobPlace, parts: list[Part]) -> list[Part]:
    """A block that is listed more than once has a file for each place."""
    seen: set[str] = set()
    found: list[Part] = []
    for part in parts:
        found.append(place.contents.linked([part])[0] if part.file in seen else part)
        seen.add(part.file)
    return found


def _block_id(text: str) -> str:
    try:
        size = len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not 0 < size <= _MAX_ID:
        raise refusal("InvalidBlockId")
    return text


def _shown(parts: tuple[Part, ...]) -> str:
    return "".join(
        f"<Block>{element('Name', part.id)}{element('Size', str(part.size))}</Block>" for part in parts if part.id
    )
