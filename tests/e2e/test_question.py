"""Without a terminal, a run with a question exits with code 7, shows the question, and prints the command to answer it."""

import signal
import subprocess
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from installer.cli.main import cli
from installer.cloud.errors import AzureRefused
from installer.cloud.graph import Graph
from installer.engine.events import Event
from tests.e2e.conftest import ANSWERS, SPEED, command, environment, leftovers
from tests.processes import until

pytestmark = pytest.mark.e2e
LONG: Final = 150.0
KEY: Final = "sign-on.client-id.dev"
CLIENT: Final = "11111111-2222-3333-4444-555555555555"
STEP: Final = "directory-dev"


def answers(folder: Path) -> Path:
    """The dev answers, with an app registration to be created by the installer."""
    text = (ANSWERS / "dev.yaml").read_text(encoding="utf-8")
    file = folder / "answers.yaml"
    file.write_text(text.replace("method: later\n", "method: secretless\n  registration: new\n"), encoding="utf-8")
    return file


def stopped_at_its_question(folder: Path, state: Path) -> None:
    """A rehearsal without permission to register apps, stopped at its question: the rest need not be deployed."""
    events = folder / "events.jsonl"
    words = command("rehearse", "--answers", str(answers(folder)), "--yes", "--speed", SPEED, "--state-dir", str(state))
    # Any refusal of Graph will do: the account may not change the application.
    refusing = ("--fault", "InvalidAuthenticationTokenTenant:at=PATCH /v1.0/applications*,count=0")
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [*words, *refusing, "--events", str(events)], stdout=out, stderr=out, env=environment()
        )
        until(lambda: events.exists() and f'"key": "{KEY}"' in events.read_text(encoding="utf-8"), "its question", LONG)
        process.send_signal(signal.SIGINT)
        process.wait(LONG)
    until(lambda: not leftovers(state), "everything ends with the installer")


def refused(*_given: object) -> None:
    """Graph's answer to an account without permissions; a fault of a rehearsal ends with its first attempt."""
    raise AzureRefused("Insufficient privileges to complete the operation.", status=403)


def only(state: Path, *more: str) -> Result:
    """Resume only the step with the question, through the command line."""
    return CliRunner().invoke(cli, ["resume", "--only", STEP, "--state-dir", str(state), *more])


def test_a_question_without_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, events = tmp_path / "state", tmp_path / "resumed.jsonl"
    stopped_at_its_question(tmp_path, state)
    monkeypatch.setattr(Graph, "register", refused)
    monkeypatch.delenv("FLOWFORGE_CALLED_AS", raising=False)
    waiting = only(state, "--events", str(events))
    assert waiting.exit_code == 7, waiting.output
    (line,) = waiting.stderr.splitlines()
    assert line.startswith(f"question {KEY}: ")
    hint = f"flowforge-install resume contoso-1 --answer {KEY}=ANSWER"
    assert hint in line
    assert f"Answer it with: {hint}" in waiting.stdout
    emitted = map(Event.from_json, events.read_text(encoding="utf-8").splitlines())
    assert [event.data["key"] for event in emitted if event.kind == "question"] == [KEY]
    monkeypatch.setenv("FLOWFORGE_ANSWER", f"{KEY}={CLIENT} no.such=question")
    answered = only(state)
    assert answered.exit_code == 0, answered.output
    assert f"answer    {STEP}: {KEY}: {CLIENT}" in answered.stdout
    assert "--answer no.such: no step asked this question" in answered.stdout
