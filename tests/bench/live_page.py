"""The live page: cost of a repaint with few and many rows, time until a resumed run is shown, and cost while idle.

The last two are measured on a terminal of 80x24, on a run whose embedded Azure is as slow as Azure.
"""

import fcntl
import os
import pty
import resource
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from textual.pilot import Pilot

from screens.run.live import LivePage
from tests.bench.key_latency import read_for
from tests.bench.rounds import measured as extent
from tests.e2e.conftest import ANSWERS, environment
from tests.processes import until
from tests.screens import scripted_runs
from tests.screens.fake_session import Harness, frame, settled, started

FEW, MANY = 50, 1000
ROUNDS = extent(300, 10)
REPEATS = extent(3, 1)
RESUMES = extent(5, 1)
QUIET_SECONDS = extent(30.0, 2.0)
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def repaint_times(rows: int) -> list[float]:
    """Milliseconds of full repaints with the given number of rows, three of which change."""
    found: list[float] = []

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.many(world.run, rows)
        page = frame(pilot)
        assert isinstance(page, LivePage)
        while page.waiting:
            page.tick()
        await settled(pilot)
        for number in range(ROUNDS):
            world.clock.seconds += 1
            for which in range(3):
                name = f"st{(3 * number + which) % rows:04}"
                scripted_runs.resource(world.run, "foundation", name, "Microsoft.Storage/storageAccounts", usual=20)
            begun = time.perf_counter()
            page.tick()
            page.app.screen._compositor.render_strips()
            found.append(1000 * (time.perf_counter() - begun))
            await settled(pilot)

    with tempfile.TemporaryDirectory() as folder:
        world = Harness(Path(folder))
        world.drive(world.resumed("contoso-7"), script)
    return found


def p95(times: list[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return statistics.quantiles(times, n=20)[-1]


def repaint() -> None:
    """Compare few rows with many, alternating."""
    few, many = [], []
    for _ in range(REPEATS):
        few += repaint_times(FEW)
        many += repaint_times(MANY)
    print(f"repaint with {FEW} rows, p95               {p95(few):.2f} ms")
    print(f"repaint with {MANY} rows, p95             {p95(many):.2f} ms  {p95(many) / p95(few):.2f} times")


def begun_run(state: str) -> None:
    """Start a rehearsal as slow as Azure, and kill it during its first deployments."""
    events = Path(f"{state}.jsonl")
    arguments = ("rehearse", "--answers", str(ANSWERS / "dev.yaml"), "--yes", "--speed", "1", "--events", str(events))
    process = subprocess.Popen(
        [sys.executable, "-m", "installer", *arguments, "--state-dir", state],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    until(lambda: events.exists() and '"step": "network"' in events.read_text(encoding="utf-8"), "the network", 300)
    process.kill()
    process.wait()


def resumed(state: str) -> tuple[int, int, float]:
    """Resume a run on a pseudo-terminal.

    Returns:
        Process id, descriptor of the terminal, seconds until the live page appeared.

    """
    variables = {**environment(), "TERM": "xterm-256color"}
    begun = time.perf_counter()
    pid, descriptor = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        arguments = [sys.executable, "-m", "installer", "resume", "--state-dir", state]
        os.execve(sys.executable, arguments, variables)  # noqa: S606  the Python of this process
    out = b""
    while b"elapsed" not in out and time.perf_counter() - begun < 30:
        out = out[-5000:] + read_for(descriptor, 0.01)
    return pid, descriptor, time.perf_counter() - begun


def leave(pid: int, descriptor: int) -> None:
    """Terminate the process and drain its output."""
    os.kill(pid, signal.SIGTERM)
    while not os.waitpid(pid, os.WNOHANG)[0]:
        read_for(descriptor, 0.1)
    os.close(descriptor)


def resume() -> None:
    """Measure the time until a resumed run is shown, and the cost of engine and page while idle."""
    with tempfile.TemporaryDirectory() as folder:
        state = f"{folder}/state"
        begun_run(state)
        times = []
        for _ in range(RESUMES):
            pid, descriptor, took = resumed(state)
            times.append(took)
            leave(pid, descriptor)
        print(f"resume, until the live page is shown   {statistics.median(times):.2f} s (median of {len(times)})")
        pid, descriptor, _ = resumed(state)
        read_for(descriptor, QUIET_SECONDS / 2)
        before = _ticks(pid)
        shown = len(read_for(descriptor, QUIET_SECONDS))
        share = (_ticks(pid) - before) / TICKS_A_SECOND / QUIET_SECONDS
        print(
            f"engine and page while nothing changes  {_megabytes(pid):.0f} MB, {share:.1%} of one core, {shown} bytes shown"
        )
        leave(pid, descriptor)


def _ticks(pid: int) -> int:
    """CPU time of a process in clock ticks, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _megabytes(pid: int) -> float:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) * resource.getpagesize() / 1e6


def main() -> None:
    """Run both measurements."""
    repaint()
    resume()
