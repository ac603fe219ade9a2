"""A second run with the answers of a first one, on the embedded Azure of the first: another run, with nothing remembered.

    python -m tests.homes.second_run STATE RUN EVENTS PLAN

PLAN gets the plan before the run as JSON; the exit code is that of the run.
"""

import sys
from pathlib import Path

from installer.cli.commands.run import follow_to_end
from installer.engine.journal import Journal
from installer.runs.facts import read_facts
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory


def main(state: Path, name: str, events: Path, plan: Path) -> int:
    """Plan and run; returns the exit code of the run."""
    directory = StateDirectory.at(str(state))
    with Journal(directory.run(name), write=False) as journal:
        facts = read_facts(journal)
    session = Session(directory, TargetOptions(rehearsal=True))
    try:
        session._connection.reconnect(facts.target)
        session.options = session._connection.options
        plan.write_text(session.plan(facts.answers).to_json(), encoding="utf-8")
        run = session.begin(facts.answers, facts.draft, attended=False)
        return follow_to_end({"events": str(events), "plain": True}, run)
    finally:
        session.close()


if __name__ == "__main__":
    where, first, log, planned = sys.argv[1:]
    sys.exit(main(Path(where), first, Path(log), Path(planned)))
