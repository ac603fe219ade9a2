"""The setup program of Prefect, packed into settings of a job."""

from typing import Final

from installer.job_program.packing import command, settings
from installer.jsontypes import Json
from installer.prefect_setup.backup.order import BackupOrder
from installer.prefect_setup.flows.order import FlowsOrder, RunOrder
from installer.prefect_setup.lake.order import LakeOrder
from installer.prefect_setup.model import Estate

PACKED_FILES: Final = (
    "database_setup/__init__.py",
    "database_setup/sign_in.py",
    "flow_project/__init__.py",
    "flow_project/objects.py",
    "flow_project/source.py",
    "images/__init__.py",
    "images/file_mark.py",
    "prefect_setup/__init__.py",
    "prefect_setup/__main__.py",
    "prefect_setup/acceptance.py",
    "prefect_setup/hop_results.py",
    "prefect_setup/model.py",
    "prefect_setup/pools_paused.py",
    "prefect_setup/rest.py",
    "prefect_setup/same_host.py",
    "prefect_setup/three_way.py",
    "regular_files.py",
    "whole_answers.py",
    "prefect_setup/backup/*.py",
    "prefect_setup/client/*.py",
    "prefect_setup/flows/*.py",
    "prefect_setup/lake/*.py",
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


def flows_settings(order: FlowsOrder) -> dict[str, Json]:
    """Settings to compare or apply the customer's flows."""
    return settings(PACKED_FILES, {"flows": order.to_json()})


def flow_list_settings(environment: str, pool: str) -> dict[str, Json]:
    """Settings to list the deployments of an environment."""
    return settings(PACKED_FILES, {"list": {"environment": environment, "pool": pool}})


def flow_run_settings(order: RunOrder) -> dict[str, Json]:
    """Settings to run a deployment."""
    return settings(PACKED_FILES, {"run": order.to_json()})


def backup_settings(order: BackupOrder) -> dict[str, Json]:
    """Settings to read the objects of a server, or to compare or restore those of a backup."""
    return settings(PACKED_FILES, {"backup": order.to_json()})


def lake_settings(order: LakeOrder) -> dict[str, Json]:
    """Settings to list or restore what was deleted in a data lake."""
    return settings(PACKED_FILES, {"lake": order.to_json()})


def drain_settings(seconds: float, mark: str) -> dict[str, Json]:
    """Settings to pause all work pools and wait until no run is under way; each mark is another job."""
    return settings(PACKED_FILES, {"drain": seconds, "mark": mark})


def resume_settings(mark: str) -> dict[str, Json]:
    """Settings to resume the work pools that were paused; each mark is another job."""
    return settings(PACKED_FILES, {"resume": True, "mark": mark})
