"""The installation that a command is about: the run that names it, and its environment."""

from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.invocation import command as typed
from installer.runs.started_runs import newest_installation

if TYPE_CHECKING:
    from installer.answers.model import Answers
    from installer.runs.facts import RunFacts
    from installer.runs.session import Session


def chosen_name(session: "Session", name: str | None) -> str:
    """Name of the run that is meant, by default the newest installation. Raises UsageError if there is none."""
    chosen = name or newest_installation(session.state)
    if chosen is None:
        raise UsageError(f"no run exists yet; {typed('rehearse')} starts one that costs nothing")
    return chosen


def chosen_run(session: "Session", name: str | None) -> "RunFacts":
    """Facts of the run that is meant, with the session connected to its target. Raises UsageError."""
    return session.installation(chosen_name(session, name))


def check_environment(answers: "Answers", environment: str) -> None:
    """Refuse an environment that the installation does not have (UsageError)."""
    present = answers.subscription.environments
    if environment not in present:
        raise UsageError(f"--env {environment}: the installation has {', '.join(present)}")
