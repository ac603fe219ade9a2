"""Guards one child process: starts a command, and ends it with all its descendants when standard input closes.

The process at the other end of the pipe need not do anything when it ends: the operating system closes the pipe even after
kill -9. Run as a file, with only the standard library, so that a guard uses little memory:

    python -S -E process_guard.py [--user UID] [--stop-signal NUMBER] COMMAND [ARGUMENT ...]

With --user the command runs as another user; the guard, which may have to, stays what it is. --stop-signal replaces SIGTERM, as
STOPSIGNAL does for a container.
If the guard itself is killed, the command gets its stop signal: from the system on Linux, elsewhere from a process that waits for
the end of the guard. What the command has started then is ended by the next start (orphans.py).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

GRACE_SECONDS = 4.0
KILL_SECONDS = 2.0
POLL_SECONDS = 0.01
PROC = Path("/proc")
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
"""prctl(2), linux/prctl.h."""
LIBC = ctypes.CDLL(None)


def main(command: list[str]) -> int:
    """Run the command until it ends or standard input does; returns its exit code."""
    if sys.platform == "linux":
        # Orphaned descendants are reparented to this process, so those in other sessions are found, too.
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    options: dict[str, int] = {}
    while command[0] in {"--user", "--stop-signal"}:
        options[command[0]], command = int(command[1]), command[2:]
    user = options.get("--user")
    stop_signal = signal.Signals(options.get("--stop-signal", signal.SIGTERM))
    groups = None if user is None else ()
    guard = os.getpid()

    def follow_guard() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, stop_signal.value, 0, 0, 0)
        if os.getppid() != guard:
            os._exit(1)  # the guard has ended before

    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        user=user,
        group=user,
        extra_groups=groups,
        preexec_fn=follow_guard if sys.platform == "linux" else None,  # noqa: PLW1509  no thread runs yet
    )
    if sys.platform != "linux":
        _outlive(child.pid, stop_signal)
    ended = threading.Event()
    found: set[int] = set()
    threading.Thread(target=_watch, args=(child.pid, stop_signal, ended, found), daemon=True).start()
    code = child.returncode = _reap_until(child.pid)
    ended.set()
    _signal_group(child.pid, signal.SIGKILL)
    for pid in found.union(_descendants()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    _reap_killed()
    return code if code >= 0 else 128 - code


def _watch(child: int, stop_signal: signal.Signals, ended: threading.Event, found: set[int]) -> None:
    while os.read(0, 16):
        pass
    # Outside Linux they cannot be found once their parent has ended.
    found.update(_descendants())
    _signal_group(child, stop_signal)
    if not ended.wait(GRACE_SECONDS):
        _signal_group(child, signal.SIGKILL)


def _outlive(child: int, stop_signal: signal.Signals) -> None:
    """Leave a process behind that ends the child's group once this one has ended: only Linux signals the death of a parent."""
    reading, writing = os.pipe()  # the writing end closes with this process
    if os.fork():
        os.close(reading)
        return
    os.close(writing)
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.read(reading, 1)
    _signal_group(child, stop_signal)
    time.sleep(GRACE_SECONDS)
    _signal_group(child, signal.SIGKILL)
    os._exit(0)


def _reap_until(child: int) -> int:
    """Wait for the child, and reap orphans meanwhile."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def _reap_killed() -> None:
    """Wait until the killed descendants have ended; those that cannot be killed now are left to the system."""
    for _ in range(int(KILL_SECONDS / POLL_SECONDS)):
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(POLL_SECONDS)


def _signal_group(leader: int, signal_number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal_number)


def _descendants() -> set[int]:
    """All descendants of this process, in any process group or session."""
    children: dict[int, list[int]] = {}
    for pid, parent in _processes():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    unseen = [os.getpid()]
    while unseen:
        new = [pid for pid in children.get(unseen.pop(), []) if pid not in found]
        found.update(new)
        unseen.extend(new)
    return found


def _processes() -> Iterator[tuple[int, int]]:
    """Every process of the machine with the id of its parent."""
    if not (PROC / "self" / "stat").exists():
        listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False)
        for line in listed.stdout.splitlines():
            pid, parent = line.split()
            yield int(pid), int(parent)
        return
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                # The program name, in parentheses, may contain spaces and parentheses itself.
                yield int(entry.name), int((entry / "stat").read_text().rpartition(")")[2].split()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
