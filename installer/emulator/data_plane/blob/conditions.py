"""Conditional headers: learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from installer.emulator.data_plane.blob.errors import refusal
from installer.emulator.data_plane.requests import ServiceError

if TYPE_CHECKING:
    from installer.emulator.data_plane.blob.records import Blob
    from installer.emulator.data_plane.requests import DataRequest


def check(request: DataRequest, blob: Blob | None, *, prefix: str = "") -> None:
    """Raises ServiceError if a condition is not met.

    Args:
        request: The request.
        blob: The blob as it is; None if there is none.
        prefix: "x-ms-source-" for the conditions of the source of a copy.

    """
    if not _met(request, blob, prefix):
        reading = request.method in {"GET", "HEAD"}
        if request.header("if-none-match") == "*" and blob is not None and not prefix and not reading:
            raise refusal("BlobAlreadyExists")
        if reading and (request.header("if-none-match") or request.header("if-modified-since")):
            raise ServiceError(304, "ConditionNotMet", "")
        raise refusal("ConditionNotMet")


def _met(request: DataRequest, blob: Blob | None, prefix: str) -> bool:
    wanted, unwanted = request.header(f"{prefix}if-match"), request.header(f"{prefix}if-none-match")
    since, until = _seconds(request, f"{prefix}if-modified-since"), _seconds(request, f"{prefix}if-unmodified-since")
    if blob is None:
        return not wanted
    if wanted and wanted != "*" and blob.etag not in _tags(wanted):
        return False
    if unwanted and (unwanted == "*" or blob.etag in _tags(unwanted)):
        return False
    modified = int(blob.modified)
    return (since is None or modified > since) and (until is None or modified <= until)


def _tags(text: str) -> set[str]:
    return {f'"{one.strip().strip(chr(34))}"' for one in text.split(",")}


def _seconds(request: DataRequest, name: str) -> float | None:
    text = request.header(name)
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        raise refusal("InvalidHeaderValue") from None
