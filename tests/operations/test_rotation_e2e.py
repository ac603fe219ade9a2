"""Flow runs keep going through a rotation of the credential of a real Prefect: none is lost, and none runs twice."""

import threading
from pathlib import Path

import pytest

from installer.prefect_setup.payload import drain_settings
from installer.prefect_setup.pools_paused import RECORD
from installer.prefect_setup.rest import ask
from tests.operations.prefect_under_rotation import LONG, quick_estate, rotated
from tests.processes import until

pytestmark = [pytest.mark.e2e, pytest.mark.long]
RUNS = 12
FORCED = "Forced by the test"


def test_no_flow_run_is_lost_while_the_credential_is_rotated(tmp_path: Path) -> None:
    with rotated(tmp_path / "state", quick_estate(tmp_path / "flows")) as prefect:
        found = ask(prefect.api, "GET", "/deployments/name/canary/canary-dev")
        assert found is not None
        assert isinstance(found.body, dict)
        deployment = str(found.body["id"])
        old = prefect.api

        def submit() -> None:
            for number in range(RUNS):
                prefect.submit(deployment, f"run-{number}")

        client = threading.Thread(target=submit)
        client.start()
        until(lambda: any(run["state_type"] != "SCHEDULED" for run in prefect.runs()), "a run is under way", LONG)
        prefect.rotate()
        client.join()
        until(lambda: len(prefect.runs()) == RUNS and not prefect.unfinished(), "all runs have completed", LONG)

        assert sorted(str(run["name"]) for run in prefect.runs()) == sorted(f"run-{number}" for number in range(RUNS))
        for run in prefect.runs():
            assert prefect.history(str(run["id"])).count("Running") == 1, prefect.history(str(run["id"]))
        refused = ask(old, "GET", f"/work_pools/{prefect.pool}")
        assert refused is not None
        assert refused.status == 401
        pool = ask(prefect.api, "GET", f"/work_pools/{prefect.pool}")
        assert pool is not None
        assert isinstance(pool.body, dict)
        assert pool.body["is_paused"] is False


def test_a_run_that_does_not_end_stops_the_rotation_before_anything_changes(tmp_path: Path) -> None:
    with rotated(tmp_path / "state", quick_estate(tmp_path / "flows")) as prefect:
        found = ask(prefect.api, "GET", "/deployments/name/canary/canary-dev")
        assert found is not None
        assert isinstance(found.body, dict)
        made = ask(
            prefect.api,
            "POST",
            f"/deployments/{found.body['id']}/create_flow_run",
            {"state": {"type": "RUNNING", "message": FORCED}, "name": "endless"},
        )
        assert made is not None
        ask(prefect.api, "POST", "/work_pools/", {"name": "theirs", "type": "process", "is_paused": True})
        with pytest.raises(AssertionError, match=r"have not ended within 2 s: endless\. Nothing was changed"):
            prefect.program(drain_settings(2, "one"))
        pools = ask(prefect.api, "POST", "/work_pools/filter", {})
        assert pools is not None
        assert isinstance(pools.body, list)
        paused = {str(one["name"]): one["is_paused"] for one in pools.body if isinstance(one, dict)}
        assert paused == {prefect.pool: False, "theirs": True}
        record = ask(prefect.api, "GET", f"/variables/name/{RECORD}")
        assert record is not None
        assert isinstance(record.body, dict)
        assert record.body["value"] == {"pools": []}
