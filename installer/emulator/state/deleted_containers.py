"""Deleted containers of storage accounts: kept for the days of the account's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.ids import derived_hex
from installer.emulator.state.database import packed
from installer.json_access import member

if TYPE_CHECKING:
    from installer.emulator.state.resources import Resource, Resources
    from installer.jsontypes import Json

DAY: Final = 86_400.0
CONTAINERS: Final = "containerDeleteRetentionPolicy"


def kept_days(resources: Resources, account: str, policy: str) -> float:
    """Days for which an account keeps what is deleted; 0 without the policy."""
    service = resources.get(f"{account}/blobServices/default")
    found = member(service.desired, "properties", policy) if service is not None else None
    days = member(found, "days")
    return float(days) if member(found, "enabled") is True and isinstance(days, int) else 0.0


def keep_container(resources: Resources, container: Resource, now: float) -> None:
    """Keep a container that is deleted: its blobs stay under its key, which has the time of its creation."""
    account = container.id.partition("/blobServices/")[0]
    if not (days := kept_days(resources, account, CONTAINERS)):
        return
    version = derived_hex(f"{container.key}@{container.created}", str(now), 16).upper()
    kept: Json = {"version": container.api_version, "created": container.created, "desired": container.desired}
    row = (account.lower(), container.name, version, now, now + days * DAY, packed(kept))
    resources.database.run("INSERT INTO deleted_containers VALUES (?, ?, ?, ?, ?, ?)", *row)
