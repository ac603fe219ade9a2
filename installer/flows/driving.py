"""The installer's side of applying a description: runs the child that may import prefect, and tells what it does."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, get_args

from installer.errors import PrefectFailed
from installer.flows.description import Estate
from installer.flows.rest import Api
from installer.flows.surroundings import surroundings
from installer.jsontypes import Json

POLL_SECONDS: Final = 0.1
LAST_LINES: Final = 5

Doing = Literal["created", "updated", "unchanged", "progressed"]
DOINGS: Final[tuple[Doing, ...]] = get_args(Doing)


@dataclass(frozen=True)
class Change:
    """What happened to one object in Prefect.

    doing: "progressed" is news about something that goes on; each object ends with one of the others.
    kind: "work pool", "work queue", "variable", "block", "deployment", or "flow run".
    text: one line for people.
    """

    doing: Doing
    kind: str
    name: str
    text: str


@dataclass(frozen=True)
class Applied:
    """How many objects were created, set right, and found as they shall be."""

    created: int
    updated: int
    unchanged: int


def apply(
    api: Api, estate: Estate, *, home: Path, emit: Callable[[Change], None], pause: Callable[[float], None]
) -> Applied:
    """Make what the estate describes exist in Prefect; what is so already is left alone.

    emit: called for each object, on this thread. A worker can be started as soon as its work pool was told.
    home: directory for what Prefect keeps beside the API; the child's log is `apply.log` in it.
    pause: waits so many seconds; whatever it raises ends the child with all its descendants.
    Raises PrefectFailed in the words of Prefect.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    order: dict[str, Json] = {"api": api.url, "auth": api.auth.get_secret_value(), "estate": estate.to_json()}
    counts: dict[str, int] = dict.fromkeys(DOINGS, 0)
    done = False
    with _child(order, home) as (process, log):
        for line in _lines(process, pause):
            if "error" in line:
                raise PrefectFailed(str(line["error"]))
            if "result" in line:
                done = True
            elif (doing := line.get("event")) in counts:
                change = Change(DOINGS[DOINGS.index(doing)], str(line["kind"]), str(line["name"]), str(line["text"]))
                counts[change.doing] += 1
                emit(change)
    if not done:
        raise PrefectFailed(f"setting up Prefect ended before it was done; its last words:\n{_end_of(log)}")
    return Applied(counts["created"], counts["updated"], counts["unchanged"])


@contextlib.contextmanager
def _child(order: dict[str, Json], home: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """A child that works on the order. It lives no longer than this context, nor than this process."""
    log = home / "apply.log"
    with (
        log.open("ab") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "installer.flows"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=surroundings(home),
            cwd=home,
            start_new_session=True,
        ) as process,
    ):
        try:
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):  # it has ended already; its log says why
                    process.stdin.write(json.dumps(order).encode() + b"\n")
                    process.stdin.flush()
            yield process, log
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(BrokenPipeError):
                if process.stdin is not None:
                    process.stdin.close()


def _lines(process: "subprocess.Popen[bytes]", pause: Callable[[float], None]) -> Iterator[dict[str, Json]]:
    """What the child says, line by line, until it ends or has said its last."""
    said: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process.stdout, said), name="prefect-apply", daemon=True)
    reader.start()
    while True:
        try:
            raw = said.get_nowait()
        except queue.Empty:
            pause(POLL_SECONDS)
            continue
        if raw is None:
            return
        with contextlib.suppress(ValueError):  # libraries print
            line = json.loads(raw)
            if isinstance(line, dict):
                yield line


def _read(stream: IO[bytes] | None, said: "queue.SimpleQueue[bytes | None]") -> None:
    if stream is not None:
        with contextlib.suppress(ValueError, OSError):  # closed when the child was ended
            for raw in stream:
                said.put(raw)
    said.put(None)


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:])
