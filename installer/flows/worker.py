"""Real Prefect workers on this machine, one for each environment."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from installer.children import Child, Children
from installer.errors import PrefectFailed
from installer.flows.rest import BUSY, Api, ask, wanted
from installer.flows.surroundings import surroundings

WORKER_NAME: Final = "flowforge-installer"
QUERY_SECONDS: Final = 1
"""How often a worker asks for runs. Prefect's own 10 s would be most of the time that the canary takes."""
LONGEST_SECONDS: Final = 90.0
"""Estimated: what a slow and busy machine may take; recorded are 4 s."""
POLL_SECONDS: Final = 0.25


@dataclass(frozen=True)
class Worker:
    """A running worker, and the pool that it works for.

    since: when it was started, so that it is not mistaken for an earlier worker of the same name.
    """

    pool: str
    since: datetime
    child: Child

    def online(self, api: Api) -> bool:
        """Whether the server has heard of this very worker. Raises PrefectFailed when the process has ended."""
        if not self.child.alive:
            raise PrefectFailed(f"the worker of {self.pool} ended; its last words:\n{self.child.last_words()}")
        answer = ask(api, "POST", f"/work_pools/{self.pool}/workers/filter", {})
        if answer is not None and answer.status in BUSY:
            return False
        found = wanted(answer, f"workers of {self.pool}")
        for worker in found if isinstance(found, list) else []:
            if isinstance(worker, dict) and worker.get("name") == WORKER_NAME and worker.get("status") == "ONLINE":
                heard = worker.get("last_heartbeat_time")
                return isinstance(heard, str) and datetime.fromisoformat(heard) >= self.since
        return False

    def wait_online(self, api: Api, pause: Callable[[float], None]) -> None:
        """Wait until it is online. Raises PrefectFailed, and whatever `pause` raises."""
        give_up = time.monotonic() + LONGEST_SECONDS
        while not self.online(api):
            if time.monotonic() > give_up:
                raise PrefectFailed(f"the worker of {self.pool} is not online after {LONGEST_SECONDS:.0f} s")
            pause(POLL_SECONDS)


def start_worker(children: Children, api: Api, *, pool: str, home: Path) -> Worker:
    """Start a worker for a work pool that exists already. Returns at once; `wait_online` tells when it is there.

    home: directory for what Prefect keeps; the worker's log is `worker-POOL.log` in it.
    """
    since = datetime.now(UTC)
    child = children.start(
        f"prefect worker {pool}",
        [
            *(sys.executable, "-m", "prefect", "worker", "start", "--type", "process"),
            *("--pool", pool, "--name", WORKER_NAME, "--no-create-pool-if-not-found"),
        ],
        env=surroundings(
            home,
            {
                "PREFECT_API_URL": api.url,
                "PREFECT_API_AUTH_STRING": api.auth.get_secret_value(),
                "PREFECT_WORKER_QUERY_SECONDS": str(QUERY_SECONDS),
            },
        ),
        log=home / f"worker-{pool}.log",
        cwd=home,
    )
    return Worker(pool, since, child)
