"""Whether a state can be continued: its content is what was written, and the clock has not been set back since."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from installer.emulator.clock import Clock
    from installer.emulator.state.database import Database

_MAX_SET_BACK: Final = 300.0
"""Seconds; a time service moves a clock by less."""
_STARTED: Final = "started"
_JSON: Final = ("resources", "deployments", "operations", "requests", "blobs", "secret_versions", "telemetry")
"""Tables whose column `data` holds JSON."""


class ClockSetBackError(Exception):
    """The clock of this machine is far behind the last moment that the state has seen."""


def check_content(database: Database) -> None:
    """Raise sqlite3.DatabaseError for a row that is no JSON: it would otherwise fail in the middle of a request."""
    for table in _JSON:
        if database.rows(f"SELECT 1 FROM {table} WHERE NOT json_valid(data) LIMIT 1"):  # noqa: S608  names from above
            raise sqlite3.DatabaseError(f"a row of {table} is no JSON")


def check_clock(database: Database, clock: Clock) -> None:
    """Record the start. Raise ClockSetBackError if it is long before an earlier one or the last deployment.

    Operations would end as much later as the clock was set back, and the certificates would not be valid yet.
    """
    (last,) = database.rows("SELECT max(moment) FROM requests")[0]
    now, seen = clock.now(), max(float(last or 0), float(database.fact(_STARTED) or 0))
    if seen - now > _MAX_SET_BACK:
        raise ClockSetBackError(
            f"the clock of this machine is {round((seen - now) / 60)} minutes behind the last use of this rehearsal: set the clock "
            "right and resume, or start a new rehearsal"
        )
    database.remember(_STARTED, str(now))
