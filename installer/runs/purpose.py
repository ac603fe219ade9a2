"""Purpose of a new run of an installation: the plan that it carries out, an upgrade, or a removal."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from installer.steps.approved_plan import ApprovedPlan
    from installer.steps.upgrade_order import Upgrade


@dataclass(frozen=True)
class Purpose:
    """Purpose of a new run.

    Attributes:
        approved: The plan that it carries out; by default the last one that its session has made of the answers.
        upgrade: The upgrade that it makes, None for a run without backups and pauses.
        removes: The environment whose removal it completes.

    """

    approved: "ApprovedPlan | None" = None
    upgrade: "Upgrade | None" = None
    removes: str = ""


INSTALLATION: Final = Purpose()
"""A run that installs, or changes an installation to other answers."""
