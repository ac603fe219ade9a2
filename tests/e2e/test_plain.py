"""The wizard line by line, through a pipe, on the embedded Azure; and that a secret is nowhere afterwards."""

from pathlib import Path

import pytest

from installer.answers.draft import Draft
from installer.answers.files import dump, load
from installer.answers.model import PAGES
from installer.parameters import stages
from tests.e2e.conftest import ANSWERS, SPEED, run, sent

pytestmark = pytest.mark.e2e
CANARY = "canary-3f1c9d-secret"


def script(draft: Draft) -> str:
    """What somebody types who gives these answers: a line for every question, then yes."""
    lines = [q.text(draft.value(q.key)) for page in PAGES for q in draft.questions(page)]
    return "\n".join([*lines, "yes", ""])


def test_the_whole_flow_through_a_pipe(tmp_path: Path) -> None:
    loaded = load(ANSWERS / "dev.yaml")
    first = loaded.answers.subscription
    seeded = ("--answers", str(ANSWERS / "dev.yaml"))
    state = tmp_path / "state"
    ended = run("rehearse", *seeded, "--speed", SPEED, "--state-dir", str(state), stdin=script(loaded.draft))
    assert ended.code == 0, ended
    assert "REHEARSAL" in ended.out
    assert "Prefect run in dev COMPLETED" in ended.out
    exported = load(state / "runs" / f"{first.prefix}-1" / "answers.yaml")
    assert dump(exported.draft, explicit=True) == dump(Draft.of(loaded.answers), explicit=True)


def test_a_secret_is_nowhere(tmp_path: Path) -> None:
    answers = (ANSWERS / "dev.yaml").read_text(encoding="utf-8")
    sign_on = "method: secret\n  client_id: 11111111-2222-3333-4444-555555555555\n  client_secret: env:CANARY\n"
    file = tmp_path / "answers.yaml"
    file.write_text(answers.replace("method: later\n", sign_on), encoding="utf-8")
    state, events = tmp_path / "state", tmp_path / "events.jsonl"
    arguments = ("rehearse", "--answers", str(file), "--yes", "--speed", SPEED, "--state-dir", str(state))
    ended = run(*arguments, "--events", str(events), "--verbose", more={"CANARY": CANARY})
    assert ended.code == 0, ended
    assert CANARY not in ended.out + ended.err
    places = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(places) > 10
    assert [path for path in places if CANARY.encode() in path.read_bytes()] == []
    assert set(sent(state)) == {spec.deployment_name for spec in stages(load(file).answers)}


def test_a_secret_that_is_not_there_is_missed_before_anything_begins(tmp_path: Path) -> None:
    answers = (ANSWERS / "dev.yaml").read_text(encoding="utf-8")
    sign_on = "method: secret\n  client_id: 11111111-2222-3333-4444-555555555555\n  client_secret: env:NOT_SET\n"
    file = tmp_path / "answers.yaml"
    file.write_text(answers.replace("method: later\n", sign_on), encoding="utf-8")
    ended = run("rehearse", "--answers", str(file), "--yes", "--state-dir", str(tmp_path / "state"))
    assert ended.code == 2
    assert "env:NOT_SET" in ended.err
    assert not (tmp_path / "state" / "runs").exists()
