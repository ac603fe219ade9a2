"""Copy Blob, Copy Blob From URL and Put Blob From URL, between accounts of this embedded Azure.

Sources: learn.microsoft.com/rest/api/storageservices/copy-blob, …/copy-blob-from-url. A source in the same account is read with
the rights of the request; one in another account with the token in x-ms-copy-source-authorization.
"""

from __future__ import annotations

import uuid
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from starlette.responses import Response

from installer.emulator.data_plane.blob import callers, conditions
from installer.emulator.data_plane.blob.errors import left_out, refusal
from installer.emulator.data_plane.blob.place import container_id, content_headers, key_of, metadata_of
from installer.emulator.data_plane.blob.reading import version_of
from installer.emulator.data_plane.blob.records import Blob
from installer.emulator.data_plane.hosts import service_at
from installer.emulator.data_plane.requests import is_for

if TYPE_CHECKING:
    from installer.emulator.data_plane.blob.place import BlobPlace


async def copy(place: BlobPlace) -> Response:
    """Copy the blob at the URL of a header."""
    place.require(callers.WRITE)
    request = place.request
    source = _source(place)
    conditions.check(request, source, prefix="x-ms-source-")
    before = place.found()
    conditions.check(request, before)
    synchronous = request.header("x-ms-requires-sync").lower() == "true" or bool(request.header("x-ms-blob-type"))
    copied = {
        "x-ms-copy-id": str(uuid.uuid4()),
        "x-ms-copy-status": "success",
        "x-ms-copy-source": request.header("x-ms-copy-source").partition("?")[0],
        "x-ms-copy-progress": f"{source.size}/{source.size}",
        "x-ms-copy-completion-time": formatdate(place.now, usegmt=True),
    }
    own = content_headers(request, "") if request.header("x-ms-blob-content-type") else source.headers
    metadata = metadata_of(request) or source.metadata
    created = before.created if before else place.now
    parts = place.contents.linked(source.parts)
    blob = Blob(source.type, created, place.now, parts, dict(own), metadata, copied)
    try:
        place.store(blob, before)
    except BaseException:
        place.contents.discard(parts)
        raise
    shown = {name: copied[name] for name in ("x-ms-copy-id", "x-ms-copy-status")}
    return Response(status_code=201 if synchronous else 202, headers={**version_of(blob), **shown})


def _source(place: BlobPlace) -> Blob:
    request = place.request
    url = urlsplit(request.header("x-ms-copy-source"))
    if "sig=" in url.query:
        raise left_out("SAS of copy sources")
    service = service_at(request.emulator, url.hostname or "")
    if service is None or service.name != "blob" or service.resource is None:
        raise refusal("CannotVerifyCopySource")
    claims = place.claims
    if service.resource.key != place.account.key:
        scheme, _, token = request.header("x-ms-copy-source-authorization").partition(" ")
        given = request.azure.identity.claims(token.strip()) if scheme.lower() == "bearer" else None
        if given is None or not is_for(given, (callers.AUDIENCE,)):
            raise refusal("CannotVerifyCopySource")
        claims = given
    container, _, name = unquote(url.path).lstrip("/").partition("/")
    found = request.emulator.resources.get(container_id(service.resource, container))
    if found is None or not request.holds(claims, callers.READ, found.id):
        raise refusal("CannotVerifyCopySource")
    blob = place.records.get(key_of(found), name)
    if blob is None:
        raise refusal("CannotVerifyCopySource")
    return blob
