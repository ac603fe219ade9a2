"""The line with which an embedded Azure announces itself, or the reason why it did not start."""

import contextlib
import json
import subprocess
import threading
from pathlib import Path
from typing import Final

from installer.errors import InstallerError, UsageError

START_SECONDS: Final = 30.0
_USAGE_ERROR: Final = ": error: "
"""How argparse begins an error."""


class RehearsalFailed(InstallerError):
    """The embedded Azure did not start."""


class KilledWhileStarting(RehearsalFailed):
    """Another process, or the system for lack of memory, has killed it before it was ready."""


def close_pipes(process: "subprocess.Popen[str]") -> None:
    """Close the ends of this process."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # what the other end, which has ended, has not read
                pipe.close()


def facts_of(process: "subprocess.Popen[str]", log: Path) -> dict[str, object]:
    """The line of JSON that the child prints when it is ready."""
    line: list[str] = []
    stdout = process.stdout
    assert stdout is not None  # noqa: S101  a pipe was requested
    reader = threading.Thread(target=lambda: line.append(stdout.readline()), daemon=True)
    reader.start()
    reader.join(START_SECONDS)
    try:
        facts = json.loads(line[0])
        return {str(key): value for key, value in facts.items()}
    except (IndexError, ValueError, AttributeError) as error:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        ended = process.poll()
        process.kill()
        process.wait()
        close_pipes(process)
        if ended is not None and ended < 0:
            raise KilledWhileStarting(f"the embedded Azure was killed by signal {-ended} while it started") from error
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if process.returncode == UsageError.exit_code and lines:
            raise UsageError(_usage_problem(lines)) from error
        raise RehearsalFailed(f"the embedded Azure did not start; its log is {log}") from error


def _usage_problem(lines: list[str]) -> str:
    """The message of argparse, which may have several lines, without the usage and the name of the program."""
    at = max((number for number, line in enumerate(lines) if _USAGE_ERROR in line), default=len(lines) - 1)
    return "\n".join([lines[at].rpartition(_USAGE_ERROR)[2], *lines[at + 1 :]])
