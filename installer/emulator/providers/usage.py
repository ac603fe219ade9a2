"""One line of a usage list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """One line of a usage list."""

    name: str
    label: str
    current: int
    limit: int
