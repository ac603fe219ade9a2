"""Values of secrets in key vaults, as versions, encrypted in the state.

The key is not in the state: who starts the server keeps it, or the values last as long as the process. A version whose value
cannot be read any more still exists, as in Azure, where it would have been kept: a random value takes its place, the same for
all who read it while the process runs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from installer.json_access import JsonObject, as_object, as_text

if TYPE_CHECKING:
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

    @property
    def key(self) -> str:
        """The key, to read the values after a restart."""
        return self._key

    def save(self, vault: str, name: str, version: SecretVersion) -> None:
        """Insert a version, or replace it."""
        data = self._fernet().encrypt(json.dumps(asdict(version)).encode()).decode()
        self._database.run(
            "INSERT OR REPLACE INTO secret_versions VALUES (?, ?, ?, ?, ?)",
            *(vault, name.lower(), version.version, version.created, data),
        )

    def versions(self, vault: str, name: str) -> list[SecretVersion]:
        """The versions of a secret, the latest first."""
        query = "SELECT version, created, data FROM secret_versions WHERE vault = ? AND name = ? ORDER BY created DESC, rowid DESC"
        rows = self._database.rows(query, vault, name.lower())
        return [
            self._read(str(data)) or SecretVersion(str(version), self._replacement(vault, name), float(created or 0))
            for version, created, data in rows
        ]

    def lost(self) -> list[str]:
        """Names of secrets with a value that cannot be read any more."""
        rows = self._database.rows("SELECT name, data FROM secret_versions ORDER BY name")
        return list(dict.fromkeys(str(name) for name, data in rows if self._read(str(data)) is None))

    def _replacement(self, vault: str, name: str) -> str:
        digest = hmac.new(self._key.encode(), f"{vault}/{name.lower()}".encode(), "sha256").hexdigest()
        return f"flowforge:lost-{digest[:32]}"  # in the form of a sign-in, which Prefect expects

    def names(self, vault: str) -> list[str]:
        """Names of the secrets of a vault."""
        query = "SELECT DISTINCT name FROM secret_versions WHERE vault = ? ORDER BY name"
        return [str(row[0]) for row in self._database.rows(query, vault)]

    def _read(self, data: str) -> SecretVersion | None:
        from cryptography.fernet import InvalidToken

        try:
            found: Json = json.loads(self._fernet().decrypt(data.encode()))
        except InvalidToken:
            return None
        whole = as_object(found)
        created = whole.get("created")
        return SecretVersion(
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
