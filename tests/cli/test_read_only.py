"""Commands that only read work where nothing can be written; the others say so."""

import sys
from pathlib import Path

import pytest

from installer.engine.journal import Journal
from tests.e2e.conftest import environment
from tests.read_only import needs_read_only, run_read_only
from tests.support_bundle.sample_run import made_run

pytestmark = needs_read_only


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["runs"], ""),
        (["runs", "--output", "json"], ""),
        (["rehearse", "list"], ""),
        (["export"], ""),
        (["export", "-o", "OUT/a.yaml"], "a.yaml"),
        (["report", "--no-cost", "-o", "OUT/r.html"], "r.html"),
        (["report", "-o", "OUT/r.svg"], "r.svg"),
        (["support-bundle", "--yes", "-o", "OUT/b.zip"], "b.zip"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_what_only_reads_works(tmp_path: Path, words: list[str], written: str) -> None:
    state, out = tmp_path / "state", tmp_path / "out"
    out.mkdir()
    made_run(state / "runs")
    found = run_read_only(state, _command(state, [word.replace("OUT", str(out)) for word in words]), environment())
    assert (found.returncode, found.stderr) == (0, "")
    assert not written or (out / written).stat().st_size
    assert written or "contoso" in found.stdout or words[0] == "rehearse"


def test_the_status_of_a_rehearsal_says_what_it_cannot_write(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Journal(made_run(state / "runs"), write=True) as journal:
        journal.set_facts(target={"kind": "rehearsal", "state": str(state / "rehearsals" / "0000abcd"), "speed": 30.0})
    found = run_read_only(state, _command(state, ["status"]), environment())
    assert (found.returncode, len(found.stderr.splitlines())) == (2, 1)
    assert "cannot be written: Read-only file system" in found.stderr


def test_the_status_of_an_installation_gets_as_far_as_its_sign_in(tmp_path: Path) -> None:
    state = tmp_path / "state"
    made_run(state / "runs")
    found = run_read_only(state, _command(state, ["status"]), environment() | {"AZURE_CONFIG_DIR": str(tmp_path)})
    assert "not signed in to Azure" in found.stderr


def test_what_writes_says_that_it_cannot(tmp_path: Path) -> None:
    state = tmp_path / "state"
    made_run(state / "runs")
    found = run_read_only(state, _command(state, ["resume"]), environment())
    assert (found.returncode, found.stderr) == (
        2,
        f"the state directory {state} cannot be written to; choose one with --state-dir\n",
    )


def test_reading_creates_no_state_directory(tmp_path: Path) -> None:
    found = run_read_only(tmp_path, _command(tmp_path / "none", ["runs"]), environment())
    assert (found.returncode, found.stdout) == (0, "no runs yet\n")
    assert list(tmp_path.iterdir()) == []


def _command(state: Path, words: list[str]) -> list[str]:
    return [sys.executable, "-m", "installer", *words, "--state-dir", str(state)]
