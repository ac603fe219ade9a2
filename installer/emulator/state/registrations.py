"""The resource provider registrations of each subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.emulator.state.database import Database


class Registrations:
    """The table of registrations; a namespace without a row has its seeded state."""

    def __init__(self, database: Database, registered: frozenset[str]) -> None:
        self._database = database
        self._registered = registered

    def state(self, subscription: str, namespace: str, moment: float) -> str:
        """Registered, Registering, NotRegistered or Unregistered."""
        found = self._database.row(
            "SELECT state, ready FROM registrations WHERE subscription = ? AND namespace = ?",
            subscription.lower(),
            namespace.lower(),
        )
        if found is None:
            return "Registered" if namespace.lower() in self._registered else "NotRegistered"
        state, ready = str(found[0]), float(found[1] or 0)
        if state == "Registering" and moment >= ready:
            return "Registered"
        return state

    def set(self, subscription: str, namespace: str, state: str, ready: float) -> None:
        """Set the state; a registration takes effect at `ready`."""
        self._database.run(
            "INSERT OR REPLACE INTO registrations VALUES (?, ?, ?, ?)",
            subscription.lower(),
            namespace.lower(),
            state,
            ready,
        )
