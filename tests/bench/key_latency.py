"""Key latency during a rehearsal: milliseconds from writing a key to a pseudo-terminal to the next output."""

import fcntl
import os
import pty
import select
import statistics
import struct
import sys
import termios
import time
from typing import Final

NEXT: Final = b"\x0e"
"""Ctrl+N: the next page, after the review the checks."""


def read_for(descriptor: int, seconds: float) -> bytes:
    """Output that arrives within the given number of seconds."""
    out, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([descriptor], [], [], left)[0]:
            try:
                out += os.read(descriptor, 65536)
            except OSError:
                break
    return out


def wait_for(descriptor: int, text: bytes, seconds: float) -> bool:
    """Read until the text arrives; returns whether it did."""
    out, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        out = out[-20000:] + read_for(descriptor, 0.1)
        if text in out:
            return True
    return False


def main(answers: str, state: str) -> None:
    """Start a rehearsal on a terminal of 80x24, then measure the latency of key presses."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        arguments = ["rehearse", "--answers", answers, "--speed", "20", "--state-dir", state]
        os.execv(sys.executable, [sys.executable, "-m", "installer", *arguments])  # noqa: S606  the Python of this process
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    if not wait_for(descriptor, b"usual duration in Azure", 60):
        sys.exit("the resources of the review did not appear")
    os.write(descriptor, NEXT)
    if not wait_for(descriptor, b"Start the rehearsal", 60):
        sys.exit("the checks did not appear")
    for _ in range(60):  # the checks take a while, and warnings are acknowledged
        os.write(descriptor, b"\r")
        if wait_for(descriptor, b"elapsed", 1):
            break
    else:
        sys.exit("the live page did not appear")
    read_for(descriptor, 1.5)
    times: list[float] = []
    for index in range(120):
        while select.select([descriptor], [], [], 0.02)[0]:
            os.read(descriptor, 65536)
        begun = time.monotonic()
        os.write(descriptor, b"\x1b[B" if index % 14 < 7 else b"\x1b[A")
        if select.select([descriptor], [], [], 2)[0]:
            times.append((time.monotonic() - begun) * 1000)
        read_for(descriptor, 0.08)
    times.sort()
    print(
        f"key to paint, {len(times)} keys while a rehearsal runs: median {statistics.median(times):.1f} ms, "
        f"95 % {times[int(len(times) * 0.95)]:.1f} ms, worst {times[-1]:.1f} ms"
    )
    os.write(descriptor, b"\x11")
    read_for(descriptor, 1)
    os.write(descriptor, b"\x1b[C\r")
    read_for(descriptor, 8)
    os.close(descriptor)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
