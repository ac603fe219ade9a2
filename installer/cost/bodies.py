"""Values of planned resources that their meters need. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text

if TYPE_CHECKING:
    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json

GLOBAL: Final = "Global"
"""armRegionName of meters with one price for all regions."""
GRANT: Final = "the monthly free grant of the subscription is not deducted"


def region(body: PlannedBody) -> str:
    """Region of a resource, as armRegionName."""
    return as_text(body.body.get("location"))


def number(value: Json, otherwise: float = 0.0) -> float:
    """A number, also one that the template writes as text."""
    try:
        return float(str(value))
    except ValueError:
        return otherwise
