"""A run without a terminal that has a question ends with exit code 7, names the question, and is answered by the command it prints."""

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
    """The dev answers, with a registration that the installer shall make."""
    text = (ANSWERS / "dev.yaml").read_text(encoding="utf-8")
    file = folder / "answers.yaml"
    file.write_text(text.replace("method: later\n", "method: secretless\n  registration: new\n"), encoding="utf-8")
    return file


def stopped_at_its_question(folder: Path, state: Path) -> None:
    """A rehearsal in a directory that lets nobody register apps, stopped once it has asked: the rest need not be built."""
    events = folder / "events.jsonl"
    words = command("rehearse", "--answers", str(answers(folder)), "--yes", "--speed", SPEED, "--state-dir", str(state))
    # A refusal of Graph, which is as good as any: the account may not change what is there.
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
    """As Graph answers an account without rights; the fault of a rehearsal ends with its first sitting."""
    raise AzureRefused("Insufficient privileges to complete the operation.", status=403)


def only(state: Path, *more: str) -> Result:
    """The step that asks, alone, as the command does it."""
    return CliRunner().invoke(cli, ["resume", "--only", STEP, "--state-dir", str(state), *more])


def test_a_question_that_nobody_is_there_to_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, events = tmp_path / "state", tmp_path / "resumed.jsonl"
    stopped_at_its_question(tmp_path, state)
    monkeypatch.setattr(Graph, "register", refused)
    monkeypatch.delenv("FLOWFORGE_CALLED_AS", raising=False)
    waiting = only(state, "--events", str(events))
    assert waiting.exit_code == 7, waiting.output
    (told,) = waiting.stderr.splitlines()
    assert told.startswith(f"question {KEY}: ")
    asked = f"flowforge-install resume contoso-1 --answer {KEY}=ANSWER"
    assert asked in told
    assert f"Answer it with: {asked}" in waiting.stdout
    heard = map(Event.from_json, events.read_text(encoding="utf-8").splitlines())
    assert [event.data["key"] for event in heard if event.kind == "question"] == [KEY]
    monkeypatch.setenv("FLOWFORGE_ANSWER", f"{KEY}={CLIENT} no.such=question")
    answered = only(state)
    assert answered.exit_code == 0, answered.output
    assert f"answer    {STEP}: {KEY}: {CLIENT}" in answered.stdout
    assert "--answer no.such: no step asked this question" in answered.stdout
