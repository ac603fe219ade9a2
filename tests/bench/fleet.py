"""A fleet as a whole, with the memory that it takes; only if named, for 50 rehearsals take long.

python -m tests.bench fleet --planned 1000               plan members of one run: seconds, and peak memory against that of ten
python -m tests.bench fleet --rehearsed 50               rehearse members through a real Prefect server, one of them poisoned
    [--at-once 2] [--speed 600]

The memory of a rehearsed fleet is that of all its processes at one time: proportional set size, sampled every few seconds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from installer.emulator.prefect.processes import Processes
from installer.emulator.providers.kubernetes.workloads import Container
from tests.e2e.conftest import command, environment, leftovers
from tests.fleet.sample_fleet import fleet_file, member
from tests.processes import until

FAULT: Final = "LocationIsOfferRestricted"
POISONED: Final = "m0001"
_SERVER_SECONDS: Final = 180.0
_SAMPLE_SECONDS: Final = 5.0
_SECRET: Final = "kv/secrets/prefect-auth"


def main(arguments: list[str]) -> int:
    """Measure what is named; returns 1 if other members than the poisoned one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench fleet")
    parser.add_argument("--planned", type=int, default=0)
    parser.add_argument("--rehearsed", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--speed", default="600")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if given.planned:
            _plan(Path(folder), given.planned)
        if given.rehearsed:
            return _rehearse(Path(folder), given.rehearsed, given.at_once, given.speed)
    return 0


def members(folder: Path, count: int, more: str = "") -> Path:
    """A fleet of so many members, each in a subscription that no other has."""
    entries = [
        member(f"m{number:04}", overrides={"subscription.subscription": f"4f2c8a5e-1b39-4d0c-8c55-{number:012d}"})
        for number in range(count)
    ]
    return fleet_file(folder, *entries, more=more)


def _plan(folder: Path, count: int) -> None:
    for size in (10, count):
        file = members(folder, size)
        begun = time.perf_counter()
        peak, rows = _peak(["fleet", "plan", str(file), "--output", "json", "--state-dir", str(folder)])
        took = time.perf_counter() - begun
        print(f"fleet plan, {size:5} members   {took:6.1f} s   peak {peak} MB   {rows} rows")


def _peak(arguments: list[str]) -> tuple[int, int]:
    """Peak memory of a command in MB, and the number of members in its result."""
    with subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        found = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss // 1024, len(found["members"])


@dataclass
class Memory:
    """Memory of all processes of a state directory, sampled until the block ends.

    Attributes:
        samples: Megabytes at each time.

    """

    state: Path
    samples: list[int] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        """Begin sampling."""
        threading.Thread(target=self._sample, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End sampling."""
        self._over.set()

    def _sample(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            self.samples.append(sum(map(_proportional_kilobytes, leftovers(self.state))) // 1024)

    def peaks(self) -> list[int]:
        """The peak of each quarter of the time: a fleet whose memory does not grow has about the same in all of them."""
        quarter = -(-len(self.samples) // 4) or 1
        return [max(self.samples[at : at + quarter]) for at in range(0, len(self.samples), quarter)]


def _proportional_kilobytes(pid: int) -> int:
    """Proportional set size (proc(5), smaps_rollup), in which shared pages count once; 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _rehearse(folder: Path, count: int, at_once: int, speed: str) -> int:
    file = members(folder, count, more=f"max_failed: 1\nconcurrency: {{fleet: {at_once}, tenant: {at_once}}}\n")
    state = folder / "state"
    with Processes(folder / "prefect") as processes:
        secrets = {"PREFECT_SERVER_API_AUTH_STRING": _SECRET}
        processes.keep("server", Container("prefect", ("prefect", "server", "start"), secrets=secrets))
        until(lambda: processes.ready_replicas("server", 1) == 1, "the server answers", _SERVER_SECONDS)
        (url,) = processes.addresses().values()
        prefect = {"PREFECT_API_URL": f"{url}/api", "PREFECT_API_AUTH_STRING": processes.secret(_SECRET)}
        options = ["--rehearse", "--speed", speed, "--fault", f"{POISONED}={FAULT}", "--output", "json"]
        result, memory, begun = dict[str, Any](), Memory(state), time.perf_counter()
        words = command("fleet", "apply", str(file), *options, "--state-dir", str(state))
        with memory, subprocess.Popen(words, stdout=subprocess.PIPE, env=environment(prefect)) as fleet:
            assert fleet.stdout is not None
            for line in fleet.stdout:
                result = json.loads(line)
                if result.get("event") == "ended":
                    at = time.perf_counter() - begun
                    print(f"{at:6.0f} s  {result['member']}  {result['state']} {result['reason']}", flush=True)
    failed = {row["member"]: row["reason"] for row in result["members"] if row["state"] != "done"}
    peak = result["memoryMegabytes"]
    print(
        f"fleet apply, {count} members, {at_once} at once   {time.perf_counter() - begun:.0f} s   {result['message']}"
    )
    print(f"peak memory: fleet {peak['fleet']} MB, largest process of a member {peak['largestProcess']} MB")
    print(f"peak memory of all its processes together, by quarter of the time: {memory.peaks()} MB")
    print(*(f"{name}: {reason}" for name, reason in failed.items()), sep="\n")
    left = leftovers(state)
    print(f"processes left: {len(left)}")
    return 0 if set(failed) == {POISONED} and not left else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
