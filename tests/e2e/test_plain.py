"""The wizard line by line, through a pipe, on the embedded Azure."""

from pathlib import Path

import pytest

from installer.answers.draft import Draft
from installer.answers.files import dump, load
from tests.e2e.conftest import ANSWERS, SPEED, Rehearsed, run, sent

pytestmark = pytest.mark.e2e


def test_the_whole_flow_through_a_pipe_with_exported_answers_sends_the_same_parameters(
    rehearsed: Rehearsed, tmp_path: Path
) -> None:
    exported = tmp_path / "exported.yaml"
    assert run("export", "-o", str(exported), "--state-dir", str(rehearsed.state)).code == 0
    loaded, state = load(exported), tmp_path / "state"
    seeded = ("--answers", str(exported), "--speed", SPEED, "--state-dir", str(state))
    ended = run("rehearse", *seeded, stdin="yes\n")  # a file opens at the review
    assert ended.code == 0, ended
    assert "REHEARSAL" in ended.out
    assert "Prefect run in dev COMPLETED" in ended.out
    again = load(state / "runs" / f"{loaded.answers.subscription.prefix}-1" / "answers.yaml")
    assert dump(again.draft, explicit=True) == dump(Draft.of(load(ANSWERS / "dev.yaml").answers), explicit=True)
    first, second = sent(rehearsed.state), sent(state)
    assert first.keys() == second.keys()
    # The settings of the web app have a mark of its secrets, which every rehearsal makes, and the record has the sources of
    # the answers: a file there, the wizard here.
    others = {"ff-contoso-controlplane-dev", "ff-contoso-answers"}
    assert {name for name in first if first[name] != second[name]} <= others


def test_a_missing_secret_is_reported_before_the_run_starts(tmp_path: Path) -> None:
    answers = (ANSWERS / "dev.yaml").read_text(encoding="utf-8")
    sign_on = "method: secret\n  client_id: 11111111-2222-3333-4444-555555555555\n  client_secret: env:NOT_SET\n"
    file = tmp_path / "answers.yaml"
    file.write_text(answers.replace("method: later\n", sign_on), encoding="utf-8")
    ended = run("rehearse", "--answers", str(file), "--yes", "--state-dir", str(tmp_path / "state"))
    assert ended.code == 2
    assert "env:NOT_SET" in ended.err
    assert not (tmp_path / "state" / "runs").exists()
