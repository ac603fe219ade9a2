"""Moments of Microsoft Graph and Key Vault, as seconds since the epoch and as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

DAY: Final = 86_400.0


def moment_of(text: str) -> float:
    """Seconds since the epoch of an ISO 8601 time, 0 if it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def shown_moment(moment: float) -> str:
    """Date and time in UTC, to the minute."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
