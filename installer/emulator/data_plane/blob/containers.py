"""Operations on containers: properties, creation and removal as Azure Resource Manager has them, and lists of blobs."""

from __future__ import annotations

import base64
import binascii
import re
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from installer.emulator.data_plane.blob import callers, soft_delete
from installer.emulator.data_plane.blob.errors import refusal
from installer.emulator.data_plane.blob.place import CONTAINER_TYPE, container_id, contents_of, key_of, metadata_of
from installer.emulator.data_plane.blob.records import BlobRecords
from installer.emulator.data_plane.blob.xml_text import element, escaped, xml
from installer.emulator.ids import derived_hex
from installer.emulator.state.deleted_containers import CONTAINERS, kept_days
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from installer.emulator.data_plane.blob.records import Blob
    from installer.emulator.data_plane.requests import DataRequest

_NAME: Final = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_PAGE: Final = 5000


def existing(request: DataRequest, account: Resource, name: str) -> Resource:
    """A container. Raises ServiceError if there is none."""
    found = request.emulator.resources.get(container_id(account, name))
    if found is None:
        raise refusal("ContainerNotFound")
    return found


async def answer(request: DataRequest, claims: JsonObject, account: Resource, name: str) -> Response:
    """An operation with restype=container."""
    operation = request.query("comp").lower()
    if operation == "list" and request.method == "GET":
        return _listed(request, claims, existing(request, account, name))
    if operation in {"", "metadata"} and request.method in {"GET", "HEAD"}:
        callers.require(request, claims, callers.READ_CONTAINER, container_id(account, name))
        return Response(headers=_properties(existing(request, account, name)))
    if operation == "undelete" and request.method == "PUT":
        return soft_delete.restore_container(request, claims, account, name)
    if operation == "" and request.method == "PUT":
        return _create(request, claims, account, name)
    if operation == "" and request.method == "DELETE":
        callers.require(request, claims, callers.DELETE_CONTAINER, container_id(account, name))
        container = existing(request, account, name)
        if not kept_days(request.emulator.resources, account.id, CONTAINERS):
            records = BlobRecords(request.emulator.database)
            for blob_name, blob in list(records.listed(key_of(container), "", "")):
                records.remove(key_of(container), blob_name)
                contents_of(request.emulator).discard(blob.parts)
        request.emulator.remove(container.id)
        return Response(status_code=202)
    raise refusal("InvalidQueryParameterValue" if operation else "UnsupportedHttpVerb")


def all_of(request: DataRequest, claims: JsonObject, account: Resource) -> Response:
    """List Containers."""
    callers.require(request, claims, callers.READ_CONTAINER, account.id)
    prefix = request.query("prefix")
    every = request.emulator.resources.children(f"{account.id}/blobServices/default/containers", CONTAINER_TYPE)
    shown = "".join(
        f"<Container>{element('Name', one.name)}<Properties>{_elements(_properties(one))}</Properties></Container>"
        for one in every
        if one.name.startswith(prefix)
    )
    if "deleted" in request.query("include").lower().split(","):
        shown += soft_delete.shown_containers(request, account, prefix)
    where = escaped(f"https://{request.host}/")
    text = f'<EnumerationResults ServiceEndpoint="{where}"><Containers>{shown}</Containers><NextMarker /></EnumerationResults>'
    return xml(text)


def _create(request: DataRequest, claims: JsonObject, account: Resource, name: str) -> Response:
    where = container_id(account, name)
    callers.require(request, claims, callers.WRITE_CONTAINER, where)
    if not _NAME.fullmatch(name):
        raise refusal("InvalidResourceName")
    if request.emulator.resources.get(where) is not None:
        raise refusal("ContainerAlreadyExists")
    now = request.emulator.clock.now()
    made = Resource(where, CONTAINER_TYPE, name, account.api_version, "Succeeded", now, now)
    metadata: JsonObject = {**metadata_of(request)}
    made.desired = {"properties": {"publicAccess": "None", "metadata": metadata}}
    request.emulator.resources.save(made)
    return Response(status_code=201, headers=_properties(made))


def _properties(container: Resource) -> dict[str, str]:
    found = {
        "etag": f'"0x{derived_hex(key_of(container), "etag", 15).upper()}"',
        "last-modified": formatdate(container.changed, usegmt=True),
        "x-ms-lease-status": "unlocked",
        "x-ms-lease-state": "available",
        "x-ms-has-immutability-policy": "false",
        "x-ms-has-legal-hold": "false",
    }
    for name, value in as_object(member(container.desired, "properties", "metadata")).items():
        found[f"x-ms-meta-{name}"] = as_text(value)
    return found


def _elements(properties: dict[str, str]) -> str:
    names = {"etag": "Etag", "last-modified": "Last-Modified", "x-ms-lease-status": "LeaseStatus"}
    return "".join(element(shown, properties[name]) for name, shown in names.items())


def _listed(request: DataRequest, claims: JsonObject, container: Resource) -> Response:
    """List Blobs: learn.microsoft.com/rest/api/storageservices/list-blobs."""
    callers.require(request, claims, callers.READ, container.id)
    prefix, delimiter = request.query("prefix"), request.query("delimiter")
    limit = _limit(request.query("maxresults"))
    include = set(request.query("include").lower().split(","))
    if "deleted" in request.query("showonly").lower().split(","):
        if "deleted" in include:
            raise refusal("InvalidQueryParameterValue")
        where = escaped(f"https://{request.host}/")
        blobs = soft_delete.shown(request, container, prefix)
        return xml(
            f'<EnumerationResults ServiceEndpoint="{where}"><Blobs>{blobs}</Blobs><NextMarker /></EnumerationResults>'
        )
    items: list[str] = []
    start, marker, folder = _start(request.query("marker")), "", ""
    for name, blob in BlobRecords(request.emulator.database).listed(key_of(container), prefix, start):
        if folder and name.startswith(folder):
            continue
        if len(items) == limit:
            marker = base64.urlsafe_b64encode(name.encode()).decode()
            break
        rest = name[len(prefix) :]
        if delimiter and delimiter in rest:
            folder = prefix + rest.partition(delimiter)[0] + delimiter
            items.append(f"<BlobPrefix>{element('Name', folder)}</BlobPrefix>")
        elif delimiter == "/" and blob.is_directory:
            folder = f"{name}/"
            items.append(f"<BlobPrefix>{element('Name', folder)}</BlobPrefix>")
        else:
            items.append(_blob(name, blob, with_metadata="metadata" in include))
    where = escaped(f"https://{request.host}/")
    given = "".join(
        element(shown, request.query(shown.lower()))
        for shown in ("Prefix", "Marker", "MaxResults", "Delimiter")
        if request.query(shown.lower())
    )
    text = (
        f'<EnumerationResults ServiceEndpoint="{where}" ContainerName="{escaped(request.path.strip("/"))}">{given}'
        f"<Blobs>{''.join(items)}</Blobs>{element('NextMarker', marker)}</EnumerationResults>"
    )
    return xml(text)


def _blob(name: str, blob: Blob, *, with_metadata: bool) -> str:
    own = {
        "Creation-Time": formatdate(blob.created, usegmt=True),
        "Last-Modified": formatdate(blob.modified, usegmt=True),
        "Etag": blob.etag.strip('"'),
        "ResourceType": "directory" if blob.is_directory else "file",
        "Content-Length": str(blob.size),
        "Content-Type": blob.headers.get("content-type", ""),
        "Content-Encoding": blob.headers.get("content-encoding", ""),
        "Content-Language": blob.headers.get("content-language", ""),
        "Content-MD5": blob.headers.get("content-md5", ""),
        "Cache-Control": blob.headers.get("cache-control", ""),
        "Content-Disposition": blob.headers.get("content-disposition", ""),
        "BlobType": blob.type,
        "AccessTier": "Hot",
        "AccessTierInferred": "true",
        "LeaseStatus": "unlocked",
        "LeaseState": "available",
        "ServerEncrypted": "true",
    }
    shown = "".join(element(key, value) for key, value in own.items())
    more = "".join(element(key, value) for key, value in blob.metadata.items()) if with_metadata else ""
    metadata = f"<Metadata>{more}</Metadata>" if with_metadata else ""
    return f"<Blob>{element('Name', name)}<Properties>{shown}</Properties>{metadata}</Blob>"


def _limit(text: str) -> int:
    if not text:
        return _PAGE
    if not text.isdecimal() or len(text) > 9 or int(text) == 0:
        raise refusal("OutOfRangeInput")
    return min(int(text), _PAGE)


def _start(marker: str) -> str:
    try:
        return base64.urlsafe_b64decode(marker).decode()
    except (binascii.Error, ValueError):
        raise refusal("InvalidQueryParameterValue") from None
