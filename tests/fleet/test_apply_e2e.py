"""A fleet on a real Prefect server: waves, stop rule, limits, retries, history. The commands of its members are scripted."""

import json

import pytest

from installer.cli.commands.fleet_status import status
from installer.fleet.history import newest_of
from installer.fleet.order import MEMBER_FLOW, fleet_tag, member_tag
from installer.jsontypes import Json
from installer.prefect_setup.rest import request_with_retries
from tests.bicep.stage_requests import at
from tests.fleet.sample_fleet import alone, member
from tests.fleet.scripted_members import Scripted
from tests.processes import pause

CANARY = "waves: [{name: canary, members: [aa]}, {percent: 50}]\nconcurrency: {tenant: 9}\n"


def test_one_failed_member_stops_no_other_of_its_wave(scripted: Scripted) -> None:
    scripted.write(*map(alone, ("aa", "bb", "cc", "dd")), more=CANARY + "max_failed: 1\n", codes={"bb": [4]})
    lines = scripted.apply()
    ended = [(one["member"], one["wave"], one["state"], one["reason"]) for one in lines if one.get("event") == "ended"]
    assert ended[0] == ("aa", "canary", "done", "")
    assert sorted(ended[1:]) == [
        ("bb", "wave-2", "failed", "bb has no quota"),
        ("cc", "wave-2", "done", ""),
        ("dd", "rest", "done", ""),
    ]
    assert ended[-1][0] == "dd"
    result = lines[-1]["result"]
    assert (at(result, "state"), at(result, "message")) == ("Failed", "1 of 4 members failed: bb")
    runs = scripted.history(("aa", "bb", "cc", "dd"))
    assert {name: run.label for name, run in runs.items()} == {
        **dict.fromkeys(("aa", "cc", "dd"), "Completed"),
        "bb": "Failed",
    }
    assert (runs["bb"].message, runs["bb"].name) == ("bb has no quota", f"{scripted.name}/bb")


def test_a_failed_canary_stops_the_fleet_and_the_next_call_repeats_what_is_not_done(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    two = "waves: [{name: canary, members: [aa, bb, dd]}]\nconcurrency: {tenant: 9}\n"
    names = ("aa", "bb", "cc", "dd")
    file = scripted.write(*map(alone, names), more=two, codes={"bb": [4, 0]})
    assert scripted.states() == {"aa": "done", "bb": "failed", "dd": "done", "cc": "not started"}
    for name, value in scripted.environment().items():
        monkeypatch.setenv(name, value)
    assert status({}, file, rehearse=True) == 6
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[:3] for line in lines[1:5]] == [
        ["aa", "done", lines[1][2]],
        ["bb", "failed", lines[2][2]],
        ["cc", "not", "run"],
        ["dd", "done", lines[4][2]],
    ]
    assert lines[2][-4:] == ["bb", "has", "no", "quota"]
    assert status({"output": "json"}, file, rehearse=False) == 6
    found = json.loads(capsys.readouterr().out)
    assert {row["state"] for row in found["members"]} == {"not run"}  # a rehearsal is no installation

    other = {"subscription.region": "westeurope"}
    scripted.write(*map(alone, names[:3]), member("dd", overrides=other), more=two, codes={"bb": [4, 0]})
    assert status({"output": "json"}, file, rehearse=True) == 6
    assert json.loads(capsys.readouterr().out)["members"][3]["state"] == "answers changed"
    assert scripted.states() == {"aa": "done before", "bb": "done", "dd": "done", "cc": "done"}
    assert [scripted.attempts(name) for name in names] == [1, 2, 1, 2]
    assert status({}, file, rehearse=True) == 0
    assert set(scripted.states(again=True).values()) == {"done"}
    assert [scripted.attempts(name) for name in names] == [2, 3, 2, 3]


def test_retries_are_for_failures_that_another_attempt_can_cure(scripted: Scripted) -> None:
    more = "retries: {count: 2, delay: 0}\nmax_failed: 3\nconcurrency: {tenant: 9}\n"
    codes = {"aa": [4, 0], "bb": [2], "cc": [3], "dd": [4]}
    scripted.write(*map(alone, ("aa", "bb", "cc", "dd")), more=more, codes=codes)
    assert scripted.states() == {"aa": "done", **dict.fromkeys(("bb", "cc", "dd"), "failed")}
    assert [scripted.attempts(name) for name in ("aa", "bb", "cc", "dd")] == [2, 1, 1, 3]


def test_members_of_one_subscription_or_tenant_wait_for_each_other(scripted: Scripted) -> None:
    elsewhere = {"subscription.subscription": "4f2c8a5e-1b39-4d0c-8c55-0d2f6a779999"}
    third = {"subscription.subscription": "4f2c8a5e-1b39-4d0c-8c55-0d2f6a779998"}
    members = (member("aa"), member("bb"), member("cc", overrides=elsewhere), member("dd", tenant=1, overrides=third))
    scripted.write(*members, more="concurrency: {fleet: 4, tenant: 1, subscription: 1}\n")
    (scripted.folder / "meeting").write_text("2", encoding="utf-8")  # dd and one of the others wait for each other
    assert set(scripted.states().values()) == {"done"}
    together = scripted.together()
    assert len(together) == 4
    assert all(len(set(names) - {"dd"}) <= 1 for names in together)
    assert any(len(names) == 2 for names in together)


def test_a_run_whose_process_was_killed_is_marked_and_repeated(scripted: Scripted) -> None:
    scripted.write(member("aa"))
    flow = request_with_retries(scripted.api, "POST", "/flows/", {"name": MEMBER_FLOW}, what="flow", pause=pause)
    tags = [fleet_tag(scripted.name, rehearse=True), member_tag("aa")]
    running: Json = {"flow_id": at(flow, "id"), "tags": list[Json](tags), "state": {"type": "RUNNING"}}
    lost = request_with_retries(scripted.api, "POST", "/flow_runs/", running, what="flow run", pause=pause)
    before = newest_of(scripted.api, scripted.name, "aa", rehearse=True)
    assert before is not None
    assert before.state == "RUNNING"
    assert scripted.states() == {"aa": "done"}
    found = request_with_retries(scripted.api, "GET", f"/flow_runs/{at(lost, 'id')}", what="flow run", pause=pause)
    assert at(found, "state", "type") == "CRASHED"
