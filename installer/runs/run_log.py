"""The log file of a run: warnings and errors, with secrets redacted."""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.runs.run import Run


class RunLog:
    """Log of one run after the other."""

    def __init__(self) -> None:
        self._handler: logging.Handler | None = None

    def begin(self, run: "Run") -> None:
        """Log to a file of the run, instead of that of the previous one."""

        class Redacting(logging.Formatter):
            def format(self, record: logging.LogRecord) -> str:
                return run.secrets.redact(super().format(record))

        self.end()
        path = run.directory / "installer.log"
        path.touch(mode=0o600)
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace", delay=True)
        handler.setLevel(logging.WARNING)
        handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)
        self._handler = handler

    def end(self) -> None:
        """Close the file."""
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
            self._handler = None
