"""Runs on this machine: the table, and what may be deleted, with the embedded Azure of a rehearsal."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from installer.answers.files import load
from installer.cli.commands import stored_runs as stored_runs_commands
from installer.cli.main import cli
from installer.engine.events import Event, utc_now
from installer.engine.journal import Journal
from installer.engine.step import Record
from installer.errors import UsageError
from installer.jsontypes import Json
from installer.runs.run import Run
from installer.runs.state_directory import StateDirectory
from installer.runs.stored_runs import delete, find_stored, outdated, stored_runs
from installer.secret_store import Secrets
from tests.cloud.no_cloud import RECORDED
from tests.e2e.conftest import ANSWERS
from tests.support_bundle.sample_run import open_run

OLD = datetime.now(UTC) + timedelta(days=90)
MONTH = timedelta(days=30)


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory.at(str(tmp_path / "state"))


def stored(state: StateDirectory, name: str, ended: str, target: dict[str, Json] | None = None) -> None:
    """A run that has ended like this."""
    loaded = load(ANSWERS / "dev.yaml")
    state.runs.mkdir(parents=True, exist_ok=True)
    run = Run.new(state.runs / name, loaded.answers, loaded.draft, target or RECORDED, Secrets(), attended=False)
    run.journal.set_facts(state=ended)
    run.journal.close()


def rehearsed(state: StateDirectory) -> tuple[dict[str, Json], Path]:
    """Target of a rehearsal, and the folder of its embedded Azure."""
    folder = state.new_rehearsal()
    (folder / "azure.sqlite").write_text("state")
    return {"kind": "rehearsal", "state": str(folder)}, folder


def command(state: StateDirectory, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["--state-dir", str(state.path), "runs", *words], input=typed)


def test_the_table_has_a_header_local_times_and_aligned_columns(
    state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(state, "contoso-1", "succeeded")
    stored(state, "verylongname-12", "running", rehearsed(state)[0])
    (created,) = {one.created for one in stored_runs(state) if one.name == "contoso-1"}
    assert created is not None
    header, first, second = command(state).output.splitlines()
    assert header.split() == ["RUN", "STATE", "TARGET", "CREATED", "SUBSCRIPTION"]
    assert f"{created.astimezone():%Y-%m-%d %H:%M}" in first
    for title, one, other in (("STATE", "succeeded", "interrupted"), ("TARGET", "public", "rehearsal")):
        assert header.index(title) == first.index(one) == second.index(other)
    as_json: list[dict[str, Any]] = json.loads(command(state, "--output", "json").output)
    assert as_json[0]["created"].endswith("+00:00")


def test_the_table_fits_a_terminal_of_80_columns_and_a_pipe_has_whole_ids(
    state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(state, "contoso-1", "interrupted", rehearsed(state)[0])
    (state.runs / "contoso-2").mkdir()
    (state.runs / "contoso-2" / "journal.sqlite").write_text("damaged")
    whole = command(state).output
    assert "4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab" in whole
    monkeypatch.setattr(stored_runs_commands, "terminal_width", lambda: 80)
    lines = command(state).output.splitlines()
    assert max(map(len, lines)) <= 80
    assert "4f2c…91ab" in lines[1]
    assert any(line.startswith("    cannot be read") for line in lines)


def test_a_run_is_deleted_with_its_rehearsal_alone(state: StateDirectory) -> None:
    target, folder = rehearsed(state)
    other, kept = rehearsed(state)
    stored(state, "contoso-1", "failed", target)
    stored(state, "contoso-2", "failed", other)
    done = command(state, "delete", "contoso-1", "contoso-1", "--yes")
    assert (done.exit_code, done.output) == (0, "contoso-1: deleted\n")
    assert (folder.exists(), kept.exists()) == (False, True)
    assert state.run_names() == ["contoso-2"]


def test_what_two_runs_share_stays_until_the_last_one_goes(state: StateDirectory) -> None:
    target, folder = rehearsed(state)
    for name in ("contoso-1", "contoso-2"):
        stored(state, name, "succeeded", target)
    delete(state, find_stored(state, "contoso-1"))
    assert folder.exists()
    delete(state, find_stored(state, "contoso-2"))
    assert not folder.exists()


@pytest.mark.parametrize("place", ["..", ".", "/", "../../etc", "runs", ""])
def test_a_damaged_record_leads_to_no_other_folder(state: StateDirectory, place: str) -> None:
    stored(state, "contoso-1", "failed", {"kind": "rehearsal", "state": f"x/{place}"})
    delete(state, find_stored(state, "contoso-1"))
    assert state.path.is_dir()
    assert state.run_names() == []


@pytest.mark.parametrize("what", ["run", "rehearsal"])
def test_a_link_leads_to_no_deletion(state: StateDirectory, tmp_path: Path, what: str) -> None:
    """Neither of what it leads to nor, by halves, of what is beside it."""
    target, rehearsal = rehearsed(state)
    stored(state, "contoso-1", "succeeded", target)
    linked, elsewhere = state.run("contoso-1") if what == "run" else rehearsal, tmp_path / "elsewhere"
    linked.rename(elsewhere)
    linked.symlink_to(elsewhere)
    kept = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="is a link: what it leads to is not deleted"):
        delete(state, find_stored(state, "contoso-1"))
    assert set(kept) <= set(tmp_path.rglob("*"))


def test_what_is_in_use_is_not_deleted(state: StateDirectory) -> None:
    target, folder = rehearsed(state)
    stored(state, "contoso-2", "succeeded", target)
    run = open_run(state.runs)
    try:
        refused = command(state, "delete", "contoso-1", "--yes")
        assert "run contoso-1 is in use by process" in str(refused.exception)
        with FileLock(folder / "lock"):
            refused = command(state, "delete", "contoso-2", "--yes")
        assert "is still running; rehearse stop contoso-2 ends it" in str(refused.exception)
    finally:
        run.journal.close()
    assert sorted(state.run_names()) == ["contoso-1", "contoso-2"]


def test_a_question_comes_first(state: StateDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(state, "contoso-1", "failed")
    assert "add --yes" in str(command(state, "delete", "contoso-1").exception)
    monkeypatch.setattr("installer.cli.commands.stored_runs.attended", lambda: True)
    answers = iter(["", "yes"])

    def asked(question: str) -> str:
        assert question == "Delete 1 run from this machine? [y/N] "
        return next(answers)

    monkeypatch.setattr("builtins.input", asked)
    assert "nothing was deleted" in command(state, "delete", "contoso-1").output
    assert state.run_names() == ["contoso-1"]
    assert "Deployed resources stay in Azure" in command(state, "delete", "contoso-1").output
    assert state.run_names() == []


def test_a_rehearsal_has_nothing_that_stays_in_azure(state: StateDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(state, "contoso-1", "failed", rehearsed(state)[0])
    monkeypatch.setattr("installer.cli.commands.stored_runs.attended", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _question: "y")
    assert "stay in Azure" not in command(state, "delete", "contoso-1").output


def names(found: Iterator[str]) -> list[str]:
    return sorted(found)


def test_old_are_rehearsals_and_successful_runs_but_the_newest(state: StateDirectory) -> None:
    stored(state, "contoso-1", "succeeded")
    stored(state, "contoso-2", "failed")
    stored(state, "contoso-3", "succeeded")
    stored(state, "fabrikam-1", "succeeded")
    stored(state, "contoso-4", "failed", rehearsed(state)[0])
    (state.runs / "broken-1").mkdir()
    found = outdated(state, MONTH, OLD)
    assert names(one.name for one in found) == ["contoso-1", "contoso-4"]
    assert outdated(state, MONTH, datetime.now(UTC)) == []
    assert "nothing to delete" in command(state, "prune", "--yes").output
    done = command(state, "prune", "--days", "0", "--yes", "--output", "json")
    assert sorted(json.loads(done.output)["deleted"]) == ["contoso-1", "contoso-4"]
    assert sorted(state.run_names()) == ["broken-1", "contoso-2", "contoso-3", "fabrikam-1"]


FORGED = "succeeded\x1b[2J\x1b]0;title\x07\u202e\ncontoso-2  succeeded"


@pytest.mark.parametrize("words", [(), ("delete", "contoso-1", "--yes")])
@pytest.mark.parametrize("forged_target", [False, True])
def test_a_journal_writes_no_escapes_and_no_lines_to_the_terminal(
    state: StateDirectory, words: tuple[str, ...], forged_target: bool
) -> None:
    stored(state, "contoso-1", FORGED)
    if forged_target:
        with Journal(state.run("contoso-1"), write=True) as journal:
            journal.set_facts(target={"kind": "azure", "cloud": f"public{FORGED}"})
    done = command(state, *words)
    assert done.exit_code == 0, done.output
    assert all(line.isprintable() for line in done.output.splitlines())
    assert not any(line.startswith("contoso-2") for line in done.output.splitlines())


def test_nothing_in_a_journal_is_a_terminal_escape(state: StateDirectory) -> None:
    stored(state, "contoso-1", "failed")
    with Journal(state.run("contoso-1"), write=True) as journal:
        journal.set_facts(x={FORGED: [FORGED, {"y": FORGED}]})
        journal.note(Event(1, utc_now().isoformat(), "warning", FORGED, FORGED, FORGED, {"left": FORGED}))
        journal.remember(Record("a", 1, "done", outputs={"z": FORGED}))
        journal.flush()
    with Journal(state.run("contoso-1"), write=False) as journal:
        record, (event,) = journal.recall("a"), journal.events()
        assert record is not None
        found = f"{journal.fact('x')!s}{dict(record.outputs)}"
        whole = f"{event.step}{event.resource}{event.text}{event.data!s}"
    for text in (found, whole):
        assert "title" in text
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert "\\x1b" not in text
