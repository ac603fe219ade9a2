"""The schedule of a fleet is that of a deployment in a real Prefect, whose scheduled runs the waiting program carries out."""

import json
import signal
import subprocess
import sys
from functools import partial

from installer.fleet.order import FLEET_FLOW, Order
from installer.jsontypes import Json
from installer.prefect_setup.rest import ask, request_with_retries
from tests.bicep.stage_requests import at
from tests.fleet.sample_fleet import alone
from tests.fleet.scripted_members import Scripted
from tests.processes import pause, until

LONG = 180.0


def deployment(scripted: Scripted) -> Json:
    """The deployment of the fleet, None before it exists."""
    answer = ask(scripted.api, "GET", f"/deployments/name/{FLEET_FLOW}/{scripted.name}")
    return answer.body if answer is not None and answer.status == 200 else None


def state_of(scripted: Scripted, flow_run: Json) -> Json:
    body = request_with_retries(scripted.api, "GET", f"/flow_runs/{at(flow_run, 'id')}", what="flow run", pause=pause)
    return at(body, "state")


def ended(scripted: Scripted, flow_run: Json) -> bool:
    return at(state_of(scripted, flow_run), "type") in ("COMPLETED", "FAILED", "CRASHED")


def test_a_run_that_prefect_schedules_applies_the_fleet(scripted: Scripted) -> None:
    file = scripted.write(alone("aa"))
    assert scripted.states() == {"aa": "done"}
    order = Order(str(file), str(scripted.folder), rehearse=True).as_json()
    timed = {"order": order, "name": scripted.name, "cron": "0 3 * * 6", "timezone": "Europe/Berlin"}
    command = [sys.executable, "-m", "installer.fleet", json.dumps(timed)]
    with subprocess.Popen(command, env=scripted.environment(), stderr=subprocess.DEVNULL) as program:
        try:
            until(lambda: deployment(scripted) is not None, "the deployment exists", LONG)
            found = deployment(scripted)
            schedule = at(found, "schedules", 0)
            assert at(schedule, "active") is True
            assert (at(schedule, "schedule", "cron"), at(schedule, "schedule", "timezone")) == (
                "0 3 * * 6",
                "Europe/Berlin",
            )
            path = f"/deployments/{at(found, 'id')}/create_flow_run"
            due = request_with_retries(scripted.api, "POST", path, {}, what="a run that is due now", pause=pause)
            until(partial(ended, scripted, due), "the run has ended", LONG)
            assert at(state_of(scripted, due), "message") == "1 member done"
            assert scripted.attempts("aa") == 1  # it was done before
        finally:
            program.send_signal(signal.SIGINT)
            try:
                program.wait(LONG)
            finally:
                program.kill()  # one that ignores the signal must not keep the test waiting
    assert at(deployment(scripted), "schedules", 0, "active") is False  # no process would carry out its runs
