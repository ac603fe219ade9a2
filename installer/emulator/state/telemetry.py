"""Rows and metrics that Azure Monitor has received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.emulator.state.database import Database, packed, unpacked
from installer.json_access import JsonObject, as_object

if TYPE_CHECKING:
    from collections.abc import Iterable

_ROW, _METRIC = "row", "metric"


@dataclass(frozen=True)
class Telemetry:
    """The table of what was received."""

    database: Database

    def add_rows(self, rule: str, stream: str, rows: Iterable[JsonObject], moment: float) -> None:
        """Add the rows of a stream."""
        with self.database.transaction():
            for row in rows:
                self._add(_ROW, rule, {"stream": stream, "row": row}, moment)

    def add_metric(self, resource: str, metric: JsonObject, moment: float) -> None:
        """Add a metric of a resource."""
        self._add(_METRIC, resource, metric, moment)

    def rows(self) -> list[JsonObject]:
        """All rows with their rules, in order."""
        return self._all(_ROW)

    def metrics(self, resource: str = "") -> list[JsonObject]:
        """The metrics of a resource, or of all, in order."""
        return [one for one in self._all(_METRIC) if not resource or one["place"] == resource.lower()]

    def _add(self, kind: str, place: str, data: JsonObject, moment: float) -> None:
        self.database.run(
            "INSERT INTO telemetry (moment, kind, place, data) VALUES (?, ?, ?, ?)",
            *(moment, kind, place.lower(), packed(data)),
        )

    def _all(self, kind: str) -> list[JsonObject]:
        found = self.database.rows("SELECT moment, place, data FROM telemetry WHERE kind = ? ORDER BY serial", kind)
        return [{"received": moment, "place": place, **as_object(unpacked(data))} for moment, place, data in found]
