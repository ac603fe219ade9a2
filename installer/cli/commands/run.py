"""Commands that work in a cloud, real or rehearsed: the wizard, rehearse, plan, apply, resume. They return exit codes."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.child_environment import of_system
from installer.cli.commands.output import (
    attended,
    is_terminal,
    listeners,
    on_one_terminal,
    on_screen,
    wants_plain,
)
from installer.cli.terminal_lines import show_lines
from installer.cost.currency import CURRENCY_VARIABLE, DEFAULT_CURRENCY
from installer.errors import InstallerError, UsageError, WaitingForInput
from installer.invocation import command as typed
from installer.python_program import python_program
from installer.runs.purpose import Purpose
from installer.runs.session import DEFAULT_SPEED, Session, TargetOptions
from installer.runs.state_directory import StateDirectory

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.answers.files import Loaded
    from installer.cloud.emulator_process import Seed
    from installer.planning.sealed import SealedPlan
    from installer.runs.run import Run

Settings = dict[str, Any]


@contextmanager
def opened(settings: Settings, options: TargetOptions | None = None, *, reads: bool = False) -> Iterator[Session]:
    """A session that is closed on exit. One that `reads` needs no right to write to the state directory."""
    state = (StateDirectory.to_read if reads else StateDirectory.at)(settings.get("state_dir"))
    options = options or TargetOptions(cloud=settings.get("cloud"))
    show = (lambda text: print(text, file=sys.stderr)) if is_terminal(sys.stdin) else None
    session = Session(state, options, show_message=show)
    session.replies = pairs(settings.get("replies") or (), "--answer", "the key that the question names")
    session.currency = os.environ.get(CURRENCY_VARIABLE, DEFAULT_CURRENCY).upper()
    try:
        yield session
    finally:
        session.close()


def pairs(given: Sequence[str], option: str, keys: str) -> dict[str, str]:
    """Values of an option of the form KEY=VALUE, by key. Raises UsageError for any other form, with the `keys` it has."""
    found: dict[str, str] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not key or not equals:
            raise UsageError(f"{option} {one}: write it as KEY=VALUE, with {keys}")
        found[key] = value
    return found


# -- the wizard and rehearsals ---------------------------------------------------------------------------------------


def wizard(settings: Settings) -> int:
    """Run the wizard, then install."""
    with opened(settings) as session:
        return _run_interactively(settings, session, None)


def rehearse(
    settings: Settings,
    answers: Path | None,
    *,
    yes: bool,
    keep: bool,
    speed: float | None,
    faults: tuple[str, ...],
    survey: Path | None,
    serve: bool,
    port: int | None,
    script_outputs: Path | None = None,
) -> int:
    """Run the wizard or an answers file on the embedded Azure; with `serve`, only serve that."""
    if "help" in faults:
        sys.stdout.flush()
        os.execve(sys.executable, python_program("installer.emulator", "--fault", "help"), of_system())  # noqa: S606  this package
    check_faults(faults)
    if port is not None and not serve:
        raise UsageError("--port is for rehearse --serve; without it the embedded Azure takes any free port")
    if script_outputs and not serve:
        raise UsageError("--script-outputs is for rehearse --serve; an installation has no deployment scripts")
    if serve:
        if survey and not survey.exists():
            raise UsageError(f"--survey {survey}: no such file; rehearse --answers F --survey FILE reads one")
        from installer.cloud import emulator_process

        seed = emulator_process.Seed(
            faults=faults,
            survey=_absolute(survey),
            cloud=settings.get("cloud") or "",
            script_outputs=_absolute(script_outputs),
        )
        return _serve(settings, speed or DEFAULT_SPEED, port or 0, seed)
    if keep and not yes:
        raise UsageError("--keep is for rehearse --yes; elsewhere k on the last page keeps Prefect running")
    if yes and answers is None:
        raise UsageError("rehearse --yes asks nothing and so needs --answers F")
    loaded = load_answers(answers) if answers else None
    if survey and not survey.exists():
        _read_survey(settings, loaded, survey)
    options = rehearsal_options(settings, loaded, speed=speed, faults=faults, survey=survey)
    with opened(settings, options) as session:
        if yes and loaded:
            code = _run_unattended(settings, session, loaded)
            if keep and code == 0:
                session.keep_prefect()
                print(f"Prefect keeps running; {typed('rehearse stop')} ends it.", file=sys.stderr)
            return code
        return _run_interactively(settings, session, loaded.draft if loaded else None)


def rehearsal_options(
    settings: Settings,
    loaded: "Loaded | None",
    *,
    speed: float | None = None,
    faults: tuple[str, ...] = (),
    survey: Path | None = None,
) -> TargetOptions:
    """A new embedded Azure for the answers."""
    return TargetOptions(
        rehearsal=True,
        speed=speed or DEFAULT_SPEED,
        faults=faults,
        survey=str(survey.resolve()) if survey else "",
        cloud=_named_cloud(settings, loaded),
    )


def check_faults(faults: tuple[str, ...]) -> None:
    """Refuse an unknown fault before the first question; the embedded Azure, which is not imported, knows them."""
    if not faults:
        return
    words = [word for fault in (*faults, "help") for word in ("--fault", fault)]
    checked = subprocess.run(
        python_program("installer.emulator", *words), check=False, capture_output=True, text=True, env=of_system()
    )
    if checked.returncode:
        raise UsageError(checked.stderr.strip().splitlines()[-1].partition("error: ")[2])


def _named_cloud(settings: Settings, loaded: "Loaded | None") -> str | None:
    """The cloud that a rehearsal simulates. An endpoint only selects where a survey is read."""
    named = settings.get("cloud")
    if named is None or str(named).startswith("https://"):
        return loaded.answers.subscription.cloud if loaded else None
    if named not in ("public", "usgov", "china"):
        raise UsageError("--cloud: a rehearsal simulates public, usgov or china")
    return str(named)


def _read_survey(settings: Settings, loaded: "Loaded | None", file: Path) -> None:
    """Read the subscription of the answers into a new survey file; read-only."""
    if loaded is None:
        raise UsageError(
            f"--survey {file}: no such file; to read it from your subscription, name an answers file: "
            "rehearse --answers F --survey FILE"
        )

    options = {**settings, "cloud": settings.get("cloud") or loaded.answers.subscription.cloud}
    try:
        with opened(options) as session:
            unread = session.read_survey(loaded.answers, file, say)
    except UsageError as problem:
        # A rehearsal needs no sign-in; this part of it does.
        raise UsageError(f"--survey {file}: no such file; to read it from the subscription: {problem}") from problem
    for part in unread:
        say(f"not read: {part}")
    say(f"{file}: written; the rehearsal refuses what this subscription would refuse")


def load_answers(path: Path) -> "Loaded":
    """An answers file, read once: it may be a pipe."""
    from installer.answers.files import load

    return load(path)


def _run_interactively(settings: Settings, session: Session, draft: "Draft | None") -> int:
    """Run the wizard on a screen or as plain lines."""
    if wants_plain(settings):
        from installer.cli.plain_wizard import PlainWizard

        answered = draft is not None
        chosen = draft if draft is not None else session.drafts.saved()
        wizard = PlainWizard(session, chosen, sys.stdin or io.StringIO(), sys.stdout, answered=answered)
        return wizard.run(listeners(settings, brief=True))
    from screens.wizard.app import run_wizard

    return run_wizard(session, draft, on_screen(settings))


def _run_unattended(settings: Settings, session: Session, loaded: "Loaded") -> int:
    return follow_to_end(settings, session.begin(loaded.answers, loaded.draft, attended=False))


def follow_to_end(settings: Settings, run: "Run") -> int:
    """Follow a run to its end and report the result."""
    from installer.cli.commands.following import followed
    from installer.cli.flow_report import report_flows
    from installer.cli.result_object import result_object
    from installer.cli.watch import report
    from installer.runs.started_runs import FACT

    as_json, installs = settings.get("output") == "json", run.journal.fact(FACT) is None
    result = followed(settings, run, brief=installs)
    if as_json:
        print(json.dumps(result_object(run, result), ensure_ascii=False), flush=True)
    else:
        reported = report if installs else report_flows
        reported(run, result, show_lines)
    if installs and not as_json and on_one_terminal():
        return result.exit_code  # the report has just shown the error
    for error in list(result.failures.values())[:1]:
        print(one_line(run, error), file=sys.stderr)
    return result.exit_code


def one_line(run: "Run", error: InstallerError) -> str:
    """The error in one line for standard error, with the command that answers an open question."""
    from installer.cli.watch import answering

    first = str(error).splitlines()[0]
    if isinstance(error, WaitingForInput) and error.question:
        return f"{first} (answer it with: {answering(run.name, error.question)})"
    return first


def _absolute(file: Path | None) -> str:
    return str(file.resolve()) if file else ""


def _serve(settings: Settings, speed: float, port: int, seed: "Seed") -> int:
    """Replace this process by the embedded Azure."""
    from installer.cloud.emulator_process import command

    directory = StateDirectory.at(settings.get("state_dir")).rehearsal("served")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    arguments = command(directory, speed, seed, port)
    sys.stdout.flush()
    os.execv(arguments[0], arguments)  # noqa: S606  this interpreter with a module of this package


# -- plans and runs --------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Progress on standard error."""
    print(text, file=sys.stderr)


def apply(settings: Settings, path: Path | None, sealed: Path | None, *, yes: bool) -> int:
    """Install from an answers file, or from a plan that binds."""
    if (path is None) == (sealed is None):
        raise UsageError("apply needs an answers file, or --plan FILE, and not both")
    loaded = load_answers(path) if path else None  # its problems come first: they are what there is to correct
    plan = _approved(settings, sealed) if sealed else None
    if not yes:
        raise UsageError("apply builds in your subscription without asking: add --yes to confirm")
    if plan is not None:
        return _apply_plan(settings, plan)
    assert loaded is not None  # noqa: S101  one of both was given
    with opened({"cloud": loaded.answers.subscription.cloud, **settings}) as session:
        return _run_unattended(settings, session, loaded)


def _approved(settings: Settings, path: Path) -> "SealedPlan":
    """A plan from its file, of the cloud that is meant. Raises UsageError."""
    from installer.planning.sealed import read_plan

    plan = read_plan(path)
    plan.check_target(settings.get("cloud") or plan.answers.subscription.cloud)
    return plan


def _apply_plan(settings: Settings, plan: "SealedPlan") -> int:
    """Make the plan again, refuse if reality has moved, and run it."""
    with opened({"cloud": plan.answers.subscription.cloud, **settings}) as session:
        now = session.plan(plan.answers, say)
        plan.check(now)
        approved = now.approved(plan.digest)
        purpose = Purpose(approved=approved)
        return follow_to_end(settings, session.begin(plan.answers, plan.draft, attended=False, purpose=purpose))


def resume(settings: Settings, name: str | None, only: str | None, changes: Sequence[str] = ()) -> int:
    """Resume a run, or one step of it; `changes`: answers to change first, as KEY=VALUE."""
    changed = pairs(changes, "--set", "a key of the answers file, such as sizing.node_size=Standard_D4s_v5")
    if changed and only is not None:
        raise UsageError("--set changes what several steps deploy: resume without --only")
    with opened(settings) as session:
        chosen = name or session.newest()
        if chosen is None:
            raise UsageError(f"no run exists yet; {typed('rehearse')} starts one that costs nothing")
        if only is None and attended() and not wants_plain(settings):
            from screens.run.launch import run_resumed

            return run_resumed(session, chosen, on_screen(settings), changed)
        return follow_to_end(settings, session.resume(chosen, attended=False, only=only, changes=changed))
