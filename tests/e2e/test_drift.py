"""Drift is found by the check of its stage, and only that stage is deployed again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from installer.cloud.rest import Service
from installer.emulator.deployments.secure_values import MASK
from installer.json_access import as_object
from installer.jsontypes import Json
from tests.e2e.conftest import Rehearsed, accepted, azure_alone, copied, run
from tests.processes import until

pytestmark = pytest.mark.e2e
ACCOUNT = "Microsoft.Storage/storageAccounts/stffcontosodev"
WEB_APP = "Microsoft.Web/sites/app-ff-contoso-dev"
COMPONENT = "Microsoft.Insights/components/appi-ff-contoso-dev"
CONTAINER = f"{ACCOUNT}/blobServices/default/containers/bronze"


@contextmanager
def azure_between_runs(state: Path) -> Iterator[tuple[Service, str]]:
    """The embedded Azure between two runs, and the path of the providers of the development environment."""
    rehearsal = azure_alone(state)
    try:
        group = f"/subscriptions/{rehearsal.facts['subscription']}/resourceGroups/rg-ff-contoso-dev"
        yield Service.of_arm(rehearsal.target), f"{group}/providers"
    finally:
        rehearsal.stop()


def delete(state: Path, resource: str, version: str = "2024-01-01") -> None:
    """Delete a resource of the development environment, as a user would by hand."""
    with azure_between_runs(state) as (arm, group):
        path = f"{group}/{resource}?api-version={version}"
        arm.ask("DELETE", path)
        until(lambda: arm.find(path) is None, f"{resource} is gone")


def test_a_deleted_resource_is_created_again_by_its_stage_alone(rehearsed: Rehearsed, tmp_path: Path) -> None:
    state = copied(rehearsed.state, tmp_path / "state")
    for times, what in enumerate((CONTAINER, ACCOUNT), start=2):
        delete(state, what)
        redone = run("resume", rehearsed.run.name, "--only", "data", "--state-dir", str(state))
        assert redone.code == 0, redone
        assert "no longer exists: ff-contoso-data is deployed again" in redone.out
        repeated = {name: count for name, count in accepted(state).items() if count > 1}
        assert repeated == {"ff-contoso-data": times}
    again = run("resume", rehearsed.run.name, "--only", "data", "--state-dir", str(state))
    assert again.code == 0, again
    assert "skip      data: up to date" in again.out


def settings(arm: Service, group: str) -> dict[str, Json]:
    """App settings of the web app."""
    path = f"{group}/{WEB_APP}/config/appsettings/list?api-version=2025-03-01"
    return as_object(arm.ask("POST", path).body["properties"])


def test_app_settings_that_a_user_has_added_survive_a_later_run_which_reports_their_names(
    rehearsed: Rehearsed, tmp_path: Path
) -> None:
    state = copied(rehearsed.state, tmp_path / "state")
    with azure_between_runs(state) as (arm, group):
        before = settings(arm, group)
        added = {**before, "TEAM_TOKEN": "a-value-of-theirs", "PREFECT_OLD": "1"}
        arm.ask("PUT", f"{group}/{WEB_APP}/config/appsettings?api-version=2025-03-01", {"properties": added})
    delete(state, COMPONENT, "2020-02-02")
    redone = run("resume", rehearsed.run.name, "--only", "controlplane-dev", "--state-dir", str(state))
    assert redone.code == 0, redone
    assert "kept what others have set: app settings of app-ff-contoso-dev" in redone.out
    with azure_between_runs(state) as (arm, group):
        after = settings(arm, group)
    assert after == {**after, **{name: before[name] for name in before if not name.startswith("APPLICATIONINSIGHTS_")}}
    assert after["TEAM_TOKEN"] == MASK, "sent as a secure parameter, which the embedded Azure shows masked"
    assert "PREFECT_OLD" not in after, "FlowForge's own settings follow the answers"
    rest = run("resume", rehearsed.run.name, "--state-dir", str(state))
    assert rest.code == 0, rest
    assert "kept: app settings of app-ff-contoso-dev: TEAM_TOKEN" in rest.out
    assert "a-value-of-theirs" not in redone.out + redone.err + rest.out + rest.err
