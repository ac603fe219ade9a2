"""The setup program of Prefect, packed into settings of a job."""

from typing import Final

from installer.job_program.packing import command, settings
from installer.jsontypes import Json
from installer.prefect_setup.model import Estate

PACKED_FILES: Final = (
    "prefect_setup/__init__.py",
    "prefect_setup/__main__.py",
    "prefect_setup/acceptance.py",
    "prefect_setup/hop_results.py",
    "prefect_setup/model.py",
    "prefect_setup/rest.py",
    "prefect_setup/client/*.py",
    "prefect_setup/project/*.py",
    "prefect_setup/project/*.yaml",
)
COMMAND: Final[list[Json]] = command("installer.prefect_setup")
"""Unpacks and runs the program."""


def registration_settings(estate: Estate) -> dict[str, Json]:
    """Settings to apply an estate."""
    return settings(PACKED_FILES, {"estate": estate.to_json()})


def canary_settings(environment: str, key: str) -> dict[str, Json]:
    """Settings to run the canary of an environment; the same key is the same run."""
    return settings(PACKED_FILES, {"canary": {"environment": environment, "key": key}})
