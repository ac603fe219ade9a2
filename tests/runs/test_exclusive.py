"""While a process works on a run, no other one changes the same installation; other installations and flows are not affected."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Never

import pytest

from installer.answers.files import load
from installer.answers.model import Answers
from installer.engine.journal import Journal
from installer.engine.lock import JournalLocked
from installer.runs.exclusive import refuse_beside_another
from installer.runs.facts import RunFacts
from installer.runs.flows import FlowRequest
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.started_runs import RECOVERY, REMOVAL
from installer.runs.state_directory import StateDirectory
from installer.secret_store import Secrets
from tests.answers.answers_files import FOLDER
from tests.cloud.no_cloud import RECORDED

if TYPE_CHECKING:
    from installer.jsontypes import Json

LOADED = load(FOLDER / "dev.yaml")
HOLD = "import sys; from pathlib import Path; from installer.engine.journal import Journal; kept = Journal(Path(sys.argv[1]), write=True); print(1, flush=True); input()"


def _run(where: StateDirectory, **facts: "Json") -> Path:
    directory = where.new_run("contoso")
    Run.new(directory, LOADED.answers, LOADED.draft, RECORDED, Secrets(), attended=False).journal.close()
    with Journal(directory, write=True) as journal:
        journal.set_facts(**{"state": "running", **facts})
    return directory


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Another process works on the run."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "1\n"
        try:
            yield
        finally:
            holder.kill()


def _elsewhere(**where: str) -> Answers:
    page = LOADED.answers.subscription.model_copy(update=where)
    return LOADED.answers.model_copy(update={"subscription": page})


def test_a_run_of_another_process_keeps_all_others_from_its_installation(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path))
    busy, idle = _run(state), _run(state)
    refuse_beside_another(state, LOADED.answers, RECORDED)  # no process works on either
    with held(busy):
        with pytest.raises(JournalLocked, match=r"run contoso-1 is working on this installation .*attach contoso-1"):
            refuse_beside_another(state, LOADED.answers, RECORDED)
        with pytest.raises(JournalLocked):
            refuse_beside_another(state, LOADED.answers, RECORDED, own=idle.name)
        refuse_beside_another(state, LOADED.answers, RECORDED, own=busy.name)  # its own lock refuses that
        refuse_beside_another(state, _elsewhere(prefix="fabrikam"), RECORDED)
        refuse_beside_another(state, LOADED.answers, {"kind": "rehearsal", "state": str(tmp_path)})
    refuse_beside_another(state, LOADED.answers, RECORDED)  # it was killed


def test_flows_of_two_environments_are_deployed_side_by_side_and_beside_nothing_else(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path))
    with held(_run(state, flows={"command": "deploy", "environment": "dev"})):
        refuse_beside_another(state, LOADED.answers, RECORDED, flows=True)
        with pytest.raises(JournalLocked):
            refuse_beside_another(state, LOADED.answers, RECORDED)
    with held(_run(state, flows={"command": "run", "environment": "dev"})):
        refuse_beside_another(state, LOADED.answers, RECORDED)  # an upgrade waits for flow runs itself


@pytest.mark.parametrize("start", ["resume", "removal", "recovery", "operation", "flows"])
def test_no_way_to_start_a_run_is_open_beside_another(tmp_path: Path, start: str) -> None:
    state = StateDirectory.at(str(tmp_path))
    busy, other = _run(state), _run(state)
    session = Session(state, TargetOptions())
    facts = RunFacts(other.name, other, LOADED.answers, LOADED.draft, RECORDED, "succeeded", "")

    def build(*_: object) -> Never:
        raise AssertionError("its steps are not needed")

    starts: dict[str, Callable[[], object]] = {
        "resume": lambda: session.resume(other.name, attended=False),
        "removal": lambda: session.begin_beside(facts, build, {REMOVAL: "uninstall"}),
        "recovery": lambda: session.begin_beside(facts, build, {RECOVERY: {"again": "backup"}}),
        "operation": lambda: session.operate(other.name, build, {"rotate": "prefect-auth"}),
        "flows": lambda: session.begin_flows(facts, FlowRequest("deploy", "dev"), attended=False, assent=True),
    }
    with held(busy):
        for _ in range(2):  # a refused start leaves nothing behind that keeps the next one out
            with pytest.raises(JournalLocked, match="run contoso-1 is working on this installation"):
                starts[start]()
    assert sorted(state.run_names()) == [busy.name, other.name]
    with Journal(other, write=True) as journal:
        assert journal.fact("operation") is None


def test_a_run_of_this_process_that_has_ended_is_not_in_the_way(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path))
    with Journal(_run(state), write=True):
        refuse_beside_another(state, LOADED.answers, RECORDED)
