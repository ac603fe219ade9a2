"""An embedded Azure that is killed while it starts is started again; one that is killed always is given up."""

import signal
import sys
from pathlib import Path

import pytest

from installer.cloud.emulator_announcement import RehearsalFailed
from tests.cloud.started import launched

DIES = """
import os, pathlib, runpy, signal, sys
count = pathlib.Path(sys.argv[1])
times = int(count.read_text()) if count.exists() else 0
if times < int(sys.argv[2]):
    count.write_text(str(times + 1))
    os.kill(os.getpid(), int(sys.argv[3]))
sys.argv = ["installer.emulator", *sys.argv[4:]]
runpy.run_module("installer.emulator", run_name="__main__")
"""


def dying(monkeypatch: pytest.MonkeyPatch, count: Path, times: int, how: signal.Signals) -> None:
    """The next starts kill themselves before they are ready."""

    def words(_module: str, *arguments: str) -> list[str]:
        return [sys.executable, "-c", DIES, str(count), str(times), str(how.value), *arguments]

    monkeypatch.setattr("installer.cloud.emulator_process.python_program", words)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("times", [1, 3])
def test_it_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, how: signal.Signals) -> None:
    count = tmp_path / "count"
    dying(monkeypatch, count, times, how)
    assert launched(tmp_path / "state")["endpoint"]
    assert count.read_text(encoding="utf-8") == str(times)


def test_it_is_given_up_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dying(monkeypatch, tmp_path / "count", 99, signal.SIGKILL)
    with pytest.raises(RehearsalFailed, match="was killed by signal 9 while it started"):
        launched(tmp_path / "state")
