"""One command rehearses a whole installation, and its exported answers repeat it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from installer.answers.files import load
from installer.engine.journal import Journal
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import IMAGE_KINDS
from installer.estate.resources import estate
from installer.prefect_setup.hop_results import HOPS
from tests.e2e.conftest import SPEED, Rehearsed, emulator_records, leftovers, run, sent

pytestmark = pytest.mark.e2e
RECORD = "ff-contoso-answers"
"""Deployment that records the answers and has no resources."""
TOLERANCE_SECONDS = 0.01


def test_it_ends_with_a_completed_flow_run(rehearsed: Rehearsed) -> None:
    assert rehearsed.ended.code == 0, rehearsed.ended
    assert "Prefect run in dev COMPLETED" in rehearsed.ended.out
    assert rehearsed.ended.err == ""


def test_data_passes_every_layer_and_service_or_the_end_says_what_was_left_out(rehearsed: Rehearsed) -> None:
    (line,) = [line for line in rehearsed.ended.out.splitlines() if "proved: Data path of dev:" in line]
    hops = {part.split()[0] for part in line.rpartition("dev: ")[2].split(", ")}
    left_out = {"database"} if "PostgreSQL does not run on the machine" in rehearsed.ended.out else set()
    assert hops | left_out == set(HOPS)


def test_roles_are_made_in_a_real_database_or_the_end_says_that_they_were_not(rehearsed: Rehearsed) -> None:
    out = rehearsed.ended.out
    if "Not proved by this rehearsal: roles and privileges in PostgreSQL" in out:
        return  # the embedded PostgreSQL does not run on this system
    for workload in ("web", "worker", "prefect"):
        assert f"role id-ff-contoso-dev-{workload}: created" in out
    for name in ("flowforge_dev", "prefect_dev"):
        assert f"extension pg_trgm in {name}: created" in out
        assert f"access {name}: closed to other roles" in out


def test_the_flow_ran_as_a_job_of_the_cluster_and_prefect_kept_it_in_postgresql(rehearsed: Rehearsed) -> None:
    (home,) = (rehearsed.state / "rehearsals").glob("*/prefect")
    (worker,) = home.glob("*/worker.log")
    text = worker.read_text("utf-8")
    assert re.search(r"Kubernetes job '.+' created in namespace 'flowforge-dev-flows'", text)
    assert re.search(r"Worker 'dev-prefect-worker-[0-9a-f]+' started!", text), "its name is that of environment and pod"
    assert any("Beginning flow run" in log.read_text("utf-8") for log in home.glob("*.log"))
    if "Not proved by this rehearsal: the database of Prefect in PostgreSQL" not in rehearsed.ended.out:
        assert list(home.rglob("*.db")) == []


def test_every_stage_was_sent_once(rehearsed: Rehearsed) -> None:
    answers = load(rehearsed.run / "answers.yaml").answers
    stages = {stage.spec.deployment_name for stage in estate(answers)}
    images = {Installation(answers).names.deployment(keys.image(kind)) for kind in IMAGE_KINDS}
    assert set(sent(rehearsed.state)) == {*stages, *images, RECORD}


def test_the_journal_has_every_event(rehearsed: Rehearsed) -> None:
    with Journal(rehearsed.run, write=False) as journal:
        events = list(journal.events())
        records = journal.records()
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert events[-1].kind == "run.finished"
    assert events[-1].data["state"] == "succeeded"
    begun = [record.step for record in records if record.state == "begun"]
    # A right that is taken for the run is noted first, under the step that gives it back.
    assert {step for step, times in Counter(begun).items() if times > 1} <= {"leave-dev"}


def test_every_deployment_took_as_long_as_its_critical_path(rehearsed: Rehearsed) -> None:
    timeline = emulator_records(rehearsed.state, "/rehearsal/timeline")
    assert [entry for entry in timeline if entry["criticalPath"]]
    for deployment in timeline:
        assert deployment["state"] == "Succeeded"
        assert deployment["criticalPath"] or deployment["name"] == RECORD or "-image-" in deployment["name"]
        # criticalPathSeconds is at the speed of the emulator that reads the records
        longest = deployment["criticalPathSimulatedSeconds"] / float(SPEED)
        assert deployment["seconds"] == pytest.approx(longest, abs=TOLERANCE_SECONDS), deployment["name"]


def test_nothing_is_left_running(rehearsed: Rehearsed) -> None:
    assert rehearsed.left == ()
    assert leftovers(rehearsed.state) == []


def test_runs_lists_it(rehearsed: Rehearsed) -> None:
    listed = run("runs", "--state-dir", str(rehearsed.state))
    assert listed.code == 0
    assert "contoso-1" in listed.out
    assert "succeeded" in listed.out


def test_the_hand_over_report_has_its_proofs_and_its_timeline(rehearsed: Rehearsed, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    ended = run("report", "-o", str(page), "--state-dir", str(rehearsed.state))
    assert ended.code == 0, ended
    text = page.read_text(encoding="utf-8")
    assert "Prefect run in dev COMPLETED" in text
    assert "Timeline of run contoso-1" in text
    assert "Acceptance run" in text
    assert "REHEARSAL" in text
