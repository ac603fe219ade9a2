"""Where a request leads: its account, container and blob, and what writes of blobs have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.emulator.data_plane.blob import callers
from installer.emulator.data_plane.blob.contents import Contents
from installer.emulator.data_plane.blob.errors import refusal
from installer.emulator.data_plane.blob.records import FOLDER_MARK, Blob, BlobRecords
from installer.json_access import member

if TYPE_CHECKING:
    from installer.emulator.core import Emulator
    from installer.emulator.data_plane.requests import DataRequest
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject

CONTAINER_TYPE: Final = "Microsoft.Storage/storageAccounts/blobServices/containers"
_MAX_NAME: Final = 1024


def container_id(account: Resource, name: str) -> str:
    """Resource ID of a container."""
    return f"{account.id}/blobServices/default/containers/{name}"


def contents_of(emulator: Emulator) -> Contents:
    """The folder of the contents of all blobs."""
    return Contents(emulator.database.folder / "blobs")


@dataclass(frozen=True)
class BlobPlace:
    """A blob that a request is about.

    Attributes:
        request: The request.
        claims: Claims of the caller.
        account: The storage account.
        container: Its container.
        name: Name of the blob.

    """

    request: DataRequest
    claims: JsonObject
    account: Resource
    container: Resource
    name: str

    @property
    def key(self) -> str:
        """The key of the container; one that is deleted and created again is empty."""
        return key_of(self.container)

    @property
    def records(self) -> BlobRecords:
        """The tables."""
        return BlobRecords(self.request.emulator.database)

    @property
    def contents(self) -> Contents:
        """The files."""
        return contents_of(self.request.emulator)

    @property
    def now(self) -> float:
        """The time."""
        return self.request.emulator.clock.now()

    @property
    def is_hierarchical(self) -> bool:
        """Whether the account has directories."""
        return member(self.account.desired, "properties", "isHnsEnabled") is True

    def require(self, action: str) -> None:
        """Raises ServiceError unless the caller may do this here."""
        callers.require(self.request, self.claims, action, self.container.id)

    def found(self) -> Blob | None:
        """The blob; None if there is none."""
        return self.records.get(self.key, self.name)

    def existing(self) -> Blob:
        """The blob. Raises ServiceError if there is none."""
        blob = self.found()
        if blob is None:
            raise refusal("BlobNotFound")
        return blob

    def store(self, blob: Blob, before: Blob | None) -> None:
        """Keep a new state of the blob with the directories above it, and drop the contents of the former one.

        Raises:
            ServiceError: The name is too long, or a directory and a file would have the same path.

        """
        if not self.name or len(self.name) > _MAX_NAME:
            raise refusal("OutOfRangeInput")
        with self.request.emulator.database.transaction():
            if self.is_hierarchical:
                if before is not None and before.is_directory != blob.is_directory:
                    raise refusal("ResourceTypeMismatch")  # the code is assumed
                self._make_directories()
            self.records.save(self.key, self.name, blob)
        if before is not None:
            kept = {part.file for part in blob.parts}
            self.contents.discard(part for part in before.parts if part.file not in kept)

    def _make_directories(self) -> None:
        """As learn.microsoft.com/azure/storage/blobs/data-lake-storage-namespace: directories above a file exist."""
        parts = self.name.split("/")
        for count in range(1, len(parts)):
            path = "/".join(parts[:count])
            above = self.records.get(self.key, path) if path else None
            if path and above is None:
                folder = Blob("BlockBlob", self.now, self.now, metadata={FOLDER_MARK: "true"})
                self.records.save(self.key, path, folder)
            elif above is not None and not above.is_directory:
                raise refusal("ResourceTypeMismatch")  # the code is assumed


def key_of(container: Resource) -> str:
    """The key of a container in the tables."""
    return f"{container.key}@{container.created}"


def metadata_of(request: DataRequest) -> dict[str, str]:
    """The metadata in the headers of a request."""
    prefix = "x-ms-meta-"
    return {name[len(prefix) :]: value for name, value in request.http.headers.items() if name.startswith(prefix)}


def content_headers(request: DataRequest, default_type: str = "application/octet-stream") -> dict[str, str]:
    """Content-Type and the like of a blob, from the headers of a request."""
    found = {"content-type": request.header("x-ms-blob-content-type") or default_type}
    for name in ("content-encoding", "content-language", "content-disposition", "content-md5"):
        if value := request.header(f"x-ms-blob-{name}"):
            found[name] = value
    if value := request.header("x-ms-blob-cache-control"):
        found["cache-control"] = value
    return found
