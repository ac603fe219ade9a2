"""One writer at a time, named with its last heartbeat; a lock is freed only when its owner is gone."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from installer.engine.events import utc_now
from installer.engine.inbox import post, take
from installer.engine.lock import LOCK, NOTE, JournalLocked, Lock, Owner, is_held, read_owner, unlock
from installer.errors import UsageError


def note(directory: Path, pid: int, host: str, beat: str) -> None:
    content = {"pid": pid, "host": host, "since": "2026-03-01T12:00:00+00:00", "beat": beat}
    (directory / NOTE).write_text(json.dumps(content), encoding="utf-8")


def gone() -> int:
    """Id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def now() -> str:
    return utc_now().isoformat(timespec="seconds")


def test_a_beat_renews_the_note_of_the_owner(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    lock.acquire()
    owner = read_owner(tmp_path)
    assert owner is not None
    assert (owner.pid, owner.host, owner.is_here, owner.lives) == (os.getpid(), platform.node(), True, True)
    (tmp_path / NOTE).write_text("{", encoding="utf-8")
    lock.beat()
    assert read_owner(tmp_path) is not None
    lock.release()
    assert read_owner(tmp_path) is None


def test_the_lock_of_a_living_owner_stays(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    lock.acquire()
    with pytest.raises(JournalLocked, match=f"process {os.getpid()} on .* is alive; stop it there first"):
        unlock(tmp_path)
    assert is_held(tmp_path)
    lock.release()


def test_the_note_of_a_killed_owner_is_removed(tmp_path: Path) -> None:
    note(tmp_path, pid := gone(), platform.node(), now())
    assert f"process {pid} on" in unlock(tmp_path)
    assert read_owner(tmp_path) is None
    assert unlock(tmp_path) == f"{tmp_path.name} is free: it has no holder"


def test_a_lock_left_by_a_machine_that_is_silent_is_freed_and_can_be_taken(tmp_path: Path) -> None:
    stuck = FileLock(tmp_path / LOCK)  # as a shared file system keeps it for a machine that is gone
    stuck.acquire()
    note(tmp_path, 1, "elsewhere", "2026-03-01T12:00:00+00:00")
    assert "on elsewhere" in unlock(tmp_path)
    lock = Lock(tmp_path)
    lock.acquire()
    lock.release()
    stuck.release()


def test_a_lock_of_another_machine_with_a_recent_heartbeat_stays(tmp_path: Path) -> None:
    held = FileLock(tmp_path / LOCK)
    held.acquire()
    note(tmp_path, 1, "elsewhere", now())
    with pytest.raises(JournalLocked, match="on elsewhere"):
        unlock(tmp_path)
    held.release()


@pytest.mark.parametrize("beat", ["", "yesterday", "2026-03-01T12:00:00"])
def test_a_beat_that_cannot_be_read_is_no_sign_of_life(beat: str) -> None:
    assert not Owner(1, "elsewhere", "x", beat).lives


def test_an_answer_is_taken_once_and_by_its_question_only(tmp_path: Path) -> None:
    post(tmp_path, "prefect.api-url", "http://x/ä")
    assert take(tmp_path, "other") is None
    assert take(tmp_path, "prefect.api-url") == "http://x/ä"
    assert take(tmp_path, "prefect.api-url") is None


def test_a_key_cannot_escape_the_inbox(tmp_path: Path) -> None:
    post(tmp_path, "../../x", "y")
    assert [path.parent.name for path in tmp_path.rglob("*.json")] == ["inbox"]
    assert take(tmp_path, "../../x") == "y"


def test_an_answer_that_is_damaged_is_none(tmp_path: Path) -> None:
    post(tmp_path, "a", "b")
    (tmp_path / "inbox" / "a.json").write_bytes(b"\xff{")
    assert take(tmp_path, "a") is None


def test_an_answer_that_cannot_be_left_is_explained(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("")
    with pytest.raises(UsageError, match="cannot be left there"):
        post(tmp_path, "a", "b")
