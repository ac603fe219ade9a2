"""Prints what becomes of flow runs that are submitted while the credential is rotated, a worker is killed and the server restarted.

    python -m tests.bench.flow_runs [RUNS] [FOLDER]

RUNS is 1000 by default. Each has to complete; one that was started twice has to say so in its history.
"""

import dataclasses
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Final

from installer.prefect_setup.lost_runs import lost_runs
from installer.prefect_setup.model import Estate
from installer.prefect_setup.rest import request_with_retries
from tests.operations.prefect_under_rotation import Rotated, quick_estate, rotated
from tests.processes import command_lines, descendants, pause

HEARTBEAT: Final = "30"
LOST_SECONDS: Final = 75
END_SECONDS: Final = 1200.0
"""An event whose predecessor was lost with a server is judged 15 minutes later (prefect/server/events/ordering)."""
WORKERS: Final = 2
AT_A_TIME: Final = 3


def main(runs: int, home: Path) -> int:
    """Submit the runs, disturb them, wait for their end, and print the figures; 1 if one was lost."""
    (dev,) = quick_estate(home / "flows").environments
    quick = lost_runs("dev", dev.pool.name, "process", seconds=LOST_SECONDS, start_seconds=LOST_SECONDS)
    pool = dataclasses.replace(dev.pool, concurrency_limit=WORKERS * AT_A_TIME)
    pool = dataclasses.replace(pool, defaults={"env": {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": HEARTBEAT}})
    estate = Estate((dataclasses.replace(dev, automations=quick, pool=pool),))
    print(f"{runs} flow runs; {WORKERS} workers with {AT_A_TIME} runs at a time each")
    with rotated(home / "state", estate, workers=WORKERS, limit=AT_A_TIME) as prefect:
        begun = time.monotonic()
        found = request_with_retries(
            prefect.api, "GET", "/deployments/name/canary/canary-dev", what="the deployment", pause=pause
        )
        assert isinstance(found, dict)
        deployment = str(found["id"])

        def submit() -> None:
            for number in range(runs):
                prefect.submit(deployment, f"run-{number}")

        client = threading.Thread(target=submit)
        client.start()
        wait_for(prefect, runs // 10)
        kill(prefect, "worker")
        wait_for(prefect, runs // 4)
        kill(prefect, "server")
        wait_for(prefect, runs // 2)
        prefect.rotate(600.0)
        print(f"{time.monotonic() - begun:.0f} s: the credential is rotated")
        client.join()
        wait_for(prefect, runs, END_SECONDS)
        return report(prefect, runs, time.monotonic() - begun)


def wait_for(prefect: Rotated, completed: int, limit: float = 7200.0) -> None:
    """Wait until so many runs have completed, or none has for so many seconds."""
    done, changed = -1, time.monotonic()
    while done < completed and time.monotonic() - changed < limit:
        pause(3.0)
        now = sum(run["state_type"] == "COMPLETED" for run in prefect.runs())
        done, changed = now, time.monotonic() if now != done else changed
    print(f"{done} have completed", flush=True)


def kill(prefect: Rotated, kind: str) -> None:
    """Kill a worker or the server with its runs, as the end of its node does."""
    mark = {"worker": "prefect worker start", "server": "prefect server start"}[kind]
    own = set(descendants(os.getpid()))
    found = sorted(
        pid for pid, line in command_lines().items() if pid in own and mark in line and "process_guard" not in line
    )
    chosen = random.Random(len(prefect.pool)).choice(found)  # noqa: S311  no secret
    for pid in (*descendants(chosen), chosen):
        os.kill(pid, signal.SIGKILL)
    print(f"a {kind} is killed with {len(descendants(chosen))} processes", flush=True)


def report(prefect: Rotated, wanted: int, seconds: float) -> int:
    """Print how the runs ended, and how often they were started."""
    runs = prefect.runs()
    states = Counter(str(run["state_type"]) for run in runs)
    twice = {str(run["name"]): prefect.history(str(run["id"])) for run in runs if run["run_count"] != 1}
    silent = [name for name, history in twice.items() if history.count("Running") - 1 > history.count("Crashed")]
    lost = wanted - states["COMPLETED"]
    print(
        f"{seconds:.0f} s: {dict(states)}; lost: {lost}; started again after a crash: {len(twice)}; without saying so: {len(silent)}"
    )
    for name in silent[:5]:
        print(name, twice[name])
    return 1 if lost or silent or len({str(run["name"]) for run in runs}) != wanted or len(runs) != wanted else 0


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    if len(sys.argv) > 2:
        sys.exit(main(number, Path(sys.argv[2])))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(number, Path(folder)))
