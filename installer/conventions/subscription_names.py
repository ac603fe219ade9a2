"""Text that names a subscription, or another object that has a name and an ID: the same on every page and in every line."""

from typing import Final

_SHORT: Final = 4
_LONG_ID: Final = 9


def named(name: str, identifier: str) -> str:
    """Name, then ID; the ID alone if no name is known."""
    return f"{name} ({identifier})" if name else identifier


def short_id(identifier: str) -> str:
    """The two ends of a long ID, where there is no room for all of it."""
    return f"{identifier[:_SHORT]}…{identifier[-_SHORT:]}" if len(identifier) > _LONG_ID else identifier
