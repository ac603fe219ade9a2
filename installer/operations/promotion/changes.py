"""Sentences about a promotion: what it interrupts, and which way leads back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.estate.parameters.data import server_of
from installer.invocation import command as typed
from installer.operations.upgrade.by_run import MOMENT
from installer.steps.database_backup import restore

if TYPE_CHECKING:
    from installer.estate.parameters.context import Installation
    from installer.steps.promotion import Promotion


def interrupts(promotion: Promotion) -> tuple[str, ...]:
    """Sentences about what is interrupted meanwhile."""
    target, found = promotion.target, list[str]()
    if promotion.before.get("web") != promotion.after.get("web"):
        found.append(f"the web app of {target} starts again with its other version")
    if promotion.changes_prefect:
        found.append(
            f"flow runs of {target} that are created meanwhile wait: its work pools are paused first, and flow runs that are under "
            "way end"
        )
        found.append(f"the workers of {target}, and its Prefect server if it has one, start again")
    return tuple(found)


def way_back(it: Installation, promotion: Promotion) -> tuple[str, ...]:
    """Sentences about the way back."""
    command = typed(f"promote --back --env {promotion.target}")
    found = [f"the images before, if they work with the tables that the others have migrated: {command}"]
    if not promotion.source:
        found = [
            "tables are not migrated back: they stay as the newer images have left them",
            f"the images that this takes back: {command} knows the version before it only; promote them again",
        ]
    if promotion.changes_prefect:
        found.append(
            "an older Prefect does not know tables that a newer one has migrated: that needs the restored database too"
        )
    found.append(
        f"to restore the server of {promotion.target} as it was before, beside it: "
        f"{restore(server_of(it, it.site(promotion.target)), MOMENT)}"
    )
    return tuple(found)
