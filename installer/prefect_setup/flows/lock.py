"""Lock of an environment: one run at a time deploys its flows, from whichever machine.

Prefect has no lock that outlives a request on every server. The lock is a variable, because two of the same name cannot exist:
the run that creates it second is refused with 409 (prefect 3.8.8, server/api/variables.py, create_variable). It is visible in
Prefect's pages, with the run that holds it. An expired one is deleted by its ID, so that of two runs that do so only one
creates the next.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from installer.errors import PrefectFailed
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.prefect_setup.flows.order import Deployer
from installer.prefect_setup.flows.server import Server

LEASE_SECONDS: Final = 3600.0
"""Longer than the deadlines of what happens under the lock together: a job (1800 s, kubernetes/jobs.py) and the new image of a
worker (1200 s, steps/container_app_image.py). So no process still works when its lock has expired."""
_TRIES: Final = 5
"""Each failed one shows that another run has created or deleted the variable meanwhile."""


@dataclass
class FlowsLock:
    """The lock of an environment.

    Attributes:
        server: Has the variable.
        environment: Name of the environment.
        deployer: The run that wants it; a later attempt of a run takes its own lock again.
        now: Current time in seconds since the epoch.

    """

    server: Server
    environment: str
    deployer: Deployer
    now: Callable[[], float] = time.time
    _id: str = ""

    @property
    def name(self) -> str:
        """Name of the variable."""
        return f"flowforge-flows-{self.environment}-lock"

    def take(self) -> None:
        """Take the lock. Raises PrefectFailed with its holder if another run has it."""
        for _ in range(_TRIES):
            if created := as_object(self.server.create_unique("/variables/", self._body(), self.name)):
                self._id = as_text(created.get("id"))
                return
            found = self.server.find(f"/variables/name/{quote(self.name, safe='')}", self.name)
            if found is None:
                continue
            value = as_object(found.get("value"))
            if as_text(value.get("key")) == self.deployer.key:
                self.server.delete(
                    f"/variables/{found['id']}", self.name
                )  # its own, of an earlier attempt: a new lease
            elif _seconds(value.get("until")) < self.now():
                self.server.delete(f"/variables/{found['id']}", self.name)
            else:
                raise PrefectFailed(self._held(as_text(value.get("by")), as_text(value.get("until"))))
        raise PrefectFailed(f"other runs are deploying the flows of {self.environment}; try again in some minutes")

    def release(self) -> None:
        """Release the lock if it was taken; if that fails, it expires."""
        if self._id:
            with suppress(PrefectFailed):
                self.server.delete(f"/variables/{self._id}", self.name)
            self._id = ""

    def _body(self) -> Json:
        until = datetime.fromtimestamp(self.now() + LEASE_SECONDS, UTC)
        value: Json = {
            "by": self.deployer.by,
            "key": self.deployer.key,
            "until": until.isoformat(timespec="seconds"),
        }
        return {"name": self.name, "value": value, "tags": ["flowforge"]}

    def _held(self, by: str, until: str) -> str:
        return (
            f"the flows of {self.environment} are being deployed by {by or 'another run'}; run flows deploy again once that "
            f"has ended. If it was stopped, resume it, or wait until {until}, when its lock (variable {self.name}) expires"
        )


def _seconds(value: Json) -> float:
    """Seconds since the epoch of a time; 0 for what is none, so that a damaged lock counts as expired."""
    try:
        return datetime.fromisoformat(as_text(value)).timestamp()
    except ValueError:
        return 0.0
