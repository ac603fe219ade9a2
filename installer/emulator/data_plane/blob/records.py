"""Blobs and uncommitted blocks: what the state knows of them."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from installer.emulator.state.database import Database, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json

BlobType = Literal["BlockBlob", "AppendBlob"]
FOLDER_MARK: Final = "hdi_isfolder"
"""Metadatum of a directory of an account with hierarchical namespace."""
_HIGHEST: Final = "\U0010ffff"


@dataclass(frozen=True)
class Part:
    """A file with a part of the content of a blob; `id` is the block ID, '' outside block lists."""

    file: str
    size: int
    id: str = ""


@dataclass(frozen=True)
class Blob:
    """A blob.

    Attributes:
        type: Kind of blob.
        created: When it was created, in seconds since the epoch.
        modified: When it was last changed.
        parts: Its content.
        headers: Content-Type and the like, by lower-case name; content-md5 is that of the client.
        metadata: Its metadata.
        copied: Headers of the copy that it was made by.
        etag: Changes with every change.

    """

    type: BlobType
    created: float
    modified: float
    parts: tuple[Part, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    copied: dict[str, str] = field(default_factory=dict)
    etag: str = field(default_factory=lambda: f'"0x{secrets.token_hex(8)[1:].upper()}"')

    @property
    def size(self) -> int:
        """Length of the content."""
        return sum(part.size for part in self.parts)

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory of a hierarchical namespace."""
        return self.metadata.get(FOLDER_MARK, "").lower() == "true"


@dataclass(frozen=True)
class BlobRecords:
    """The tables of blobs and blocks; `container` is the key of a container."""

    database: Database

    def get(self, container: str, name: str) -> Blob | None:
        """One blob."""
        found = self.database.row("SELECT data FROM blobs WHERE container = ? AND name = ?", container, name)
        return blob_of(unpacked(found[0])) if found else None

    def save(self, container: str, name: str, blob: Blob) -> None:
        """Insert or replace."""
        data: Json = asdict(blob)
        self.database.run("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)", container, name, packed(data))

    def remove(self, container: str, name: str) -> None:
        """Delete one."""
        self.database.run("DELETE FROM blobs WHERE container = ? AND name = ?", container, name)

    def listed(self, container: str, prefix: str, start: str) -> Iterator[tuple[str, Blob]]:
        """Blobs whose names have a prefix, in the order of their names, from a name on."""
        query = "SELECT name, data FROM blobs WHERE container = ? AND name >= ? AND name < ? ORDER BY name LIMIT 500"
        # A name has at most 1,024 characters, so that none with the prefix comes after this one.
        first, last = max(prefix, start), prefix + _HIGHEST
        while rows := self.database.rows(query, container, first, last):
            for name, data in rows:
                yield str(name), blob_of(unpacked(data))
            first = f"{rows[-1][0]}\0"

    def has_any(self, container: str, prefix: str) -> bool:
        """Whether a blob has a prefix."""
        return next(self.listed(container, prefix, ""), None) is not None

    def blocks(self, container: str, name: str) -> list[Part]:
        """Uncommitted blocks of a blob."""
        query = "SELECT id, file, size FROM blocks WHERE container = ? AND name = ? ORDER BY id"
        rows = self.database.rows(query, container, name)
        return [Part(str(file), int(size or 0), str(block)) for block, file, size in rows]

    def save_block(self, container: str, name: str, part: Part) -> None:
        """Insert or replace an uncommitted block."""
        self.database.run(
            "INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?)", container, name, part.id, part.file, part.size
        )

    def drop_blocks(self, container: str, name: str) -> None:
        """Forget the uncommitted blocks of a blob."""
        self.database.run("DELETE FROM blocks WHERE container = ? AND name = ?", container, name)


def blob_of(data: Json) -> Blob:
    """A blob as it was written."""
    whole = dict(data) if isinstance(data, dict) else {}
    parts = whole.pop("parts", [])
    given = tuple(Part(**part) for part in parts if isinstance(part, dict)) if isinstance(parts, list) else ()  # type: ignore[arg-type]  # written by `save`
    return Blob(parts=given, **whole)  # type: ignore[arg-type]  # written by `save` from the same fields
