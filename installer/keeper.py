"""Keeps one child: starts a command, and ends it with all its descendants when standard input closes.

Whoever holds the other end of the pipe need not do anything at its own end: the operating system closes the pipe even
after kill -9. Run as a file, with nothing but the standard library, so that a keeper costs little:

    python -S -E keeper.py COMMAND [ARGUMENT ...]

A line "stay" on standard input means: leave the command running, and go.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 4.0


def main(command: list[str]) -> int:
    """Run the command until it ends or standard input does; returns its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def watch() -> None:
        told = os.read(0, 16)
        if told.startswith(b"stay"):
            os._exit(0)
        _end(child)

    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)  # what the command left behind in its group
    return code if code >= 0 else 128 - code


def _end(child: "subprocess.Popen[bytes]") -> None:
    for word in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, word)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
