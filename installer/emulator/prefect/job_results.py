"""Results and logs of jobs, stored in the state directory, so that they survive a restart of the server."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from installer.emulator.prefect.local import digest
from installer.emulator.providers.kubernetes.workloads import Ended

if TYPE_CHECKING:
    from pathlib import Path

_LOG_LINES: Final = 400


@dataclass(frozen=True)
class JobResults:
    """Files of jobs in a folder."""

    home: Path

    def log_of(self, where: str) -> Path:
        """File with the output of a job."""
        return self.home / f"{digest(where)}.log"

    def log(self, where: str) -> str:
        """The end of the output of a job; "" if it has none."""
        with contextlib.suppress(OSError):
            lines = self.log_of(where).read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
            return "".join(lines[-_LOG_LINES:])
        return ""

    def begin(self, where: str) -> None:
        """Store that a job runs, and empty its log."""
        self.log_of(where).unlink(missing_ok=True)  # a new pod begins with an empty log
        self._store(where, None)

    def end(self, where: str, result: Ended) -> None:
        """Store the result of a job."""
        self._store(where, result)

    def began(self, where: str) -> bool:
        """Whether a job was run."""
        return self._file(where).exists()

    def result(self, where: str) -> Ended | None:
        """The stored result of a job; None if it has none."""
        with contextlib.suppress(OSError, ValueError):
            if found := json.loads(self._file(where).read_text(encoding="ascii")):
                return Ended(**found)
        return None

    def forget(self, where: str) -> None:
        """Remove the result of a deleted job."""
        self._file(where).unlink(missing_ok=True)

    def _file(self, where: str) -> Path:
        return self.home / f"{digest(where)}.job"

    def _store(self, where: str, result: Ended | None) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file(where).write_text(json.dumps(asdict(result) if result else None), encoding="ascii")
