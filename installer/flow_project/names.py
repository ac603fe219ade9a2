"""Names that Prefect refuses, found before anything is deployed."""

from typing import Final

from installer.flow_project.target import Described

_BANNED: Final = "/%&<>"
"""BANNED_CHARACTERS of prefect 3.8.8 (types/names.py), for flows, deployments, concurrency limits and work queues."""


def check_name(name: str, what: str, where: str, found: Described, *, banned: str = _BANNED) -> None:
    """Add a problem if a name has characters that Prefect does not take, or that no terminal shows."""
    if not name.isprintable():
        found.problems.append(f"{where}: the {what} {name!a} has control characters")
    elif any(character in name for character in banned):
        found.problems.append(
            f'{where}: the {what} "{name}" has one of {" ".join(banned)}, which Prefect does not take'
        )
