"""The command attach: watch a run on this machine, or take over an installation that only Azure knows."""

import json
import select
import signal
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from installer.cli.commands.output import attended, listeners, on_screen, wants_plain
from installer.cli.commands.run import opened
from installer.conventions.counts import counted
from installer.engine.answer_forms import refusal_of
from installer.errors import UsageError
from installer.invocation import command as typed
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import RUN_NAME, StateDirectory

if TYPE_CHECKING:
    from installer.engine.events import Event
    from installer.runs.adopt import FoundInstallation

Settings = dict[str, Any]


def attach(settings: Settings, name: str | None, subscription: str | None) -> int:
    """Watch a run of this machine; if it is unknown here, take over the installation from Azure."""
    state = StateDirectory.at(settings.get("state_dir"))
    known = state.run_names()
    chosen = name if name in known else _active_or_newest(state) if name is None and subscription is None else None
    if chosen is not None:
        return _watch(settings, state, chosen)
    if name is not None and RUN_NAME.match(name):
        name = name.rpartition("-")[0]  # the installation of a run of another machine
    return _adopt(settings, name or "", subscription)


def _active_or_newest(state: StateDirectory) -> str | None:
    """The newest run that a process holds, else the newest one."""
    from installer.engine.lock import is_held

    names = state.run_names()
    return next((name for name in reversed(names) if is_held(state.run(name))), names[-1] if names else None)


# -- on this machine -------------------------------------------------------------------------------------------------


def _watch(settings: Settings, state: StateDirectory, name: str) -> int:
    if not wants_plain(settings) and settings.get("output") != "json":
        from screens.run.attach import run_attached

        return run_attached(Session(state, TargetOptions()), state.run(name), on_screen(settings))
    from installer.runs.attach import JournalFollower

    gone = threading.Event()
    before = signal.signal(signal.SIGINT, lambda _number, _frame: gone.set())
    follower = JournalFollower(state.run(name), listeners(settings), _ask if attended() else None)
    try:
        follower.follow(gone.is_set)
    finally:
        signal.signal(signal.SIGINT, before)
    if gone.is_set():
        print(f"detached; {name} continues", file=sys.stderr)
        return 0
    if follower.code is None:
        raise UsageError(f"no process works on {name} any more; resume it with {typed(f'resume {name}')}")
    return follower.code


def _ask(question: "Event", settled: Callable[[], bool]) -> str | None:
    print(f"{question.text} ", end="", flush=True)
    while not settled():
        if select.select([sys.stdin], [], [], 0.3)[0]:
            answer = sys.stdin.readline().strip() or str(question.data.get("default", ""))
            if not (refused := refusal_of(answer, question)):
                return answer
            print(f"Not accepted: {refused}\n> ", end="", flush=True)
    return None


# -- in Azure --------------------------------------------------------------------------------------------------------


def _adopt(settings: Settings, installation: str, subscription: str | None) -> int:
    from installer.runs.adopt import installations, rebuilt

    with opened(settings) as session:
        where = [subscription] if subscription else _visible(session)
        found = installations(where, session.arm, installation)
        if len(found) != 1:
            raise UsageError(_choose_installation(found, installation, where))
        (one,) = found
        facts = rebuilt(session.state, one.recorded, session.target_facts)
        if one.running:
            _follow(settings, session, one)
        now = session.arm(one.recorded.subscription).deployments(one.recorded.installation)
    states = {deployment.name: deployment.state for deployment in now}
    if settings.get("output") == "json":
        result = {
            "installation": one.recorded.installation,
            "by": one.recorded.by,
            "run": facts.name,
            "deployments": states,
        }
        print(json.dumps(result))
        return 0
    for name, state in states.items():
        print(f"{state:<10} {name}")
    print(f"{one.recorded.installation}, started by {one.recorded.by}, is available here as run {facts.name}")
    print(f"Resume with: {typed(f'resume {facts.name}')}")
    return 0


def _visible(session: Session) -> list[str]:
    return [one.value for one in session.arm("").subscriptions() if one.usable]


def _choose_installation(found: "list[FoundInstallation]", installation: str, where: list[str]) -> str:
    if not found:
        what = f"the installation {installation}" if installation else "an installation"
        return f"no run of that name exists here, and Azure has no record of {what} in {counted(len(where), 'subscription')}"
    names = ", ".join(f"{one.recorded.installation} in {one.recorded.subscription}" for one in found)
    return f"several installations exist, specify one and its --subscription: {names}"


def _follow(settings: Settings, session: Session, one: "FoundInstallation") -> None:
    """Report the events of the running deployments until they are over."""
    from installer.runs.follow_remote import follow

    follow(session.arm(one.recorded.subscription), one.recorded.installation, listeners(settings))
