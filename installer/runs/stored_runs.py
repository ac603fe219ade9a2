"""The runs that are stored on this machine: their list, and the removal of those that are no longer needed."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from installer.engine.journal import Journal
from installer.engine.lock import is_held, read_owner
from installer.errors import InstallerError, UsageError
from installer.folder_lock import is_locked
from installer.runs.run import read_facts
from installer.runs.state_directory import StateDirectory


@dataclass(frozen=True)
class StoredRun:
    """A run of this machine.

    Attributes:
        name: Its name, as commands take it.
        state: Its state: `succeeded`, `failed`, `interrupted`, …, `in use`, or `damaged`.
        note: Who uses it, or why it cannot be read.
        created: When it was created, in UTC.
        target: `rehearsal`, the name of the cloud, or "".
        subscription: ID of the subscription.
        rehearsal: Folder of the embedded Azure of a rehearsal.

    """

    name: str
    state: str
    note: str = ""
    created: datetime | None = None
    target: str = ""
    subscription: str = ""
    rehearsal: Path | None = None

    @property
    def installation(self) -> str:
        """The installation that it belongs to."""
        return self.name.rpartition("-")[0]


def stored_runs(state: StateDirectory) -> Iterator[StoredRun]:
    """All runs, the newest last; one that cannot be read is damaged, and hides no other."""
    for name in state.run_names():
        directory = state.run(name)
        try:
            with Journal(directory, write=False) as journal:
                facts = read_facts(journal)
        except InstallerError as error:
            yield StoredRun(name, "damaged", f"cannot be read: {error}")
            continue
        rehearsed = facts.target.get("kind") == "rehearsal"
        place = str(facts.target.get("state", "")).rpartition("/")[2]
        found = StoredRun(
            name,
            "interrupted" if facts.state == "running" else facts.state,  # no process holds it: it was killed
            created=_moment(facts.created),
            target="rehearsal" if rehearsed else str(facts.target.get("cloud")),
            subscription=facts.answers.subscription.subscription,
            rehearsal=state.rehearsal(place) if rehearsed and re.fullmatch("[0-9a-f]{8}", place) else None,
        )
        held = is_held(directory)
        yield StoredRun(**{**vars(found), "state": "in use", "note": f"by {read_owner(directory)}"}) if held else found


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def find_stored(state: StateDirectory, name: str) -> StoredRun:
    """The run of this name. Raises UsageError if it does not exist."""
    state.run(name)
    return next(one for one in stored_runs(state) if one.name == name)


def outdated(state: StateDirectory, older_than: timedelta, now: datetime) -> list[StoredRun]:
    """Runs that can be removed: of a certain age, and not needed to continue anything.

    Of a real installation these are the runs that succeeded, but for the newest one, which knows what is installed.
    """
    found = list(stored_runs(state))
    newest = {one.installation: one.name for one in found if one.target not in ("rehearsal", "")}
    return [
        one
        for one in found
        if one.created is not None
        and now - one.created >= older_than
        and one.state != "in use"
        and (one.target == "rehearsal" or (one.state == "succeeded" and newest[one.installation] != one.name))
    ]


def delete(state: StateDirectory, run: StoredRun) -> None:
    """Remove a run from this machine, with the embedded Azure of a rehearsal. Raises UsageError if either is in use."""
    if run.state == "in use":
        raise UsageError(f"run {run.name} is in use {run.note}; stop it there first")
    others = [one for one in stored_runs(state) if one.name != run.name]
    if run.rehearsal is not None and run.rehearsal.is_dir() and all(one.rehearsal != run.rehearsal for one in others):
        if is_running(run.rehearsal):
            raise UsageError(f"the rehearsal of run {run.name} is still running; rehearse stop {run.name} ends it")
        _refuse_link(state.run(run.name))  # before anything is removed
        _remove(run.rehearsal)
    _remove(state.run(run.name))


def is_running(rehearsal: Path) -> bool:
    """Whether an embedded Azure uses this state directory: it holds the lock there for as long as it runs."""
    return is_locked(rehearsal / "lock") or is_locked(rehearsal)


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise UsageError(
            f"{folder} is a link: what it leads to is not deleted; remove the link, and that folder if it is no longer needed"
        )


def _remove(folder: Path) -> None:
    _refuse_link(folder)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be removed: {error.strerror}") from error
