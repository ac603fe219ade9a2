"""Prints what becomes of flow runs that are submitted while the credential is rotated, a worker is killed and a server is restarted.

    python -m tests.bench.flow_runs [RUNS] [--home HOME] [--workers N] [--folder FOLDER]

RUNS is 1000 by default; HOME is one of `python -m tests.homes --list` whose flows run in workers. Prefect is that of a rehearsal: real
PostgreSQL, and the commands and settings of its apps. A run that has not completed has to say so in its state, and one that was
started twice in its history.
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.rehearsed_prefect import RehearsedPrefect, rehearsed_prefect
from tests.homes.processes import Kind
from tests.processes import descendants, pause

STILL_SECONDS: Final = 1200.0
"""An event whose predecessor was lost with a server is judged 15 minutes later (prefect/server/events/ordering)."""
DRAIN_SECONDS: Final = 600.0
SHOWN: Final = 10
FINAL: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
FLOW: Final = """\
from prefect import flow

@flow
def quick() -> str:
    return "done"
"""


def main(arguments: Sequence[str]) -> int:
    """Submit the runs, disturb them, wait for their end, and print the figures; 1 if one was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.flow_runs", description=__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=1000)
    parser.add_argument("--home", default="apps-service-1")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for commands in the background
    print(f"{given.runs} flow runs in {given.home}; {given.workers} workers with one run at a time each", flush=True)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="flow-runs-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"files: {folder}", flush=True)
    with rehearsed_prefect(given.home, folder, given.workers - 1) as prefect:
        return disturbed(prefect, given.runs, folder)


def disturbed(prefect: RehearsedPrefect, runs: int, folder: Path) -> int:
    """Submit the runs while Prefect is disturbed; the exit code."""
    begun = time.monotonic()
    deployment = prefect.deployment(folder / "flow", FLOW)

    def submit() -> None:
        for number in range(runs):
            prefect.submit(deployment, f"run-{number}")

    client = threading.Thread(target=submit, daemon=True)
    client.start()
    try:
        _disturb(prefect, deployment, runs, begun)
        client.join()
        wait_for(prefect, deployment, runs)
    except KeyboardInterrupt:
        print("interrupted: the figures are those of this moment", flush=True)
    return report(prefect, deployment, runs, time.monotonic() - begun)


def _disturb(prefect: RehearsedPrefect, deployment: str, runs: int, begun: float) -> None:
    """One disturbance after the other, while runs are submitted and under way."""
    wait_for(prefect, deployment, runs // 20)
    kill(prefect, "worker")
    wait_for(prefect, deployment, runs // 10)
    kill(prefect, "server")
    wait_for(prefect, deployment, runs // 5)
    count = len(prefect.replicas)
    prefect.rotate(DRAIN_SECONDS)
    prefect.start_replicas(count)
    print(f"{time.monotonic() - begun:.0f} s: the credential is rotated", flush=True)


def wait_for(prefect: RehearsedPrefect, deployment: str, ended: int) -> None:
    """Wait until so many runs have ended for good, or none has for STILL_SECONDS."""
    done, changed = -1, time.monotonic()
    while done < ended and time.monotonic() - changed < STILL_SECONDS:
        pause(5.0)
        prefect.replace_ended_replicas()
        prefect.memory.sample(os.getpid())
        now = sum(run["state_type"] == "COMPLETED" for run in prefect.runs(deployment))
        done, changed = now, time.monotonic() if now != done else changed
    print(f"{done} have completed", flush=True)


def kill(prefect: RehearsedPrefect, kind: Kind) -> None:
    """Kill the worker that has a run, or the server, with their processes, as the end of a node does."""
    chosen = max(prefect.pids(kind), key=lambda pid: len(descendants(pid)))
    below = descendants(chosen)
    for pid in (*below, chosen):
        os.kill(pid, signal.SIGKILL)
    print(f"a {kind} is killed with {len(below)} processes", flush=True)


def report(prefect: RehearsedPrefect, deployment: str, wanted: int, seconds: float) -> int:
    """Print how the runs ended, and how often they were started."""
    runs = prefect.runs(deployment)
    states = Counter(str(run["state_type"]) for run in runs)
    histories = {str(run["name"]): prefect.history(str(run["id"])) for run in runs}
    names = {name: [state for state, _ in history] for name, history in histories.items()}
    again = [name for name, history in names.items() if history.count("Running") > 1]
    silent = [name for name in again if names[name].count("Running") - 1 > names[name].count("Crashed")]
    missing = wanted - len(names)
    unfinished = [str(run["name"]) for run in runs if run["state_type"] not in FINAL]
    failed = [str(run["name"]) for run in runs if run["state_type"] in FINAL - {"COMPLETED"}]
    print(f"{seconds:.0f} s: {dict(states)}")
    print(f"missing: {missing}; without an end: {len(unfinished)}; ended without completing, and say so: {len(failed)}")
    restarted = [name for name, history in names.items() if "Crashed" in history and name not in failed]
    print(f"started again after a crash: {len(restarted)}; started again without saying so: {len(silent)}")
    print(f"memory: {prefect.memory}")
    for name in [*unfinished, *silent, *failed, *restarted][:SHOWN]:
        print(name, "; ".join(f"{state}: {message}" if message else state for state, message in histories[name]))
    return 1 if missing or unfinished or silent or failed or len(runs) != wanted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
