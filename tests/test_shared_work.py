"""Work that the processes of a test session share is done once, and again if its maker has died."""

import multiprocessing
import os
from pathlib import Path

import pytest

from installer.json_access import JsonObject
from tests.shared_work import made_once, session_folder

PROCESSES = 4
SPAWN = multiprocessing.get_context("spawn")


def make(folder: Path) -> JsonObject:
    """Fill the folder, and leave a line for each time that this is called."""
    with (folder.parent / "calls").open("a", encoding="utf-8") as calls:
        calls.write(f"{os.getpid()}\n")
    (folder / "content").write_text("made", encoding="utf-8")
    return {"code": 0}


def die(folder: Path) -> JsonObject:
    """End the process in the middle of the work."""
    (folder / "content").write_text("half", encoding="utf-8")
    os._exit(9)


def ask(session: Path) -> None:
    folder, result = made_once(session, "work", make)
    os._exit(0 if (folder / "content").read_text("utf-8") == "made" and result == {"code": 0} else 1)


def test_one_of_several_processes_does_it(tmp_path: Path) -> None:
    asking = [SPAWN.Process(target=ask, args=(tmp_path,)) for _ in range(PROCESSES)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert [one.exitcode for one in asking] == [0] * PROCESSES
    assert len((tmp_path / "work" / "calls").read_text("utf-8").splitlines()) == 1


def test_the_work_of_a_process_that_died_is_not_used(tmp_path: Path) -> None:
    dying = SPAWN.Process(target=made_once, args=(tmp_path, "work", die))
    dying.start()
    dying.join()
    assert dying.exitcode == 9
    folder, result = made_once(tmp_path, "work", make)
    assert (folder / "content").read_text("utf-8") == "made"
    assert result == {"code": 0}
    assert made_once(tmp_path, "work", die) == (folder, result)


def test_a_failure_leaves_nothing_that_another_process_would_take(tmp_path: Path) -> None:
    def fail(folder: Path) -> JsonObject:
        raise OSError(f"no space in {folder}")

    with pytest.raises(OSError, match="no space"):
        made_once(tmp_path, "work", fail)
    assert made_once(tmp_path, "work", make)[1] == {"code": 0}


def test_workers_of_pytest_xdist_share_the_folder_above_their_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path_factory.getbasetemp()
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert session_folder(tmp_path_factory) == own
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
    assert session_folder(tmp_path_factory) == own.parent
