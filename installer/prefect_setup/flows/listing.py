"""Lists the deployments of an environment, and runs one of them to its end."""

import time
from collections.abc import Callable
from typing import Final

from installer.errors import PrefectFailed, VerificationFailed
from installer.job_program.changes import Change
from installer.json_access import as_object, as_text, member, objects_of
from installer.jsontypes import Json
from installer.prefect_setup.flows.apply import read_record
from installer.prefect_setup.flows.deployments import DEPLOYMENTS
from installer.prefect_setup.flows.order import RunOrder
from installer.prefect_setup.flows.server import Server

TERMINAL: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
POLL_SECONDS: Final = 0.5
MAX_SECONDS: Final = 1500.0
"""Less than the deadline of the job that runs this program."""
_LAST_LINES: Final = 200
_FAILURE_LINES: Final = 15
_LOG_TRIES: Final = 20
_LAST_WORDS: Final = "Finished in state"
"""Of Prefect's engine at the end of a run (prefect 3.8.8, flow_engine.py)."""


def list_flows(server: Server, environment: str, pool: str) -> dict[str, Json]:
    """The deployments of a work pool with their last run, and the record of the environment. Raises PrefectFailed."""
    record = read_record(server, environment)
    wanted: dict[str, Json] = {"work_pools": {"name": {"any_": [pool]}}, "sort": "NAME_ASC"}
    found = server.every("/deployments/filter", wanted, "the deployments")
    return {
        "deployments": [_row(server, one, record.owns) for one in found],
        "mark": record.mark,
        "image": record.image,
    }


def _row(server: Server, found: dict[str, Json], owns: Callable[[str], bool]) -> Json:
    flow = server.find(f"/flows/{found['flow_id']}", "a flow") or {}
    name = f"{as_text(flow.get('name'))}/{as_text(found.get('name'))}"
    body: Json = {"deployments": {"id": {"any_": [found["id"]]}}, "sort": "EXPECTED_START_TIME_DESC", "limit": 20}
    runs = server.listed("/flow_runs/filter", body, f"the runs of {name}")
    started = next((one for one in runs if one.get("start_time")), {})
    return {
        "name": name,
        "version": found.get("version"),
        "paused": found.get("paused"),
        "schedules": len([one for one in objects_of(found.get("schedules")) if one.get("active")]),
        "managed": owns(f"deployment {name}"),
        "last_state": member(started, "state", "name"),
        "last_start": started.get("start_time"),
    }


def run_flow(
    server: Server, order: RunOrder, emit: Callable[[Change], None], clock: Callable[[], float] = time.monotonic
) -> dict[str, Json]:
    """Run a deployment, follow the run, and return its state with its last log lines.

    Raises:
        PrefectFailed: The deployment does not exist.
        VerificationFailed: The run did not complete.

    """
    deployment = DEPLOYMENTS.id_of(server, order.deployment)
    if not deployment:
        raise PrefectFailed(f"there is no deployment {order.deployment}; flows list shows those that exist")
    wanted: Json = {
        "state": {"type": "SCHEDULED", "message": "Requested by the installer"},
        "parameters": dict(order.parameters),
        "idempotency_key": order.key,
    }
    run = as_object(server.send("POST", f"/deployments/{deployment}/create_flow_run", wanted, order.deployment))
    name, begun, seen = as_text(run.get("name")), clock(), ""
    while as_text(member(run, "state", "type")) not in TERMINAL and clock() - begun < MAX_SECONDS:
        if (now := as_text(member(run, "state", "name"))) != seen:
            seen = now
            emit(Change("progressed", "flow run", name, f"{order.deployment}: {now}"))
        server.pause(POLL_SECONDS)
        run = server.find(f"/flow_runs/{as_text(run['id'])}", f"the flow run {name}") or run
    state = as_object(run.get("state"))
    lines = _log(server, as_text(run["id"]))
    for line in lines:
        emit(Change("progressed", "log", name, as_text(line)))
    if state.get("type") != "COMPLETED":
        reason = as_text(state.get("message")) or "no message"
        text = f"the run {name} of {order.deployment} is {as_text(state.get('name'))}: {reason}"
        raise VerificationFailed("\n".join([text, *map(as_text, lines[-_FAILURE_LINES:])]))
    return {
        "flow_run_id": run["id"],
        "name": name,
        "state": "COMPLETED",
        "seconds": run.get("total_run_time"),
        "log": lines,
    }


def _log(server: Server, run: str) -> list[Json]:
    """The end of the log of a run and its subflows. Prefect sends it in parts, the last one after the end of the run."""
    body: Json = {"flow_runs": {"parent_flow_run_id": {"any_": [run]}}}
    children = server.listed("/flow_runs/filter", body, "its subflows")
    ids: list[Json] = [run, *(one["id"] for one in children)]
    wanted: Json = {"logs": {"flow_run_id": {"any_": ids}}, "sort": "TIMESTAMP_DESC", "limit": _LAST_LINES}
    found: list[dict[str, Json]] = []
    for _ in range(_LOG_TRIES):
        found = server.listed("/logs/filter", wanted, "its log")
        if any(one.get("flow_run_id") == run and as_text(one.get("message")).startswith(_LAST_WORDS) for one in found):
            break
        server.pause(POLL_SECONDS)
    return [as_text(one.get("message")) for one in reversed(found)]
