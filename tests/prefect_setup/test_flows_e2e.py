"""The customer's flows in a real Prefect server: deployed, compared, changed by users, removed, and run."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from installer.errors import PrefectFailed, VerificationFailed
from installer.json_access import as_object, objects_of
from installer.jsontypes import Json
from installer.prefect_setup.flows.apply import read_record
from installer.prefect_setup.flows.listing import list_flows, run_flow
from installer.prefect_setup.flows.order import FlowsOrder, RunOrder
from tests.flow_project.projects import files
from tests.flow_project.test_project import COMPANION, TRIGGERED
from tests.prefect_setup.real_flows import Flows

if TYPE_CHECKING:
    from installer.job_program.changes import Change

pytestmark = pytest.mark.e2e
PARTS = {"name: heavy": "name: light", "limit: 3": "limit: 4"}


def test_deployed_twice_nothing_changes_and_a_diff_writes_nothing(flows: Flows) -> None:
    project = flows.project()
    result, lines = flows.work(flows.order(project, "diff"))
    assert set(lines.values()) == {"create"}
    assert flows.server.find("/variables/name/orders_dev", "variable") is None
    result, lines = flows.work(flows.order(project))
    assert lines.pop("work queue flowforge-dev/flowforge") == "unchanged"
    assert set(lines.values()) == {"created"}
    assert result["changes"] == len(lines) == 7
    again, lines = flows.work(flows.order(project))
    assert (again["changes"], set(lines.values())) == (0, {"unchanged"})
    diff, lines = flows.work(flows.order(project, "diff"))
    assert (diff["changes"], diff["files"], lines) == (0, "", {})
    record = read_record(flows.server, "dev")
    assert (record.mark, record.image) == (project.mark, "registry/flows@sha256:1")


def test_changed_files_change_their_objects_and_removed_ones_are_removed(flows: Flows) -> None:
    flows.work(flows.order(flows.project()))
    text = COMPANION
    for before, after in PARTS.items():
        text = text.replace(before, after)
    text = text.partition("automations:")[0]
    again = files(**{"flowforge.yaml": text.replace("container_name: archive", "container_name: cold")})
    again["prefect.yaml"] = again["prefect.yaml"].replace("0 3 * * *", "0 4 * * *") + "    concurrency_limit: 2\n"
    _, lines = flows.work(flows.order(flows.project(**again)))
    assert {key: doing for key, doing in lines.items() if doing != "unchanged"} == {
        "block azure-blob-storage-container/archive": "updated",
        "concurrency limit warehouse": "updated",
        "work queue flowforge-dev/light": "created",
        "deployment load-orders/nightly": "updated",
        "schedule load-orders/nightly#schedule-1": "updated",
        "automation repeat": "removed",
        "work queue flowforge-dev/heavy": "removed",
    }
    found = flows.server.find("/deployments/name/load-orders/nightly", "deployment") or {}
    assert as_object(found["global_concurrency_limit"])["limit"] == 2
    assert flows.server.find("/work_pools/flowforge-dev/queues/heavy", "queue") is None
    # The queue that the installer registers was only used: it is not removed with the deployments.
    flows.work(FlowsOrder("dev", "apply", "", ()))
    assert flows.server.find("/work_pools/flowforge-dev/queues/flowforge", "queue") is not None
    assert flows.server.find("/deployments/name/load-orders/nightly", "deployment") is None


def test_what_a_user_made_or_changed_is_kept_and_reported_until_it_is_taken(flows: Flows) -> None:
    flows.server.send("POST", "/variables/", {"name": "orders_dev", "value": "theirs"}, "variable")
    project = flows.project()
    result, lines = flows.work(flows.order(project))
    assert (lines["variable orders_dev"], result["kept"]) == ("kept", 1)
    schedule = as_object((flows.server.find("/deployments/name/load-orders/nightly", "d") or {})["schedules"][0])  # type: ignore[index]
    path = f"/deployments/{schedule['deployment_id']}/schedules/{schedule['id']}"
    flows.server.send("PATCH", path, {"active": False}, "a user pauses the schedule")
    flows.server.send("PATCH", "/v2/concurrency_limits/warehouse", {"limit": 9}, "a user changes the limit")
    _, lines = flows.work(flows.order(project))
    kept = {key for key, doing in lines.items() if doing == "kept"}
    assert kept == {"variable orders_dev", "concurrency limit warehouse", "schedule load-orders/nightly#schedule-1"}
    text = "\n".join(part for part in COMPANION.partition("global_concurrency_limits")[:1])
    _, lines = flows.work(flows.order(flows.project(**files(**{"flowforge.yaml": text}))))
    assert (lines["concurrency limit warehouse"], lines["automation repeat"]) == ("kept", "removed")
    taken = flows.order(flows.project(), take=("variable orders_dev", "concurrency limit warehouse"))
    _, lines = flows.work(taken)
    assert (lines["variable orders_dev"], lines["concurrency limit warehouse"]) == ("updated", "updated")
    assert (flows.server.find("/variables/name/orders_dev", "variable") or {})["value"] == {"region": "north"}


def found_id(flows: Flows) -> str:
    return str((flows.server.find("/deployments/name/load-orders/nightly", "deployment") or {})["id"])


def test_triggers_of_a_deployment_are_automations_that_stay_the_same(flows: Flows) -> None:
    project = flows.project(**files(TRIGGERED))
    _, lines = flows.work(flows.order(project))
    assert {key for key, doing in lines.items() if doing == "created"} >= {
        "automation nightly__automation_1",
        "automation both",
    }
    flows.server.send("PATCH", f"/deployments/{found_id(flows)}", {"paused": True}, "a user pauses the deployment")
    _, lines = flows.work(flows.order(project))
    assert set(lines.values()) == {"unchanged"}
    _, lines = flows.work(flows.order(flows.project(**files())))
    assert (flows.server.find(f"/deployments/{found_id(flows)}", "deployment") or {})["paused"] is True
    assert (lines["automation both"], lines["deployment load-orders/nightly"]) == ("removed", "updated")


def test_a_deployment_that_was_interrupted_still_owns_its_objects(
    flows: Flows, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = flows.order(flows.project())
    sent = flows.server.send

    def failing(method: object, path: str, *rest: object) -> Json:
        if path == "/automations/":
            raise PrefectFailed("killed")
        return sent(method, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(flows.server, "send", failing)
    with pytest.raises(PrefectFailed, match="killed"):
        flows.work(order)
    monkeypatch.undo()
    _, lines = flows.work(order)
    assert lines["automation repeat"] == "created"
    assert set(lines.values()) == {"created", "unchanged"}
    _, lines = flows.work(FlowsOrder("dev", "apply", "", ()))
    assert set(lines.values()) == {"removed"}
    assert len(lines) == 7


def test_the_program_reads_parameters_in_the_image_and_reports_code_that_cannot_be_imported(
    flows: Flows,
) -> None:
    many = "".join(f"  - {{name: region_{number}, value: north}}\n" for number in range(150))
    text = COMPANION.replace("variables:\n", f"variables:\n{many}")
    lines = flows.program(
        replace(flows.order(flows.project(**files(**{"flowforge.yaml": text}))), project=str(flows.where))
    )
    assert as_object(lines[-1]["result"])["changes"] == 157
    found = flows.server.find("/deployments/name/load-orders/nightly", "deployment") or {}
    schema = as_object(as_object(as_object(found["parameter_openapi_schema"])["properties"])["day"])
    assert schema["default"] == "today"
    (row,) = objects_of(list_flows(flows.server, "dev", "flowforge-dev")["deployments"])
    assert row["managed"] is True
    broken = files(**{"flows.py": files()["flows.py"] + "\nraise RuntimeError('not in this image')\n"})
    (said,) = flows.program(replace(flows.order(flows.project(**broken)), project=str(flows.where)))
    assert "flows.py: cannot be imported: " in str(said["error"])
    assert "not in this image" in str(said["error"])
    missing = files(**{"flows.py": "import their_package\n" + files()["flows.py"]})
    order = replace(flows.order(flows.project(**missing)), project=str(flows.where))
    (said,) = flows.program(order)
    assert "No module named 'their_package'" in str(said["error"])
    assert "result" in flows.program(replace(order, assumes_packages=True))[-1]


def test_a_run_is_followed_to_its_end_once_for_the_same_key(flows: Flows) -> None:
    flows.work(flows.order(flows.project()))
    changes: list[Change] = []

    def run(key: str, state: str) -> dict[str, Json]:
        def work(_seconds: float) -> None:
            """A worker in place of a pause."""
            body: Json = {"flow_runs": {"idempotency_key": {"any_": [key]}}}
            (found,) = objects_of(flows.server.send("POST", "/flow_runs/filter", body, "run"))
            log: Json = {
                "name": "flow",
                "level": 20,
                "message": "Finished in state",
                "timestamp": "2026-01-01T00:00:00Z",
                "flow_run_id": found["id"],
            }
            flows.server.send("POST", "/logs/", [log], "log")
            wanted: Json = {"state": {"type": state, "message": "by the test"}, "force": True}
            flows.server.send("POST", f"/flow_runs/{found['id']}/set_state", wanted, "state")

        order = RunOrder("load-orders/nightly", key, {"day": "monday"})
        return run_flow(replace(flows.server, pause=work), order, changes.append)

    done = run("first", "COMPLETED")
    assert (done["state"], done["log"]) == ("COMPLETED", ["Finished in state"])
    assert changes[0].text == "load-orders/nightly: Scheduled"
    assert run("first", "FAILED")["flow_run_id"] == done["flow_run_id"]
    found = flows.server.find(f"/flow_runs/{done['flow_run_id']}", "run") or {}
    assert found["parameters"] == {"day": "monday"}
    with pytest.raises(VerificationFailed, match=r"(?s)is Failed: by the test.*Finished in state"):
        run("second", "FAILED")
    with pytest.raises(PrefectFailed, match="there is no deployment load-orders/other"):
        run_flow(flows.server, RunOrder("load-orders/other", "key"), changes.append)
