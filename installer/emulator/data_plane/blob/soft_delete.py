"""Soft-deleted blobs and containers: kept for the days of the account's policies, listed, and restored.

Sources: learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview (accounts with hierarchical namespace: overwriting keeps
nothing; nothing is restored to a path that exists, or without the directory above it), learn.microsoft.com/rest/api/storageservices/
list-blobs (showonly=deleted, DeletionId), …/undelete-blob (x-ms-undelete-source: path?deletionid=ID), …/restore-container.
Only accounts with hierarchical namespace are emulated. Which code refuses a path that exists is assumed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from starlette.responses import Response

from installer.emulator.data_plane.blob import callers
from installer.emulator.data_plane.blob.errors import left_out, refusal
from installer.emulator.data_plane.blob.place import CONTAINER_TYPE, container_id, key_of
from installer.emulator.data_plane.blob.records import Blob, blob_of
from installer.emulator.data_plane.blob.xml_text import element
from installer.emulator.state.database import Database, packed, unpacked
from installer.emulator.state.deleted_containers import DAY, kept_days
from installer.emulator.state.resources import Resource
from installer.json_access import as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.data_plane.blob.place import BlobPlace
    from installer.emulator.data_plane.requests import DataRequest
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_EPOCH: Final = 11_644_473_600
"""Seconds from 1601 to 1970: an ID of a deletion is a time of Windows in 100 nanoseconds."""
_BLOBS: Final = "deleteRetentionPolicy"


@dataclass(frozen=True)
class Deleted:
    """A deleted blob."""

    name: str
    id: str
    at: float
    until: float
    blob: Blob


@dataclass(frozen=True)
class DeletedBlobs:
    """The table of deleted blobs; `container` is the key of a container."""

    database: Database

    def keep(self, container: str, name: str, blob: Blob, at: float, days: float) -> None:
        """Keep a blob for some days."""
        number = int((at + _EPOCH) * 10_000_000)
        while self.database.row("SELECT id FROM deleted_blobs WHERE container = ? AND id = ?", container, str(number)):
            number += 1
        data: Json = asdict(blob)
        row = (container, name, str(number), at, at + days * DAY, packed(data))
        self.database.run("INSERT INTO deleted_blobs VALUES (?, ?, ?, ?, ?, ?)", *row)

    def listed(self, container: str, prefix: str, now: float) -> Iterator[Deleted]:
        """Those that can be restored now, by name."""
        query = (
            "SELECT name, id, at, until, data FROM deleted_blobs WHERE container = ? AND until > ? ORDER BY name, id"
        )
        for name, identity, at, until, data in self.database.rows(query, container, now):
            if str(name).startswith(prefix):
                yield Deleted(str(name), str(identity), float(at or 0), float(until or 0), blob_of(unpacked(data)))

    def forget(self, container: str, identity: str) -> None:
        """Drop the record of one that was restored."""
        self.database.run("DELETE FROM deleted_blobs WHERE container = ? AND id = ?", container, identity)


def keep_blob(place: BlobPlace, blob: Blob) -> bool:
    """Keep a blob that is deleted; false if the account keeps none, or has no directories."""
    days = kept_days(place.request.emulator.resources, place.account.id, _BLOBS)
    if not days or not place.is_hierarchical:
        return False
    DeletedBlobs(place.request.emulator.database).keep(place.key, place.name, blob, place.now, days)
    return True


def shown(request: DataRequest, container: Resource, prefix: str) -> str:
    """Deleted blobs as List Blobs shows them."""
    now = request.emulator.clock.now()
    found = DeletedBlobs(request.emulator.database).listed(key_of(container), prefix, now)
    return "".join(_element(one, now) for one in found)


def _element(one: Deleted, now: float) -> str:
    own = {
        "Creation-Time": formatdate(one.blob.created, usegmt=True),
        "Last-Modified": formatdate(one.blob.modified, usegmt=True),
        "ResourceType": "directory" if one.blob.is_directory else "file",
        "Content-Length": str(one.blob.size),
        "BlobType": one.blob.type,
        "DeletedTime": formatdate(one.at, usegmt=True),
        "RemainingRetentionDays": str(int((one.until - now) / DAY)),
    }
    properties = "".join(element(key, value) for key, value in own.items())
    head = element("Name", one.name) + element("Deleted", "true") + element("DeletionId", one.id)
    return f"<Blob>{head}<Properties>{properties}</Properties></Blob>"


async def undelete(place: BlobPlace) -> Response:
    """Undelete Blob."""
    place.require(callers.WRITE)
    if not place.is_hierarchical:
        raise left_out("soft-deleted blobs of accounts without a hierarchical namespace")
    source, _, identity = place.request.header("x-ms-undelete-source").partition("?deletionid=")
    if not source or not identity:
        raise refusal("MissingRequiredHeader")
    records = DeletedBlobs(place.request.emulator.database)
    wanted = (one for one in records.listed(place.key, unquote(source), place.now) if one.name == unquote(source))
    found = next((one for one in wanted if one.id == identity), None)
    if found is None or place.name != found.name:
        raise refusal("BlobNotFound")
    if place.found() is not None:
        raise refusal("BlobAlreadyExists")
    above = place.name.rpartition("/")[0]
    if above and place.records.get(place.key, above) is None:
        raise refusal("ResourceNotFound")
    with place.request.emulator.database.transaction():
        place.records.save(place.key, place.name, found.blob)
        records.forget(place.key, identity)
    return Response(status_code=200)


def shown_containers(request: DataRequest, account: Resource, prefix: str) -> str:
    """Deleted containers as List Containers shows them."""
    now = request.emulator.clock.now()
    query = "SELECT name, version, at, until FROM deleted_containers WHERE account = ? AND until > ? ORDER BY name, at"
    found = ""
    for name, version, at, until in request.emulator.database.rows(query, account.id.lower(), now):
        if str(name).startswith(prefix):
            own = element("DeletedTime", formatdate(float(at or 0), usegmt=True))
            own += element("RemainingRetentionDays", str(int((float(until or 0) - now) / DAY)))
            head = element("Name", str(name)) + element("Deleted", "true") + element("Version", str(version))
            found += f"<Container>{head}<Properties>{own}</Properties></Container>"
    return found


def restore_container(request: DataRequest, claims: JsonObject, account: Resource, name: str) -> Response:
    """Restore Container: under its former name only."""
    if not request.holds(claims, callers.WRITE_CONTAINER, account.id, data=False):
        raise refusal("AuthorizationPermissionMismatch")
    where = container_id(account, name)
    former, version = request.header("x-ms-deleted-container-name"), request.header("x-ms-deleted-container-version")
    query = "SELECT data FROM deleted_containers WHERE account = ? AND name = ? AND version = ? AND until > ?"
    now = request.emulator.clock.now()
    row = request.emulator.database.row(query, account.id.lower(), former, version, now)
    if row is None or former != name:
        raise refusal("ContainerNotFound")
    if request.emulator.resources.get(where) is not None:
        raise refusal("ContainerAlreadyExists")
    kept = as_object(unpacked(row[0]))
    created = kept.get("created")
    made = Resource(
        where,
        CONTAINER_TYPE,
        name,
        as_text(kept.get("version")),
        "Succeeded",
        created if isinstance(created, int | float) else now,
        now,
    )
    made.desired = as_object(kept.get("desired"))
    with request.emulator.database.transaction():
        request.emulator.resources.save(made)
        query = "DELETE FROM deleted_containers WHERE account = ? AND version = ?"
        request.emulator.database.run(query, account.id.lower(), version)
    return Response(status_code=201)
