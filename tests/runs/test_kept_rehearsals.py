"""A rehearsal that was kept running is listed, and stopped on request; its state stays."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from installer.cli.main import cli
from installer.cloud.emulator_process import KEPT, Seed, start
from installer.errors import UsageError
from installer.runs.kept_rehearsals import kept_rehearsals, stop
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from installer.secret_store import Secrets
from tests.processes import PROC
from tests.runs.test_stored_runs import stored

needs_proc = pytest.mark.skipif(not PROC.exists(), reason="reads processes from /proc")


@needs_proc
def test_it_is_listed_and_stopped(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path / "state"))
    folder = state.new_rehearsal()
    stored(state, "contoso-1", "succeeded", {"kind": "rehearsal", "state": str(folder)})

    def command(*words: str) -> str:
        done = CliRunner().invoke(cli, ["--state-dir", str(state.path), "rehearse", *words])
        return done.output if done.exit_code == 0 else str(done.exception)

    assert command("list") == command("stop") == "no rehearsal is running\n"
    rehearsal = start(folder, speed=1000, seed=Seed(processes=False))
    assert command("list") == "no rehearsal is running\n", "it belongs to this process"
    rehearsal.leave_running()
    rehearsal.stop()
    first, azure = command("list").splitlines()
    assert first.startswith("contoso-1  running since 20")
    assert azure.split() == ["embedded", "Azure", rehearsal.facts["endpoint"]]
    (row,) = json.loads(command("list", "--output", "json"))
    assert (row["run"], row["endpoint"]) == ("contoso-1", rehearsal.facts["endpoint"])
    assert command("stop", "contoso-9") == "no running rehearsal of contoso-9; running: contoso-1"
    assert command("stop", "contoso-1") == "contoso-1: stopped\n"
    # It is a child of this process, which has not waited for it.
    assert not (PROC / str(row["pid"]) / "cmdline").exists() or (PROC / str(row["pid"]) / "cmdline").read_bytes() == b""
    assert (folder / "azure.sqlite").exists()
    assert command("list") == "no rehearsal is running\n"


def test_a_note_without_its_process_is_ignored(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path / "state"))
    folders = [state.new_rehearsal() for _ in range(3)]
    for folder, text in zip(folders, ('{"pid": 1, "since": "2026-01-01", "endpoint": "x"}', "[]", "{"), strict=True):
        (folder / KEPT).write_text(text)
    assert list(kept_rehearsals(state)) == []
    assert stop(state, ()) == []


def test_a_kept_rehearsal_names_its_prefect_and_is_not_resumed_until_it_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = StateDirectory.at(str(tmp_path / "state"))
    folder = state.new_rehearsal()
    stored(state, "contoso-1", "succeeded", {"kind": "rehearsal", "state": str(folder)})
    run = Run.reopen(state.run("contoso-1"), Secrets(), attended=False)
    for name, port in (("dev", 4200), ("prod", 4201)):
        run.stream.emit("resource.finished", "answers", resource=f"prefect {name}", ui=f"http://127.0.0.1:{port}")
    run.journal.close()
    note = {"pid": 1, "since": "2026-11-30T19:00:00+00:00", "endpoint": "https://127.0.0.1:39211"}
    (folder / KEPT).write_text(json.dumps(note))
    monkeypatch.setattr("installer.runs.kept_rehearsals.is_running", lambda _folder: True)

    shown = CliRunner().invoke(cli, ["--state-dir", str(state.path), "rehearse", "list"]).output.splitlines()
    assert [line.split() for line in shown[1:]] == [
        ["embedded", "Azure", "https://127.0.0.1:39211"],
        ["Prefect", "of", "dev", "http://127.0.0.1:4200"],
        ["Prefect", "of", "prod", "http://127.0.0.1:4201"],
    ]
    assert max(map(len, shown)) <= 80
    session = Session(state, TargetOptions())
    with pytest.raises(UsageError, match=r"rehearsal of run contoso-1 was kept .* rehearse stop contoso-1"):
        session.resume("contoso-1", attended=False)
    Run.reopen(state.run("contoso-1"), Secrets(), attended=False).journal.close()  # its lock was released
    session.close()


@pytest.mark.parametrize(("code", "kept"), [(0, ["kept"]), (5, [])])
def test_a_rehearsal_without_a_screen_is_kept_on_request_if_it_has_succeeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kept: list[str]
) -> None:
    calls: list[str] = []
    monkeypatch.setattr("installer.cli.commands.run._run_unattended", lambda *_: code)
    monkeypatch.setattr(Session, "keep_prefect", lambda _: calls.append("kept"))
    answers = Path(__file__).parents[1] / "answers" / "dev.yaml"
    words = ["--state-dir", str(tmp_path / "state"), "rehearse", "--answers", str(answers), "--yes", "--keep"]
    ended = CliRunner().invoke(cli, words)
    assert (ended.exit_code, calls) == (code, kept)
    assert ("Prefect keeps running; flowforge-install rehearse stop" in ended.output) is bool(kept)
