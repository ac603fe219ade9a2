"""Results and logs of jobs, stored in the state directory, so that they survive a restart of the server."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.emulator.prefect.local import digest

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

    def mark(self, where: str, word: str) -> None:
        """Store the state of a job: "running", or its exit code."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.home / f"{digest(where)}.job").write_text(word, encoding="ascii")

    def marked(self, where: str) -> str | None:
        """The stored state of a job; None if it was not run."""
        with contextlib.suppress(OSError):
            return (self.home / f"{digest(where)}.job").read_text(encoding="ascii")
        return None
