"""The log of deployment requests as received, so that tests can check what was sent, and how often.

Values of secure parameters are masked before logging, for the digest, too.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.state.database import Database, packed, unpacked
from installer.json_access import JsonObject, as_object

if TYPE_CHECKING:
    from installer.jsontypes import Json


class RequestLog:
    """The table of requests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self, moment: float, *, name: str, scope: str, status: int, body: JsonObject, parameters: JsonObject
    ) -> None:
        """Log one received PUT; `body` and `parameters` must be free of secure values."""
        entry: JsonObject = {
            "name": name,
            "scope": scope,
            "status": status,
            "parameters": parameters,
            "parametersHash": _digest(parameters),
            "bodyHash": _digest(body),
        }
        self._database.run("INSERT INTO requests (moment, data) VALUES (?, ?)", moment, packed(entry))

    def entries(self) -> list[Json]:
        """All entries, oldest first."""
        rows = self._database.rows("SELECT serial, moment, data FROM requests ORDER BY serial")
        return [
            {"serial": int(serial or 0), "time": instant(float(moment or 0)), **as_object(unpacked(data))}
            for serial, moment, data in rows
        ]


def _digest(value: JsonObject) -> str:
    return hashlib.sha256(packed(value).encode()).hexdigest()
