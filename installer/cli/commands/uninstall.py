"""The command uninstall: the forecast first; with its confirmation, a run that removes an installation."""

import json
import shlex
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.cli.commands.output import WATCHED, asked, attended
from installer.cli.commands.run import load_answers, one_line, opened, say
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked, UsageError
from installer.invocation import command as typed
from installer.runs.started_runs import newest_installation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.answers.files import Loaded
    from installer.engine.runner import Result
    from installer.operations.removal.extent import Extent
    from installer.operations.removal.model import Forecast
    from installer.runs.facts import RunFacts
    from installer.runs.run import Run
    from installer.runs.session import Session

Settings = dict[str, Any]


@dataclass(frozen=True)
class Meant:
    """The installation that is meant: a run, by default that of the newest installation, or an answers file that names it."""

    run: str | None = None
    answers: Path | None = None


@contextmanager
def installation(settings: Settings, meant: Meant) -> "Iterator[tuple[Session, RunFacts, str]]":
    """The installation with its session, and the option that names it again. Raises UsageError."""
    if meant.answers is not None:
        if meant.run is not None:
            raise UsageError("name --run or --answers, not both")
        loaded = load_answers(meant.answers)
        with opened({"cloud": loaded.answers.subscription.cloud, **settings}) as session:
            yield session, _recorded(session, loaded), f"--answers {shlex.quote(str(meant.answers))}"
        return
    with opened(settings) as session:
        chosen = meant.run or newest_installation(session.state)
        if chosen is None:
            raise UsageError(
                f"no installation exists on this machine; {typed('uninstall --answers FILE')} removes that of an answers file"
            )
        yield session, session.installation(chosen), f"--run {chosen}"


def _recorded(session: "Session", loaded: "Loaded") -> "RunFacts":
    """The installation of an answers file, with the answers that its last run has recorded in Azure."""
    from installer.answers.draft import Draft
    from installer.runs.facts import RunFacts

    where, found = loaded.answers.subscription, session.applied(loaded.draft, certain=True)
    if found is None or found[1].subscription.subscription != where.subscription:
        say("no answers are recorded in Azure: those of the file are used")
        return RunFacts("", Path(), loaded.answers, loaded.draft, {}, "", "")
    name, answers = found
    say(f"answers of run {name}")
    return RunFacts(name, Path(), answers, Draft.of(answers), {}, "", "")


def uninstall(settings: Settings, meant: Meant, confirm: str | None, *, keep_pipelines: bool = False) -> int:
    """Remove an installation: prints what goes and what stays, and does nothing without the prefix.

    Args:
        settings: Global options.
        meant: The installation.
        confirm: The prefix of the installation, None to be asked for it on a terminal.
        keep_pipelines: Whether the identities of its pipelines stay.

    """
    from installer.operations.removal.extent import Extent
    from installer.operations.removal.pipelines import ASKED_TO_STAY

    with installation(settings, meant) as (session, facts, option):
        prefix = facts.answers.subscription.prefix
        if confirm is not None and confirm != prefix:
            raise UsageError(f"--confirm {confirm}: the installation has the prefix {prefix}")
        say("reading what exists …")
        extent = Extent(facts.answers, pipelines_stay=ASKED_TO_STAY if keep_pipelines else "")
        extent = without_own_account(session, extent)
        made = forecast_of(session, extent)
        show_forecast(settings, made, confirmed=confirm is not None)
        if made.blocks:
            print("nothing was deleted: resolve what is in the way first", file=sys.stderr)
            return CheckBlocked.exit_code
        if not made.going:
            return _completed(settings, session, facts) if confirm is not None else 0
        if confirm is None and not confirmed(settings, prefix, "this installation"):
            print(f"nothing was deleted; --confirm {prefix} removes it", file=sys.stderr)
            return 0
        again = f"uninstall {option} --confirm {prefix}{' --keep-pipelines' if keep_pipelines else ''}"
        run = begun(session, facts, extent, made, again)
        return _followed(settings, session, run, facts)


def _completed(settings: Settings, session: "Session", facts: "RunFacts") -> int:
    """Complete a removal that was killed after its last deletion: the installation is gone."""
    from installer.runs.started_runs import begun_removal

    if by := begun_removal(session.state, facts):
        _mark_removed(session, facts, by)
        if settings.get("output") != "json":
            print(f"Removed: run {by} had deleted everything.")
    return 0


def begun(session: "Session", facts: "RunFacts", extent: "Extent", made: "Forecast", again: str) -> "Run":
    """The run that carries a forecast out; `again`: the command that continues it."""
    from installer.runs.started_runs import REMOVAL

    return session.begin_beside(facts, partial(_steps, session, extent, made), {REMOVAL: again})


def without_own_account(session: "Session", extent: "Extent") -> "Extent":
    """The extent without the pipelines, if one of their jobs removes the installation: its rights would end with its identity."""
    from installer.cloud.access_tokens import sign_in_of
    from installer.operations.removal.pipelines import OWN_ACCOUNT, client_ids

    where = extent.answers.subscription
    arm = session.arm(where.subscription, where.tenant)
    if extent.pipelines_stay or not (clients := client_ids(extent, arm.service)):
        return extent
    own = sign_in_of(arm.target, arm.target.audience).client.lower()
    return replace(extent, pipelines_stay=OWN_ACCOUNT) if own in clients else extent


def forecast_of(session: "Session", extent: "Extent") -> "Forecast":
    """The forecast of a removal, with missing rights. Queries Azure; read-only."""
    from installer.operations.removal.forecast import forecast
    from installer.operations.removal.reading import read
    from installer.operations.removal.rights import with_rights
    from installer.preflight.subject import Subject
    from installer.runs.preflight import reads_of

    where = extent.answers.subscription
    arm = session.arm(where.subscription, where.tenant)
    made = forecast(extent, read(extent, arm.service, arm.graph), time.time())
    with reads_of(arm.target) as (reads, graph):
        return with_rights(Subject(extent.answers, reads, graph, arm.target), made)


def _steps(session: "Session", extent: "Extent", made: "Forecast", _run: "Run") -> Any:
    from installer.operations.removal.forecast import forecast
    from installer.operations.removal.reading import read
    from installer.operations.removal.steps import removal_steps

    where = extent.answers.subscription
    arm = session.arm(where.subscription, where.tenant)

    def again() -> "Forecast":
        return forecast(extent, read(extent, arm.service, arm.graph), time.time())

    return removal_steps(made, arm.service, arm.graph, again)


def show_forecast(settings: Settings, made: "Forecast", *, confirmed: bool) -> None:
    """Print a forecast; in JSON only if no run follows, whose output it would be part of."""
    from installer.operations.removal.report import rendered

    if settings.get("output") != "json":
        show_lines(rendered(made, verbose=bool(settings.get("verbose"))))
    elif not confirmed or made.blocks or not made.going:  # else the output is that of the run
        print(json.dumps({"kind": "forecast", **made.as_json()}, ensure_ascii=False))


def confirmed(settings: Settings, text: str, what: str) -> bool:
    """Whether the user has typed the text that confirms a removal; asked on a terminal only."""
    if not attended() or settings.get("output") == "json":
        return False
    settings[WATCHED] = asked(f"Type {text} to remove {what}: ") == text
    return bool(settings[WATCHED])


def _followed(settings: Settings, session: "Session", run: "Run", facts: "RunFacts") -> int:
    """Follow the removal to its end; an installation that is gone is no longer the newest one."""
    result = follow_removal(settings, run)
    if result.state == "succeeded":
        _mark_removed(session, facts if facts.target else run.facts, run.name)
    return result.exit_code


def _mark_removed(session: "Session", facts: "RunFacts", by: str) -> None:
    """Mark the runs of an installation that is gone; a journal that cannot be written does not change that."""
    for problem in session.mark_removed(facts, by):
        print(problem, file=sys.stderr)


def follow_removal(settings: Settings, run: "Run") -> "Result":
    """Follow a removal to its end, and report its result."""
    from installer.cli.commands.following import followed
    from installer.cli.result_object import result_object

    result = followed(settings, run)
    if settings.get("output") == "json":
        print(json.dumps(result_object(run, result), ensure_ascii=False), flush=True)
    else:
        _report(run, result, show_lines)
    for error in list(result.failures.values())[:1]:
        print(one_line(run, error), file=sys.stderr)
    return result


def _report(run: "Run", result: "Result", say_line: "Callable[[str], None]") -> None:
    """The last lines: what is left and why, or how to continue."""
    from installer.runs.started_runs import REMOVAL

    if result.state == "succeeded":
        left = dict.fromkeys(str(event.data["left"]) for event in run.journal.events() if event.data.get("left"))
        say_line("Removed." if left else "Removed: nothing is left.")
        for sentence in left:
            say_line(f"  left: {sentence}")
        say_line(f"Answers: {run.exported}")
        return
    for key, error in result.failures.items():
        say_line(f"{key or 'the run'}: {error}")
    say_line(f"Continue with: {typed(str(run.journal.fact(REMOVAL)))}")
