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
    from collections.abc import Callable, Mapping, Sequence
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
        may_start: Whether what it calls answers.

    """

    command: Sequence[str]
    env: Mapping[str, str]
    container: Container
    may_start: Callable[[], bool]
    begun: float
    started: float
    child: SupervisedProcess | None = None
    attempts: int = 0
    late: bool = False
    again: float | None = None

    @property
    def code(self) -> int | None:
        """Exit code of its current attempt, None before its end."""
        return self.child.code if self.child is not None else None

    def end(self) -> None:
        """End its process."""
        if self.child is not None:
            self.child.end()


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

    def start(
        self,
        where: str,
        command: Sequence[str],
        env: Mapping[str, str],
        container: Container,
        may_start: Callable[[], bool] = lambda: True,
    ) -> None:
        """Start a job, once it may start."""
        self.results.begin(where)
        now = time.time()
        self._running[where.lower()] = _Job(command, env, container, may_start, now, now, again=now)
        self.poll()

    def end(self, where: str) -> None:
        """Stop a job that was deleted, and forget its result."""
        job = self._running.pop(where.lower(), None)
        if job is not None:
            job.end()
        self.results.forget(where)

    def poll(self) -> None:
        """Store the results of jobs that have ended, start them again, and end those that are late."""
        now = time.time()
        for where, job in list(self._running.items()):
            if job.again is not None:
                if now >= job.again and job.may_start():
                    job.child, job.started, job.again = self._child(where, job.command, job.env), now, None
                    job.attempts += 1
            elif job.code is None:
                limit = job.container.deadline
                if limit is not None and now >= job.begun + limit and not job.late:
                    job.late = True
                    job.end()
            elif job.code and not job.late and job.attempts <= job.container.retries:
                job.again = now + _BACKOFF_SECONDS * 2 ** (job.attempts - 1)
            else:
                self.results.end(where, Ended(job.code, job.attempts, job.late, job.started, now))
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
