"""The log file of a run: warnings and errors, with secrets redacted."""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.runs.run import Run


def log_to(run: "Run") -> logging.Handler:
    """Log warnings and errors to a file of the run, with secrets redacted."""

    class Redacting(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return run.secrets.redact(super().format(record))

    path = run.directory / "installer.log"
    path.touch(mode=0o600)
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace", delay=True)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    return handler
