"""One run at a time changes an installation: a removal in the middle of an upgrade would delete what the upgrade makes.

The lock of a journal keeps two processes from one run. A removal, a backup or a change of sizes is another run with another journal:
before it starts, the locks of the other runs of the same installation are checked.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from installer.engine.journal import Journal
from installer.engine.lock import JournalLocked, is_held, read_owner
from installer.errors import UsageError
from installer.invocation import command as typed
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.runs.facts import read_facts
from installer.runs.started_runs import FACT, installation_key
from installer.runs.state_directory import StateDirectory

if TYPE_CHECKING:
    from installer.answers.model import Answers


def refuse_after_newer(state: StateDirectory, answers: "Answers", target: Mapping[str, Json]) -> None:
    """Raise UsageError if the newest run of the same installation is one of a newer version.

    This version would remove, back up or deploy only what it knows, and call that all of it.
    """
    for name in reversed(state.run_names()):
        try:
            with Journal(state.run(name), write=False) as journal:
                facts = read_facts(journal)
                newer = _newer(journal)
        except UsageError:
            continue  # whether it may be passed over is asked where it would be the newest one
        if installation_key(facts.answers, facts.target) == installation_key(answers, target):
            if newer is not None:
                raise newer
            return


def _newer(journal: Journal) -> UsageError | None:
    try:
        journal.refuse_newer()
    except UsageError as error:
        return error
    return None


def refuse_beside_another(
    state: StateDirectory, answers: "Answers", target: Mapping[str, Json], *, own: str = "", flows: bool = False
) -> None:
    """Raise JournalLocked while another process works on a run of the same installation.

    Args:
        state: The state directory.
        answers: Answers of the installation.
        target: The Azure that it is in.
        own: Name of the run that is about to start, if it exists already.
        flows: Whether it is for the customer's flows: a lock in Prefect orders deployments of these, and the others only read and run them.

    """
    for name in state.run_names():
        directory = state.run(name)
        if name == own or not is_held(directory):
            continue
        owner = read_owner(directory)
        if owner is not None and owner.is_here and owner.pid == os.getpid():
            continue  # a run of this command that has ended, whose journal is still read
        try:
            with Journal(directory, write=False) as journal:
                facts, request = read_facts(journal), as_object(journal.fact(FACT))
        except UsageError:
            continue  # a run that is being created
        same = installation_key(facts.answers, facts.target) == installation_key(answers, target)
        if same and (not request or (request.get("command") == "deploy" and not flows)):
            raise JournalLocked(
                f"run {name} is working on this installation ({owner or 'another process'}): wait until it ends, or watch it: "
                f"{typed(f'attach {name}')}",
                run=name,
            )
