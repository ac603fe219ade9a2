"""Rehearsals whose embedded Azure and Prefect were left running: their list, and their end."""

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from installer.cloud.emulator_process import KEPT, STOP_SECONDS
from installer.engine.journal import Journal
from installer.errors import InstallerError, UsageError
from installer.invocation import command
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.regular_files import read_regular
from installer.runs.state_directory import StateDirectory
from installer.runs.stored_runs import is_running, stored_runs
from installer.sanitize import one_line

POLL_SECONDS: Final = 0.1


@dataclass(frozen=True)
class KeptRehearsal:
    """A rehearsal that runs without an installer.

    Attributes:
        folder: State directory of its embedded Azure.
        runs: Names of its runs; none if they were deleted.
        pid: Its process.
        since: When its installer ended.
        endpoint: Address of its embedded Azure.
        prefect: Address of Prefect by environment, as its newest run has verified it.

    """

    folder: Path
    runs: tuple[str, ...]
    pid: int
    since: datetime
    endpoint: str
    prefect: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its newest run, or else the name of its folder."""
        return self.runs[-1] if self.runs else self.folder.name


def kept_rehearsals(state: StateDirectory) -> Iterator[KeptRehearsal]:
    """Those that are running now. A note whose process has ended is ignored: the lock decides."""
    notes = sorted(state.path.glob(f"rehearsals/*/{KEPT}"))
    runs = list(stored_runs(state)) if notes else []
    for note in notes:
        if not is_running(note.parent):
            continue
        try:
            found = as_object(json.loads(read_regular(note)))
            pid, since = int(str(found["pid"])), datetime.fromisoformat(as_text(found["since"]))
        except (OSError, ValueError, KeyError):
            continue
        names = tuple(one.name for one in runs if one.rehearsal == note.parent)
        prefect = _addresses(state, names[-1]) if names else {}
        yield KeptRehearsal(note.parent, names, pid, since, one_line(as_text(found.get("endpoint"))), prefect)


def refuse_kept(state: StateDirectory, target: Mapping[str, Json], run: str) -> None:
    """Refuse to start an embedded Azure that a kept rehearsal has in use. Raises UsageError.

    Args:
        state: The state directory.
        target: Target of the run, from its journal.
        run: Name of the run.

    """
    folder = as_text(target.get("state")).rpartition("/")[2]
    kept = next((one for one in kept_rehearsals(state) if one.folder.name == folder), None)
    if kept is None:
        return
    since = kept.since.astimezone()
    raise UsageError(
        f"the rehearsal of run {run} was kept and is running since {since:%Y-%m-%d %H:%M}, with its Prefect: end it with "
        f"{command(f'rehearse stop {run}')}, then repeat this command; its state stays"
    )


def _addresses(state: StateDirectory, run: str) -> dict[str, str]:
    """Address of Prefect by environment in the events of a run."""
    try:
        with Journal(state.run(run), write=False) as journal:
            events = [event for event in journal.events() if event.data.get("ui")]
    except InstallerError:
        return {}
    return {event.resource.rpartition(" ")[2]: str(event.data["ui"]) for event in events}


def stop(state: StateDirectory, names: tuple[str, ...]) -> list[KeptRehearsal]:
    """Stop the rehearsals of these runs, all without a name; their state stays for `resume`.

    Raises:
        UsageError: A name has no running rehearsal, or a process does not end.

    """
    running = list(kept_rehearsals(state))
    known = {name: one for one in running for name in (*one.runs, one.folder.name)}
    if missing := [name for name in names if name not in known]:
        there = ", ".join(one.name for one in running) or "none"
        raise UsageError(f"no running rehearsal of {', '.join(missing)}; running: {there}")
    chosen = [known[name] for name in dict.fromkeys(names)] if names else running
    for one in chosen:
        with suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGTERM)
    for one in chosen:
        until = time.monotonic() + STOP_SECONDS
        while is_running(one.folder):
            if time.monotonic() > until:
                raise UsageError(f"the rehearsal of {one.name} does not end; its process is {one.pid}")
            time.sleep(POLL_SECONDS)
        (one.folder / KEPT).unlink(missing_ok=True)
    return chosen
