"""Processes in tests: listing them, and waiting for conditions without a fixed sleep."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

PATIENCE = 30.0
"""Default timeout in seconds."""
PROC = Path("/proc")


def pause(seconds: float) -> None:
    """Sleep for the code under test, between polls."""
    threading.Event().wait(seconds)


def until(ask: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait until the condition holds; `what` names it in the error message."""
    pulse = threading.Event()
    for _ in range(int(patience / 0.05)):
        if ask():
            return
        pulse.wait(0.05)
    raise AssertionError(f"not within {patience} s: {what}")


def running(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if not PROC.exists():
        return True
    state = _stat(pid)
    return bool(state) and state[0] != "Z"


def descendants(ancestor: int) -> list[int]:
    """All descendants of a process; needs /proc."""
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
    """Fields of /proc/PID/stat from the state on; empty if the process has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
