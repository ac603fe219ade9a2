"""Management locks: the effect of a lock on a resource, its parents and its children."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from installer.emulator.errors import ArmError
from installer.json_access import as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.state.resources import Resource, Resources

LOCK_TYPE = "Microsoft.Authorization/locks"
REMOVED_TYPE = "Microsoft.Authorization/removedLocks"
_SECONDS = 20.0
"""Estimated: seconds after the deletion of a lock in which a group is not deleted (microsoft/TeamCloud#146)."""
_MARK = "/providers/microsoft.authorization/locks/"
_READ_ONLY = "readonly"


def check(resources: Resources, resource_id: str, action: Literal["write", "delete"]) -> None:
    """Refuse what a lock forbids (ArmError ScopeLocked); locks themselves can always be created and deleted."""
    key = resource_id.lower()
    if _MARK in f"{key}/":
        return
    scopes = sorted({lock.id[: lock.key.rindex(_MARK)] for lock in _forbidding(resources, key, action)})
    if scopes:
        raise _locked(resource_id, action, scopes)


def _locked(resource_id: str, action: str, scopes: list[str]) -> ArmError:
    return ArmError(
        409,
        "ScopeLocked",
        f"The scope '{resource_id}' cannot perform {action} operation because following scope(s) are locked: "
        f"'{','.join(scopes)}'. Please remove the lock and try again.",
    )


def check_removed(resources: Resources, group_id: str, now: float, speed: float) -> None:
    """Refuse to delete a group while Azure still processes the deletion of a lock on it or in it (ArmError ScopeLocked)."""
    for removed in resources.of_type(REMOVED_TYPE):
        if removed.key.startswith(f"{group_id.lower()}/") and removed.created + _SECONDS / speed > now:
            raise _locked(group_id, "delete", [removed.id.rpartition("/providers/")[0]])


def locked_scopes(resources: Resources, resource_id: str) -> list[str]:
    """Scopes of all locks, of either level, that are on a resource, above it or on a part of it."""
    key, found = resource_id.lower(), list[str]()
    for lock in resources.of_type(LOCK_TYPE):
        at = lock.key.rindex(_MARK)
        if f"{key}/".startswith(f"{lock.key[:at]}/") or lock.key[:at].startswith(f"{key}/"):
            found.append(lock.id[:at])
    return sorted(found)


def _forbidding(resources: Resources, key: str, action: str) -> Iterator[Resource]:
    for lock in resources.of_type(LOCK_TYPE):
        scope = lock.key[: lock.key.rindex(_MARK)]
        level = as_text(member(lock.desired, "properties", "level")).lower()
        above = key == scope or key.startswith(f"{scope}/")
        below = action == "delete" and scope.startswith(f"{key}/")
        if (above and (action == "delete" or level == _READ_ONLY)) or below:
            yield lock
