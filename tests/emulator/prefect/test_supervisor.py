"""Supervised children: they get exactly the given environment, and always end with their parent."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from installer.emulator.prefect import orphans
from installer.emulator.prefect.orphans import MARK, end_orphans
from installer.emulator.prefect.supervisor import PROCESS_GUARD, Supervisor
from tests.processes import PATIENCE, running, until


@pytest.fixture
def children() -> Iterator[Supervisor]:
    children = Supervisor()
    yield children
    children.close()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def pids_in(file: Path, count: int) -> list[int]:
    until(lambda: file.exists() and len(file.read_text().split()) >= count, f"{count} process ids in {file}")
    return [int(word) for word in file.read_text().split()]


FAMILY = """
    import os, signal, subprocess, sys, time
    out = sys.argv[1]
    grandchild = [sys.executable, "-c", "import time; time.sleep(600)"]
    same_group = subprocess.Popen(grandchild)
    own_session = subprocess.Popen(grandchild, start_new_session=True)
    with open(out, "w") as file:
        file.write(f"{os.getpid()} {same_group.pid} {own_session.pid}")
    time.sleep(600)
"""


def test_a_child_gets_exactly_its_environment_and_directory(children: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import os; print(sorted(n for n in os.environ if n != 'LC_CTYPE'), os.getcwd())"
    child = children.start("show", python(code), env={"ONLY": "this"}, log=log, cwd=tmp_path)
    until(lambda: not child.alive, "the child ends")
    assert child.log_tail() == f"['{MARK}', 'ONLY'] {tmp_path}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts processes of other users")
def test_a_child_of_another_user_ends_like_any_other(children: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["/bin/sh", "-c", "id -u; id -G; exec sleep 600"]
    child = children.start("other", command, env={"PATH": os.defpath}, log=log, cwd=tmp_path, user=65534)
    until(lambda: child.log_tail() == "65534\n65534", "it runs as the user, in no other group")
    children.close()
    assert not child.alive


def test_closing_ends_all_descendants(children: Supervisor, tmp_path: Path) -> None:
    child = children.start(
        "family", [*python(FAMILY), str(tmp_path / "pids")], env=dict(os.environ), log=tmp_path / "l"
    )
    family = pids_in(tmp_path / "pids", 3)
    child.end()
    children.close()  # asking twice does no harm
    assert not child.alive
    assert [pid for pid in family if running(pid)] == []


def test_a_child_that_ignores_termination_is_killed(children: Supervisor, tmp_path: Path) -> None:
    code = """
        import os, signal, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open(sys.argv[1], "w") as file:
            file.write(str(os.getpid()))
        time.sleep(600)
    """
    children.start("deaf", [*python(code), str(tmp_path / "pids")], env=dict(os.environ), log=tmp_path / "log")
    family = pids_in(tmp_path / "pids", 1)
    children.close()
    assert [pid for pid in family if running(pid)] == []


def test_nothing_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            *python("""
                import os, sys, time
                from pathlib import Path
                from installer.emulator.prefect.supervisor import Supervisor
                code, pids, log = sys.argv[1:]
                Supervisor().start("family", [sys.executable, "-c", code, pids], env=dict(os.environ), log=Path(log))
                time.sleep(600)
            """),
            *(textwrap.dedent(FAMILY), str(tmp_path / "pids"), str(tmp_path / "log")),
        ]
    )
    family = pids_in(tmp_path / "pids", 3)
    parent.send_signal(signal.SIGKILL)
    parent.wait(PATIENCE)
    until(lambda: not any(running(pid) for pid in family), "nothing of the family is left")


@pytest.fixture(params=["linux", "darwin"])
def guarded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A family under a guard, on each platform: elsewhere the system does not signal the death of a parent."""
    code = f"""
        import runpy, sys
        sys.platform = {request.param!r}
        sys.argv = sys.argv[1:]
        runpy.run_path(sys.argv[0], run_name="__main__")
    """
    state = tmp_path / "state"
    command = [*python(code), str(PROCESS_GUARD), sys.executable, "-c", textwrap.dedent(FAMILY), str(tmp_path / "pids")]
    environment = {**os.environ, MARK: f"{state}/family.log"}
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True)
    yield guard
    guard.kill()
    guard.communicate()
    end_orphans(state)


def test_a_command_ends_with_a_guard_that_is_killed_and_the_next_start_ends_the_rest(
    guarded: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    family = pids_in(tmp_path / "pids", 3)
    guarded.kill()
    guarded.wait()
    until(lambda: not running(family[0]), "the command has ended")
    assert running(family[2]), "its child in another session is not signalled"
    assert end_orphans(tmp_path / "elsewhere") == 0
    assert running(family[2])
    end_orphans(tmp_path / "state")
    assert [pid for pid in family if running(pid)] == []
    assert end_orphans(tmp_path / "state") == 0


def test_an_orphan_that_ignores_termination_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "_GRACE_SECONDS", 0.3)
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    environment = {**os.environ, MARK: f"{tmp_path}/x.log"}
    deaf = subprocess.Popen(python(code), env=environment, stdout=subprocess.PIPE)
    assert deaf.stdout is not None
    deaf.stdout.readline()
    try:
        assert end_orphans(tmp_path) == 1
        assert deaf.wait(PATIENCE) == -signal.SIGKILL
    finally:
        deaf.kill()
        deaf.communicate()


def test_orphans_of_a_child_are_killed_when_it_exits(children: Supervisor, tmp_path: Path) -> None:
    code = """
        import subprocess, sys
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        with open(sys.argv[1], "w") as file:
            file.write(str(grandchild.pid))
        print("done", flush=True)
    """
    child = children.start("brief", [*python(code), str(tmp_path / "pids")], env=dict(os.environ), log=tmp_path / "log")
    until(lambda: not child.alive, "the child ends")
    assert child.log_tail() == "done"
    until(lambda: not any(running(pid) for pid in pids_in(tmp_path / "pids", 1)), "its grandchild is gone")


STOPPED = """
    import signal, sys, time
    def stopped(number, _frame):
        with open(sys.argv[1], "a") as file:
            file.write(f"{sys.argv[2]}:{signal.Signals(number).name} ")
        sys.exit()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopped)
    print("ready", flush=True)
    time.sleep(600)
"""


def _is_ready(log: Path) -> bool:
    return log.read_text() == "ready\n"


def test_a_child_is_asked_to_end_by_its_stop_signal_in_its_group(children: Supervisor, tmp_path: Path) -> None:
    out = tmp_path / "signals"
    for name, stop_signal in (("server", signal.SIGINT), ("job a", signal.SIGTERM), ("job b", signal.SIGTERM)):
        log = tmp_path / f"{name}.log"
        command = [*python(STOPPED), str(out), name.replace(" ", "-")]
        children.start(name, command, env={}, log=log, stop_signal=stop_signal)
        until(partial(_is_ready, log), f"{name} is ready")
    children.close("job")
    *jobs, server = out.read_text().split()
    assert sorted(jobs) == ["job-a:SIGTERM", "job-b:SIGTERM"]
    assert server == "server:SIGINT"
