"""Looking at processes from tests: which there are, and waiting for what others have to do, without a fixed sleep."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

PATIENCE = 30.0
"""Seconds after which a test gives up; nothing passes or fails by taking less."""
PROC = Path("/proc")


def pause(seconds: float) -> None:
    """What the code under test calls between polls."""
    threading.Event().wait(seconds)


def until(ask: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait until it is so."""
    pulse = threading.Event()
    for _ in range(int(patience / 0.05)):
        if ask():
            return
        pulse.wait(0.05)
    raise AssertionError(f"not within {patience} s: {what}")


def running(pid: int) -> bool:
    """Whether the process exists and is not merely waiting to be reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if not PROC.exists():
        return True
    state = _stat(pid)
    return bool(state) and state[0] != "Z"


def descendants(ancestor: int) -> list[int]:
    """All processes that descend from one; needs /proc."""
    parents = {pid: int(state[1]) for pid in _pids() if (state := _stat(pid))}
    found = [ancestor]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid and child not in found)
    return found[1:]


def command_lines() -> dict[int, str]:
    """The command line of every process; needs /proc."""
    lines = {}
    for pid in _pids():
        try:
            lines[pid] = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
    return lines


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal()]


def _stat(pid: int) -> list[str]:
    """State, parent and so on; empty when the process has gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
