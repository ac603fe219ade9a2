"""The wizard line by line, through a pipe, on the embedded Azure with faults: a transient fault is survived, a permanent one is
explained, and the run that is resumed with another answer succeeds. One rehearsal proves all of it: each costs a minute.
"""

import re
from pathlib import Path

import pytest

from installer.answers.draft import Draft
from installer.answers.files import dump, load
from installer.engine.journal import Journal
from installer.runs.facts import EXPORTED, read_facts
from tests.e2e.conftest import ANSWERS, SPEED, Rehearsed, accepted, last_sent, run, sent

pytestmark = pytest.mark.e2e
OTHER_SIZE = "Standard_D4ds_v5"
RUNTIME = "ff-contoso-runtime-dev"
TRANSIENT = (
    "throttling:count=1",
    "service-unavailable:count=2",
    "connection-reset:count=1,at=GET *",
    "token-expiry:count=3,at=GET *operations*",
    "answer-lost:count=2,at=PUT *deployments*",
)
PERMANENT = "AllocationFailed:at=*managedClusters"


def test_exported_answers_through_a_pipe_send_the_same_parameters_and_survive_faults(
    rehearsed: Rehearsed, tmp_path: Path
) -> None:
    exported = tmp_path / "exported.yaml"
    assert run("export", "-o", str(exported), "--state-dir", str(rehearsed.state)).code == 0
    state = tmp_path / "state"
    seeded = ("--answers", str(exported), "--speed", SPEED, "--state-dir", str(state))
    faults = [word for fault in (*TRANSIENT, PERMANENT) for word in ("--fault", fault)]
    failed = run("rehearse", *seeded, *faults, stdin="yes\n")  # a file opens at the review
    assert failed.code == 4, failed
    assert "REHEARSAL" in failed.out
    assert "AllocationFailed (aks-ff-contoso-dev)" in failed.out
    assert "Remedy: " in failed.out
    assert re.search(r"^\d+ steps wait for runtime-dev$", failed.out, re.MULTILINE)
    (directory,) = (state / "runs").iterdir()
    assert directory.name == f"{load(exported).answers.subscription.prefix}-1"
    again = load(directory / "answers.yaml")
    assert dump(again.draft, explicit=True) == dump(Draft.of(load(ANSWERS / "dev.yaml").answers), explicit=True)
    resumed_with_another_size(state)
    with Journal(directory, write=False) as journal:
        assert journal.fact("state") == "succeeded"
        assert read_facts(journal).answers.sizing.node_size == OTHER_SIZE
    assert load(directory / EXPORTED).answers.sizing.node_size == OTHER_SIZE
    first, second = sent(rehearsed.state), last_sent(state)
    assert first.keys() == second.keys()
    # The settings of the web app have a mark of its secrets, which every rehearsal makes, and the record has the sources of
    # the answers: a file there, the wizard here. The runtime has the other size.
    others = {"ff-contoso-controlplane-dev", "ff-contoso-answers", RUNTIME}
    assert {name for name in first if first[name] != second[name]} <= others


def resumed_with_another_size(state: Path) -> None:
    """Resume the run with another size of nodes: only the deployment that failed is sent again."""
    unknown = run("resume", "--set", "sizing.node_sise=Standard_D4ds_v5", "--state-dir", str(state))
    assert (unknown.code, unknown.err) == (2, "there is no answer sizing.node_sise; did you mean sizing.node_size?\n")
    resumed = run("resume", "--set", f"sizing.node_size={OTHER_SIZE}", "--state-dir", str(state))
    assert resumed.code == 0, resumed
    assert "Prefect run in dev COMPLETED" in resumed.out
    assert [name for name, count in accepted(state).items() if count > 1] == [RUNTIME]


def test_a_missing_secret_is_reported_before_the_run_starts(tmp_path: Path) -> None:
    answers = (ANSWERS / "dev.yaml").read_text(encoding="utf-8")
    sign_on = "method: secret\n  client_id: 11111111-2222-3333-4444-555555555555\n  client_secret: env:NOT_SET\n"
    file = tmp_path / "answers.yaml"
    file.write_text(answers.replace("method: later\n", sign_on), encoding="utf-8")
    ended = run("rehearse", "--answers", str(file), "--yes", "--state-dir", str(tmp_path / "state"))
    assert ended.code == 2
    assert "env:NOT_SET" in ended.err
    assert not (tmp_path / "state" / "runs").exists()
