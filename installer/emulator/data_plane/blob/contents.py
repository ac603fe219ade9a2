"""Contents of blobs: one file for each part, in the state directory."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import uuid
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.data_plane.blob.errors import refusal
from installer.emulator.data_plane.blob.records import Part

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from pathlib import Path

    from installer.emulator.data_plane.requests import DataRequest

_CHUNK: Final = 1 << 18
MAX_BODY: Final = 5000 << 20
"""Largest body of a request: learn.microsoft.com/rest/api/storageservices/put-blob."""
_POLYNOMIAL: Final = 0x9A6C9329AC4BC9B5
"""CRC-64/NVME, reflected."""
_ALL: Final = (1 << 64) - 1


@dataclass(frozen=True)
class Received:
    """A body in a file: its part and its MD5 as base64."""

    part: Part
    md5: str


@dataclass(frozen=True)
class Contents:
    """The folder of all contents."""

    folder: Path

    async def receive(self, request: DataRequest, block: str = "") -> Received:
        """Write the body of a request to a file. Raises ServiceError if its checksum is another one."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        file = uuid.uuid4().hex
        try:
            received = await _write(self.folder / file, request)
        except BaseException:
            (self.folder / file).unlink(missing_ok=True)
            raise
        return Received(Part(file, received[0], block), received[1])

    def chunks(self, parts: Iterable[Part], start: int, length: int) -> Iterator[bytes]:
        """The bytes of a range."""
        for part in parts:
            if length <= 0:
                return
            if start >= part.size:
                start -= part.size
                continue
            with (self.folder / part.file).open("rb") as file:
                file.seek(start)
                rest = min(length, part.size - start)
                start, length = 0, length - rest
                while rest > 0 and (content := file.read(min(rest, _CHUNK))):
                    rest -= len(content)
                    yield content

    def linked(self, parts: Iterable[Part]) -> tuple[Part, ...]:
        """The same content for another blob."""
        found: list[Part] = []
        for part in parts:
            file = uuid.uuid4().hex
            os.link(self.folder / part.file, self.folder / file)
            found.append(Part(file, part.size, part.id))
        return tuple(found)

    def discard(self, parts: Iterable[Part]) -> None:
        """Delete the files."""
        for part in parts:
            (self.folder / part.file).unlink(missing_ok=True)


async def _write(path: Path, request: DataRequest) -> tuple[int, str]:
    wanted_md5, wanted_crc = _digest(request.header("content-md5"), 16), request.header("x-ms-content-crc64")
    wanted_crc64 = _digest(wanted_crc, 8, "InvalidHeaderValue")
    md5, crc, size = hashlib.md5(usedforsecurity=False), _ALL, 0
    with path.open("xb") as file:
        async for chunk in _body(request):
            size += len(chunk)
            if size > MAX_BODY:
                raise refusal("RequestBodyTooLarge")
            file.write(chunk)
            md5.update(chunk)
            crc = _crc64(crc, chunk) if wanted_crc64 else crc
    if wanted_md5 and wanted_md5 != md5.digest():
        raise refusal("Md5Mismatch")
    if wanted_crc64 and wanted_crc64 != (crc ^ _ALL).to_bytes(8, "little"):
        raise refusal("Crc64Mismatch")
    return size, base64.b64encode(md5.digest()).decode()


async def _body(request: DataRequest) -> AsyncIterator[bytes]:
    async for chunk in request.http.stream():
        yield chunk


def _digest(text: str, length: int, code: str = "InvalidMd5") -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        found = b"?"
    if text and len(found) != length:
        raise refusal(code)
    return found if text else b""


@cache
def _table() -> list[int]:
    found: list[int] = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)  # noqa: PLW2901  the remainder of this value
        found.append(value)
    return found


def _crc64(before: int, content: bytes) -> int:
    table = _table()
    for byte in content:
        before = table[(before ^ byte) & 0xFF] ^ (before >> 8)
    return before


def crc64(content: bytes) -> str:
    """The value that clients send in x-ms-content-crc64: learn.microsoft.com/rest/api/storageservices/put-blob."""
    return base64.b64encode((_crc64(_ALL, content) ^ _ALL).to_bytes(8, "little")).decode()
