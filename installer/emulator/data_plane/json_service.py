"""Bodies of data planes that speak JSON."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from installer.emulator.data_plane.requests import ServiceError
from installer.json_access import JsonObject, as_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.data_plane.requests import DataRequest
    from installer.jsontypes import Json

_MAX_BODY: Final = 8 << 20


async def json_value(request: DataRequest, limit: int = _MAX_BODY) -> Json:
    """The body, unpacked if it is compressed. Raises ServiceError if it is too large or no JSON."""
    content = bytearray()
    async for chunk in request.http.stream():
        content += chunk
        if len(content) > limit:
            raise ServiceError(413, "ContentLengthLimitExceeded", f"The body is larger than {limit} bytes.")
    try:
        text = _unpacked(bytes(content), limit) if request.header("content-encoding") == "gzip" else bytes(content)
        found: Json = json.loads(text)
        if b"\\u" in text or not text.isascii():
            json.dumps(found, ensure_ascii=False).encode()  # a half of a surrogate pair is no text
    except (ValueError, OSError, EOFError, zlib.error, RecursionError):
        raise ServiceError(400, "InvalidRequestContent", "The body is no JSON.") from None
    return found


async def json_body(request: DataRequest) -> JsonObject:
    """The body as an object."""
    return as_object(await json_value(request))


def json_answer(status: int, body: Json = None, headers: Mapping[str, str] | None = None) -> Response:
    """A response, empty without a body."""
    if body is None:
        return Response(status_code=status, headers=headers)
    return Response(json.dumps(body), status, headers, media_type="application/json; charset=utf-8")


def _unpacked(content: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    found = unpacker.decompress(content, limit + 1)
    if len(found) > limit:
        raise ServiceError(413, "ContentLengthLimitExceeded", f"The body is larger than {limit} bytes.")
    if not unpacker.eof:
        raise ValueError("the compressed body is cut")
    return found
