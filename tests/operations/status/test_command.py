"""The command status: its output, its exit codes, and requests that are refused before Azure is asked."""

import json
from pathlib import Path

import pytest

from installer.cli.commands.status import status
from installer.errors import UsageError
from tests.operations.doctor.in_this_process import InThisProcess
from tests.operations.status.changes_of_others import stop


def test_a_right_installation_ends_with_0_and_a_problem_with_6_and_a_hint(
    session: InThisProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status({}, None, "") == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("contoso, run contoso-1\n")
    assert shown.out.splitlines()[-1].startswith("0 broken, 0 need attention")
    assert "doctor" not in shown.err
    stop("/aks-ff-contoso-dev")(session.seen)
    assert status({}, "contoso-1", "dev") == 6
    shown = capsys.readouterr()
    assert "  ✗ aks-ff-contoso-dev: Kubernetes service: Stopped\n      → start it\n" in shown.out
    assert shown.err.splitlines()[-1] == "flowforge-install doctor contoso-1 offers resolutions"


def test_json_is_one_object_on_standard_output(session: InThisProcess, capsys: pytest.CaptureFixture[str]) -> None:
    stop("/pg-ff-contoso")(session.seen)
    assert status({"output": "json"}, None, "") == 6
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["kind"], found["state"], found["counts"]["broken"]) == ("status", "broken", 1)


def test_an_unknown_environment_and_a_machine_without_runs_are_refused(session: InThisProcess, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--env qa: the installation has dev"):
        status({}, None, "qa")
    assert session.seen.arm.service.sent == []
    session.state = type(session.state).at(str(tmp_path / "empty"))
    with pytest.raises(UsageError, match="no run exists yet"):
        status({}, None, "")
