"""Long-running jobs that clients poll by id: what-if, and the deletion of groups and resources."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.emulator.state.database import Database, packed, unpacked

if TYPE_CHECKING:
    from installer.emulator.state.database import Value
    from installer.jsontypes import Json


@dataclass(frozen=True)
class Job:
    """A job that ends at `ready`; a poll then returns `status` with `result` (None: an empty body)."""

    id: str
    kind: str
    subject: str
    ready: float
    done: bool
    status: int
    result: Json


class Jobs:
    """The table of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, kind: str, subject: str, ready: float, status: int = 200, result: Json = None) -> Job:
        """Store a new job; its id is opaque, base64 like ARM's."""
        text = packed({"jobId": f"{kind.upper()}-{uuid.uuid4().hex.upper()}"})
        job_id = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        job = Job(job_id, kind, subject, ready, done=False, status=status, result=result)
        self._database.run(
            "INSERT INTO jobs VALUES (?, ?, ?, ?, 0, ?, ?)", job_id, kind, subject, ready, status, packed(result)
        )
        return job

    def get(self, job_id: str) -> Job | None:
        """One job."""
        found = self._database.row("SELECT * FROM jobs WHERE id = ?", job_id)
        return _job(found) if found else None

    def finish(self, job_id: str) -> None:
        """Mark a job as done."""
        self._database.run("UPDATE jobs SET done = 1 WHERE id = ?", job_id)

    def fail(self, job_id: str, status: int, result: Json) -> None:
        """Mark a job as failed; polls return this status and error."""
        self._database.run(
            "UPDATE jobs SET done = 1, status = ?, result = ? WHERE id = ?", status, packed(result), job_id
        )

    def unfinished(self, *kinds: str) -> list[Job]:
        """The jobs of these kinds in progress."""
        rows = self._database.rows("SELECT * FROM jobs WHERE done = 0 ORDER BY ready")
        return [job for job in map(_job, rows) if job.kind in kinds]


def _job(row: tuple[Value, ...]) -> Job:
    job_id, kind, subject, ready, done, status, result = row
    return Job(str(job_id), str(kind), str(subject), float(ready or 0), bool(done), int(status or 0), unpacked(result))
