"""Processes of a rehearsal that outlived their guard: they hold ports, databases and memory until the next start ends them.

A guard ends its processes when its own parent ends. If the guard itself is killed, the system signals the process that it
started, but not what that has started. Each process has a mark in its environment, which its descendants inherit.
"""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from installer.child_environment import of_system

MARK: Final = "FLOWFORGE_SUPERVISED"
"""Environment variable with the log of the process, which is in the state directory of its rehearsal."""
_PROC: Final = Path("/proc")
_GRACE_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.05


def end_orphans(state: Path) -> int:
    """End all processes of a state directory, whose lock the caller holds; returns how many there were."""
    found = set(_marked(state))
    for sent in (signal.SIGTERM, signal.SIGKILL):
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sent)
        until = time.monotonic() + _GRACE_SECONDS
        while (left := found.intersection(_marked(state))) and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)
        if not left:
            break
    return len(found)


def _marked(state: Path) -> Iterator[int]:
    """Processes with the mark of the state directory."""
    wanted = f"{MARK}={state.resolve()}{os.sep}"
    if not (_PROC / "self" / "environ").exists():
        yield from _listed(wanted)
        return
    for entry in _PROC.iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                # Servers write their title over their environment; their folder is still in the state directory.
                content = (entry / "environ").read_bytes()
                here = (entry / "cwd").readlink().is_relative_to(state.resolve())
                marked = any(part.startswith(wanted.encode()) for part in content.split(b"\0"))
                if (marked or (here and not _is_plain(content))) and not _is_zombie(entry):
                    yield int(entry.name)


def _is_plain(environment: bytes) -> bool:
    """Whether it is still an environment: a shell of the user in that folder is no process of the rehearsal."""
    return b"PATH=" in environment or b"HOME=" in environment


def _is_zombie(entry: Path) -> bool:
    return (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _listed(wanted: str) -> Iterator[int]:
    """The same from ps, whose -E adds the environment on macOS (ps(1))."""
    done = subprocess.run(
        ["ps", "-Eaxwwo", "pid=,command="], capture_output=True, text=True, check=False, env=of_system()
    )
    for line in done.stdout.splitlines():
        found = re.match(r"\s*(\d+) ", line)
        if found and f" {wanted}" in line and int(found[1]) != os.getpid():
            yield int(found[1])
