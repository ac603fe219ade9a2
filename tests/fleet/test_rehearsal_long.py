"""A fleet of rehearsals on a real Prefect server: the poisoned member fails alone, and the next call repeats only it.

A command that was killed leaves no process behind, and its members are resumed.
"""

import json
import subprocess

import pytest

from tests.e2e.conftest import command, environment, leftovers, run
from tests.fleet.sample_fleet import alone
from tests.fleet.scripted_members import Scripted
from tests.processes import until

PREFECT = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_HOME")


@pytest.mark.long
def test_one_poisoned_member_fails_alone(scripted: Scripted) -> None:
    file = scripted.write(*map(alone, ("aa", "bb", "cc")), more="concurrency: {tenant: 3}\nmax_failed: 1\n")
    prefect = {name: value for name, value in scripted.environment().items() if name in PREFECT}
    words = ("fleet", "apply", str(file), "--rehearse", "--speed", "600", "--output", "json")
    state = ("--state-dir", str(scripted.folder / "state"))
    first = run(*words, *state, "--fault", "bb=LocationIsOfferRestricted", more=prefect)
    result = json.loads(first.out.splitlines()[-1])
    assert (first.code, result["kind"], result["exitCode"]) == (4, "fleet-result", 4)
    assert {row["member"]: row["state"] for row in result["members"]} == {"aa": "done", "bb": "failed", "cc": "done"}
    (reason,) = [row["reason"] for row in result["members"] if row["reason"]]
    assert "PostgreSQL" in reason
    assert result["memoryMegabytes"]["fleet"] > 0
    assert "Traceback" not in first.err
    second = run(*words, *state, more=prefect)
    result = json.loads(second.out.splitlines()[-1])
    assert second.code == 0
    assert [row["state"] for row in result["members"]] == ["done before", "done", "done before"]


@pytest.mark.long
def test_members_of_a_killed_command_are_resumed(scripted: Scripted) -> None:
    file = scripted.write(alone("aa"))
    prefect = {name: value for name, value in scripted.environment().items() if name in PREFECT}
    state = scripted.folder / "state"
    words = ("fleet", "apply", str(file), "--rehearse", "--speed", "600", "--output", "json", "--state-dir", str(state))
    runs = scripted.folder / "state" / "fleets" / scripted.name / "aa" / "runs"
    with subprocess.Popen(command(*words), env=environment(prefect), stdout=subprocess.DEVNULL) as killed:
        until((runs / "aa-1" / "answers.yaml").exists, "the run of the member has begun", 180.0)
        killed.kill()
    until(lambda: not leftovers(state), "nothing outlives the command", 120.0)
    again = run(*words, more=prefect)
    lines = [json.loads(line) for line in again.out.splitlines()]
    assert again.code == 0
    assert (lines[0]["event"], lines[0]["resumes"]) == ("started", "aa-1")
    assert [row["state"] for row in lines[-1]["members"]] == ["done"]
    assert [one.name for one in runs.iterdir()] == ["aa-1"]
