"""The program of the database administrator, packed into settings of a job."""

from typing import Final

from installer.database_setup.model import DatabaseOrder
from installer.job_program.packing import command, settings
from installer.jsontypes import Json

PACKED_FILES: Final = ("database_setup/*.py",)
COMMAND: Final[list[Json]] = command("installer.database_setup")
"""Unpacks and runs the program."""


def order_settings(order: DatabaseOrder) -> dict[str, Json]:
    """Settings to apply an order."""
    return settings(PACKED_FILES, order.to_json())
