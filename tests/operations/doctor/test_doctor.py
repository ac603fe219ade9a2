"""Doctor: a problem of the embedded Azure is named, its resolution removes it, and without a choice nothing is written."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from installer.cli.commands import doctor as command
from installer.errors import UsageError
from installer.operations.doctor.choices import Choice, work_of
from installer.operations.status.model import Line, Way
from installer.operations.status.workloads import WORKLOADS
from tests.operations.doctor.in_this_process import InThisProcess
from tests.operations.status.changes_of_others import deleted, failed, secret_ends, stop, tagged
from tests.operations.status.observed_estate import Seen


def report(session: InThisProcess, capsys: pytest.CaptureFixture[str], *fixes: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON object of the command."""
    capsys.readouterr()
    code = command.doctor({"output": "json"}, None, "", fixes)
    session.end_run()
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def test_without_a_problem_there_is_nothing_to_choose(
    session: InThisProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.doctor({}, None, "", ()) == 0
    assert capsys.readouterr().out.strip() == "no problem"
    assert report(session, capsys)[1]["problems"] == []


BY_RUN: Final = {
    "tag of others": (tagged, "drift/runtime-dev", {"runtime-dev"}),
    "deleted by others": (deleted, "drift/observability", {"observability"}),
    "failed": (failed, "health/kv-ff-contoso-dev", {"foundation"}),
}
"""Problems that a new run of the same answers removes, with the stages that it deploys."""


@pytest.mark.parametrize("name", list(BY_RUN))
def test_a_new_run_removes_what_its_stages_own(
    session: InThisProcess, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    change, key, deploys = BY_RUN[name]
    change(session.seen)
    before = session.seen.contents()
    code, named = report(session, capsys)
    (problem,) = named["problems"]
    assert (code, problem["key"]) == (6, key)
    assert problem["resolutions"][0]["action"] == "apply"
    assert session.seen.contents() == before
    code, gone = report(session, capsys, key)
    assert (code, gone["fixed"], gone["problems"]) == (0, [key], [])
    assert gone["run"] == "contoso-2"
    assert set(session.deployed) == deploys


def test_commands_for_the_customer_start_what_was_stopped(
    session: InThisProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("/aks-ff-contoso-dev", "/pg-ff-contoso", "/sites/app-ff-contoso-dev"):
        stop(part)(session.seen)
    problems = report(session, capsys)[1]["problems"]
    assert [one["key"] for one in problems] == [
        f"workloads/{name}" for name in ("pg-ff-contoso", "aks-ff-contoso-dev", "app-ff-contoso-dev")
    ]
    with pytest.raises(UsageError, match="the installer has no action for it; start it: az "):
        command.doctor({}, None, "", (problems[0]["key"],))
    for one in problems:
        (way,) = one["resolutions"]
        assert way["action"] == "by hand"
        session.az(way["command"])
    code, left = report(session, capsys)
    assert (code, left["problems"]) == (0, [])


def test_a_stopped_container_app_is_started_by_its_command(on_apps: Seen, tmp_path: Path) -> None:
    app = on_apps.find("/containerapps/ca-contoso-prod-web")
    on_apps.ask("POST", f"{app}/stop?api-version=2025-07-01")
    line = on_apps.lines(WORKLOADS)["workloads/ca-contoso-prod-web"]
    InThisProcess(tmp_path, on_apps).az(line.ways[0].command)
    assert {one.state for one in on_apps.lines(WORKLOADS).values()} == {"ok"}


def test_a_rotation_removes_the_end_of_a_secret(session: InThisProcess, capsys: pytest.CaptureFixture[str]) -> None:
    secret_ends(3.5)(session.seen)
    (problem,) = report(session, capsys)[1]["problems"]
    assert problem["resolutions"][0]["command"].endswith("rotate prefect-auth --env dev --run contoso-1")
    code, gone = report(session, capsys, problem["key"])
    assert (code, gone["fixed"]) == (0, ["expiry/dev-prefect-auth"])


def test_choices_on_a_terminal_are_made_by_number_and_an_empty_answer_leaves_a_problem(
    session: InThisProcess, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop("/aks-ff-contoso-dev")(session.seen)
    tagged(session.seen)
    monkeypatch.setattr(command, "attended", lambda: True)
    typed = iter(["", "7", "1"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(typed))
    assert command.doctor({}, None, "", ()) == 6
    shown = capsys.readouterr().out
    assert "1. ✗ aks-ff-contoso-dev: Kubernetes service: Stopped" in shown
    assert "   1) start it" in shown
    assert "accepted: 1" in shown
    assert "✓ Runtime · dev: this problem is gone (drift/runtime-dev)" in shown
    assert session.deployed == ["runtime-dev"]


def test_without_a_terminal_or_a_choice_nothing_is_written(
    session: InThisProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    tagged(session.seen)
    before = session.seen.contents()
    assert command.doctor({}, None, "", ()) == 6
    assert "doctor contoso-1 --fix drift/runtime-dev" in capsys.readouterr().out
    assert session.seen.contents() == before
    assert session.deployed == []


def test_every_wrong_choice_is_refused_at_once(session: InThisProcess) -> None:
    tagged(session.seen)
    with pytest.raises(UsageError) as refused:
        command.doctor({}, None, "", ("drift/qa", "drift/runtime-dev=2"))
    assert str(refused.value).splitlines() == [
        "--fix drift/qa: no such problem; the problems are drift/runtime-dev",
        "--fix drift/runtime-dev=2: accepted: drift/runtime-dev=1 to drift/runtime-dev=1",
    ]
    assert session.deployed == []


def test_the_work_of_several_choices_is_one_run() -> None:
    lines = [Line(f"q/{number}", "s", "broken", "t") for number in range(4)]
    ways = [
        Way("a", "apply", ("data",)),
        Way("b", "apply"),
        Way("c", "rotate", ("sign-on", "dev")),
        Way("d", command="az x"),
    ]
    work = work_of([Choice(line, way) for line, way in zip(lines, ways, strict=True)])
    assert (work.applies, work.stages, work.resumes) == (True, frozenset({"data"}), False)
    assert work.rotations == (("sign-on", "dev"),)
    assert [one.line.key for one in work.by_hand] == ["q/3"]
