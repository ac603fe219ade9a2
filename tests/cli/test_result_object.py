"""With `--output json` the last line of a run is its result as an object."""

import json
from pathlib import Path
from typing import Any

import pytest

from installer.cli.commands.run import follow_to_end
from installer.engine.step import Context, Outputs, Question
from tests.engine.scripted_steps import Scripted
from tests.runs.test_run import LOADED, building, failing, new


def asks(context: Context) -> Outputs:
    return {"answer": context.ask(Question(context.step, "Where?", form="text"))}


def gives(_context: Context) -> Outputs:
    return {"vault": "kv-ff-contoso-dev"}


def last(folder: Path, capsys: pytest.CaptureFixture[str], *steps: Scripted) -> tuple[int, dict[str, Any]]:
    """Exit code and last line of a run; all lines are objects with a kind."""
    run = new(folder)
    run.start(building(*steps))
    code = follow_to_end({"output": "json"}, run)
    run.close()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(line["kind"] for line in lines)
    assert [line["kind"] for line in lines].count("result") == 1
    return code, lines[-1]


def test_of_a_complete_installation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = last(tmp_path / "contoso-1", capsys, Scripted("a", does=gives), Scripted("b", ("a",)))
    assert (code, found["kind"], found["state"], found["exitCode"]) == (0, "result", "succeeded", 0)
    assert (found["run"], found["rehearsal"], found["outputs"]) == (
        "contoso-1",
        True,
        {"a": {"vault": "kv-ff-contoso-dev"}},
    )
    assert found["addresses"] == {"FlowForge · dev": "https://app-ff-contoso-dev.azurewebsites.net"}
    assert isinstance(found["resources"], int)
    assert found["resources"] > 50
    assert any(str(line).startswith("Sign-on: ") for line in found["left"])
    assert found["answers"] == str(tmp_path / "contoso-1" / "answers.yaml")
    assert "resume" not in found
    assert LOADED.answers.sign_on.method == "later"


def test_of_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = last(tmp_path / "contoso-1", capsys, Scripted("a", does=failing), Scripted("b", ("a",)))
    assert (code, found["state"], found["exitCode"]) == (4, "failed", 4)
    assert found["failures"] == [{"step": "a", "state": "failed", "message": "no quota"}]
    assert found["blocked"] == {"b": ["a"]}
    assert found["resume"] == "flowforge-install resume contoso-1"
    assert "resources" not in found


def test_of_a_run_that_waits_for_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = last(tmp_path / "contoso-1", capsys, Scripted("a", does=asks))
    (failure,) = found["failures"]
    assert code == 7
    assert {**failure, "message": ""} == {"step": "a", "state": "waiting", "message": "", "question": "a"}
