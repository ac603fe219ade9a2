"""The runs of this machine that have started, for commands that take the newest one."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from installer.engine.journal import FILE, Journal
from installer.engine.lock import is_held
from installer.errors import UsageError
from installer.invocation import command as typed
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.runs.state_directory import StateDirectory

if TYPE_CHECKING:
    from installer.answers.model import Answers
    from installer.runs.facts import RunFacts

FACT: Final = "flows"
"""Fact of the journal with the request; an installation has none."""
REMOVAL: Final = "removal"
"""Fact of the journal of a run that removes an installation: the command that continues it."""
RECOVERY: Final = "recovery"
"""Fact of the journal of a run that backs up or restores: the command that continues it, and its arguments."""
REMOVES: Final = "removes"
"""Fact of the journal of an installation without an environment that was removed before: the environment."""
REMOVED: Final = "removed"
"""Fact of the journal of an installation that was removed: the run that has done it."""


def started_runs(state: StateDirectory, *, installations: bool = False) -> Iterator[tuple[str, Json, bool]]:
    """Runs that have started, newest first: name, state, and whether it is a rehearsal.

    Args:
        state: The state directory.
        installations: Leave out runs for the customer's flows, backups, restores, removals and what they have removed.

    """
    for name in reversed(state.run_names()):
        try:
            with Journal(state.run(name), write=False) as journal:
                found, target = journal.fact("state"), journal.fact("target")
                if installations and any(journal.fact(one) is not None for one in (FACT, REMOVAL, RECOVERY, REMOVED)):
                    continue
        except UsageError:
            continue
        if found is not None:  # else it was stopped before it started, and cannot be resumed
            yield name, found, isinstance(target, dict) and target.get("kind") == "rehearsal"


def applied_answers(state: StateDirectory, prefix: str, *, rehearsal: bool) -> "tuple[str, Answers] | None":
    """The newest run of this machine that has installed under a prefix, and its answers; of one kind of target."""
    from installer.runs.facts import read_facts

    for name, ended, rehearsed in started_runs(state, installations=True):
        if ended != "succeeded" or rehearsed != rehearsal:
            continue
        try:
            with Journal(state.run(name), write=False) as journal:
                answers = read_facts(journal).answers
        except UsageError:
            continue
        if answers.subscription.prefix == prefix:
            return name, answers
    return None


def mark_removed(state: StateDirectory, facts: "RunFacts", by: str) -> Iterator[str]:
    """Record in every run of an installation that the run `by` has removed it; yields why one could not be written.

    Args:
        state: The state directory.
        facts: Those of one of its runs; the others have the same prefix, subscription and target.
        by: Name of the run that has removed it.

    """
    from installer.runs.facts import read_facts

    for name, *_ in [*started_runs(state, installations=True)]:
        try:
            with Journal(state.run(name), write=False) as journal:
                other = read_facts(journal)
            if installation_key(facts.answers, facts.target) != installation_key(other.answers, other.target):
                continue  # it may be in use: only what was removed is written
            with Journal(state.run(name), write=True) as journal:
                journal.set_facts(**{REMOVED: by})
        except UsageError as error:
            yield f"run {name} is not marked as removed, a later command may take it for the installation: {error}"


def begun_removal(state: StateDirectory, facts: "RunFacts") -> str:
    """The newest run that has begun to remove an installation, "" without one: it may have been killed after its last deletion."""
    from installer.runs.facts import read_facts

    for name, *_ in [*started_runs(state)]:
        with suppress(UsageError), Journal(state.run(name), write=False) as journal:
            if not str(journal.fact(REMOVAL) or "").startswith("uninstall "):
                continue
            other = read_facts(journal)
            if installation_key(facts.answers, facts.target) == installation_key(other.answers, other.target):
                return name
    return ""


def installation_key(answers: "Answers", target: Mapping[str, Json]) -> tuple[Json, ...]:
    """The same for all runs of one installation: prefix, subscription, and the Azure: a cloud, or the state of one rehearsal."""
    where = answers.subscription
    return where.prefix, where.subscription, target.get("kind"), target.get("cloud"), target.get("state")


def continued_by(journal: Journal) -> str:
    """The command that continues a run beside an installation: a removal, a backup, a restore; "" for any other run."""
    return str(journal.fact(REMOVAL) or as_text(as_object(journal.fact(RECOVERY)).get("again")))


def unfinished_recovery(state: StateDirectory, wanted: Mapping[str, Json]) -> tuple[str, Mapping[str, Json]] | None:
    """The newest run that backs up or restores with these arguments and has not succeeded, and its arguments."""
    for name in reversed(state.run_names()):
        try:
            with Journal(state.run(name), write=False) as journal:
                found, ended = as_object(journal.fact(RECOVERY)), journal.fact("state")
        except UsageError:
            continue
        if found and all(found.get(key) == value for key, value in wanted.items()):
            return (name, found) if ended != "succeeded" and not is_held(state.run(name)) else None
    return None


def newest_installation(state: StateDirectory) -> str | None:
    """The newest run that installs, in any state. Raises UsageError if a newer run cannot be read: it may have changed the answers."""
    return _readable(state, next((name for name, *_ in started_runs(state, installations=True)), None))


def newest_run(state: StateDirectory) -> str | None:
    """The newest run that has started, of any kind and in any state. Raises UsageError if a newer one cannot be read."""
    return _readable(state, next((name for name, *_ in started_runs(state)), None))


def _readable(state: StateDirectory, newest: str | None) -> str | None:
    """The newest run, if none after it cannot be read."""
    for name in reversed(state.run_names()):
        if name == newest:
            break
        if unread := _unread(state, name):
            words = f"; {newest} is older: name it if it is meant" if newest is not None else ""
            raise UsageError(f"{unread}{words}. Without the newer run: {typed(f'runs delete {name}')}")
    return newest


def _unread(state: StateDirectory, name: str) -> str:
    """The reason why the journal of a run cannot be read; "" also for a run that was stopped before it had one."""
    try:
        with Journal(state.run(name), write=False):
            return ""
    except UsageError as why:
        file = state.run(name) / FILE
        begun = os.path.lexists(file) and not (file.is_file() and not file.stat().st_size)
        return str(why) if begun else ""


def completed_run(state: StateDirectory, *, rehearsal: bool) -> str | None:
    """The newest run that installs, of one kind, if it has succeeded."""
    newest = next((one for one in started_runs(state, installations=True) if one[2] == rehearsal), None)
    return newest[0] if newest is not None and newest[1] == "succeeded" else None


def unfinished_run(state: StateDirectory, *, rehearsal: bool) -> str | None:
    """The newest run that installs, of one kind, if it has not succeeded and no process holds it."""
    for name, ended, rehearsed in started_runs(state, installations=True):
        if rehearsed == rehearsal:
            return name if ended != "succeeded" and not is_held(state.run(name)) else None
    return None
