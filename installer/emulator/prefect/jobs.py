"""Containers that run once: started again after a failure as often as their job allows, ended at its deadline.

kubernetes.io/docs/concepts/workloads/controllers/job ("Pod backoff failure policy", "Job termination and cleanup").
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.emulator.prefect.job_results import JobResults
from installer.emulator.prefect.local import digest
from installer.emulator.providers.kubernetes.workloads import Ended

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from installer.emulator.prefect.supervisor import SupervisedProcess, Supervisor
    from installer.emulator.providers.kubernetes.workloads import Container

_BACKOFF_SECONDS: Final = 10.0
"""Wait before the second attempt; it doubles with each one."""


@dataclass
class _Job:
    """A job that runs.

    Attributes:
        begun: When it was started, in seconds since the epoch.
        started: When its current attempt was.
        again: Time of the next attempt while none runs.

    """

    command: Sequence[str]
    env: Mapping[str, str]
    container: Container
    child: SupervisedProcess
    begun: float
    started: float
    attempts: int = 1
    late: bool = False
    again: float | None = None


@dataclass
class Jobs:
    """All jobs of a session. Not thread-safe.

    Attributes:
        home: Folder of their results and logs, and their current directory.
        children: Supervisor of their processes.

    """

    home: Path
    children: Supervisor
    _running: dict[str, _Job] = field(default_factory=dict)

    def start(self, where: str, command: Sequence[str], env: Mapping[str, str], container: Container) -> None:
        """Start a job."""
        self.results.begin(where)
        now = time.time()
        child = self._child(where, command, env)
        self._running[where.lower()] = _Job(command, env, container, child, now, now)

    def end(self, where: str) -> None:
        """Stop a job that was deleted, and forget its result."""
        job = self._running.pop(where.lower(), None)
        if job is not None:
            job.child.end()
        self.results.forget(where)

    def poll(self) -> None:
        """Store the results of jobs that have ended, start them again, and end those that are late."""
        now = time.time()
        for where, job in list(self._running.items()):
            if job.again is not None:
                if now >= job.again:
                    job.child, job.started, job.again = self._child(where, job.command, job.env), now, None
                    job.attempts += 1
            elif job.child.code is None:
                limit = job.container.deadline
                if limit is not None and now >= job.begun + limit and not job.late:
                    job.late = True
                    job.child.end()
            elif job.child.code and not job.late and job.attempts <= job.container.retries:
                job.again = now + _BACKOFF_SECONDS * 2 ** (job.attempts - 1)
            else:
                self.results.end(where, Ended(job.child.code, job.attempts, job.late, job.started, now))
                del self._running[where]

    def outcome(self, where: str) -> Ended | None:
        """The result of a job; None while it runs. One that was interrupted by a stop of the server has failed."""
        self.poll()
        if where.lower() in self._running:
            return None
        return self.results.result(where) or Ended(1)

    @property
    def results(self) -> JobResults:
        """Their files."""
        return JobResults(self.home)

    def _child(self, where: str, command: Sequence[str], env: Mapping[str, str]) -> SupervisedProcess:
        name = f"job {digest(where)}"
        return self.children.start(name, command, env=env, log=self.results.log_of(where), cwd=self.home)
