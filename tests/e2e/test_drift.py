"""Drift is found by the check of its stage, and only that stage is deployed again."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from installer.cloud.emulator_process import start
from installer.cloud.rest import Service
from tests.e2e.conftest import Rehearsed, emulator_records, run
from tests.processes import until

pytestmark = pytest.mark.e2e
ACCOUNT = "Microsoft.Storage/storageAccounts/stffcontosodev"
CONTAINER = f"{ACCOUNT}/blobServices/default/containers/bronze"


def delete(state: Path, resource: str) -> None:
    """Delete a resource of the development environment, as a user would by hand."""
    (directory,) = (state / "rehearsals").iterdir()
    rehearsal = start(directory, speed=1000)
    try:
        arm = Service.of_arm(rehearsal.target)
        path = f"/subscriptions/{rehearsal.facts['subscription']}/resourceGroups/rg-ff-contoso-dev/providers/{resource}"
        arm.ask("DELETE", f"{path}?api-version=2024-01-01")
        until(lambda: arm.find(f"{path}?api-version=2024-01-01") is None, f"{resource} is gone")
    finally:
        rehearsal.stop()


@pytest.mark.parametrize("what", [ACCOUNT, CONTAINER])
def test_a_deleted_resource_is_created_again_by_its_stage_alone(
    rehearsed: Rehearsed, tmp_path: Path, what: str
) -> None:
    state = tmp_path / "state"
    shutil.copytree(rehearsed.state, state)
    delete(state, what)
    redone = run("resume", rehearsed.run.name, "--only", "data", "--state-dir", str(state))
    assert redone.code == 0, redone
    assert "no longer exists: ff-contoso-data is deployed again" in redone.out
    accepted = [
        request["name"] for request in emulator_records(state, "/rehearsal/requests") if request["status"] in (200, 201)
    ]
    assert [name for name, count in Counter(accepted).items() if count > 1] == ["ff-contoso-data"]
    again = run("resume", rehearsed.run.name, "--only", "data", "--state-dir", str(state))
    assert again.code == 0, again
    assert "skip      data: up to date" in again.out
