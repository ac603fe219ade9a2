"""Values of secrets in key vaults, as versions, encrypted in the state.

The key is not in the state: who starts the server keeps it, or the values last as long as the process. Values that cannot
be read any more are as if they had never been written.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from installer.json_access import JsonObject, as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography.fernet import Fernet

    from installer.emulator.state.database import Database
    from installer.jsontypes import Json


@dataclass(frozen=True)
class SecretVersion:
    """A version of a secret.

    Attributes:
        version: Its ID.
        value: The secret.
        created: When it was written, in seconds since the epoch.
        content_type: Given by the writer.
        attributes: "enabled", "nbf" and "exp".
        tags: Given by the writer.

    """

    version: str
    value: str = field(repr=False)
    created: float
    content_type: str = ""
    attributes: JsonObject = field(default_factory=dict)
    tags: JsonObject = field(default_factory=dict)

    @property
    def enabled(self) -> bool:
        """Whether it may be read."""
        return self.attributes.get("enabled") is not False


class SecretValues:
    """The table of versions, by the key of the secret's vault and its name in lower case."""

    def __init__(self, database: Database, key: str = "") -> None:
        """`key`: any text; without one the values are lost with this process."""
        self._database = database
        self._key = key or secrets.token_hex(32)
        self._cipher: Fernet | None = None

    def save(self, vault: str, name: str, version: SecretVersion) -> None:
        """Insert a version, or replace it."""
        data = self._fernet().encrypt(json.dumps(asdict(version)).encode()).decode()
        self._database.run(
            "INSERT OR REPLACE INTO secret_versions VALUES (?, ?, ?, ?, ?)",
            *(vault, name.lower(), version.version, version.created, data),
        )

    def versions(self, vault: str, name: str) -> list[SecretVersion]:
        """The versions of a secret, the latest first."""
        query = "SELECT data FROM secret_versions WHERE vault = ? AND name = ? ORDER BY created DESC, rowid DESC"
        return list(self._read(self._database.rows(query, vault, name.lower())))

    def names(self, vault: str) -> list[str]:
        """Names of the secrets of a vault."""
        query = "SELECT DISTINCT name FROM secret_versions WHERE vault = ? ORDER BY name"
        return [str(row[0]) for row in self._database.rows(query, vault)]

    def _read(self, rows: Sequence[tuple[object, ...]]) -> Iterator[SecretVersion]:
        from cryptography.fernet import InvalidToken

        for (data,) in rows:
            try:
                text = self._fernet().decrypt(str(data).encode())
            except InvalidToken:
                continue
            found: Json = json.loads(text)
            whole = as_object(found)
            created = whole.get("created")
            yield SecretVersion(
                as_text(whole.get("version")),
                as_text(whole.get("value")),
                float(created) if isinstance(created, int | float) else 0.0,
                as_text(whole.get("content_type")),
                as_object(whole.get("attributes")),
                as_object(whole.get("tags")),
            )

    def _fernet(self) -> Fernet:
        if self._cipher is None:
            from cryptography.fernet import Fernet

            self._cipher = Fernet(base64.urlsafe_b64encode(hashlib.sha256(self._key.encode()).digest()))
        return self._cipher
