"""The command fleet apply: starts the program that runs a fleet through Prefect, and shows how its members end."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from installer.cli.columns import aligned
from installer.cli.commands.run import check_faults
from installer.cli.result_object import SCHEMA
from installer.engine.parent_process import FOLLOWING
from installer.errors import DeploymentFailed, Interrupted, InvalidAnswers, PrefectFailed, UsageError
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.python_program import python_program
from installer.runs.state_directory import StateDirectory

if TYPE_CHECKING:
    from installer.fleet.model import Fleet, Schedule

Settings = dict[str, Any]
QUIET: Final = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
"""Prefect logs to its server as always; on the console it would print tracebacks (prefect 3.8.8, logging/logging.yml)."""
_STOP_SECONDS: Final = 90.0


def apply(
    settings: Settings,
    file: Path,
    *,
    yes: bool,
    rehearse: bool,
    again: bool,
    serve: bool,
    cron: str | None,
    speed: float | None,
    faults: tuple[str, ...],
) -> int:
    """Apply a fleet; exit code 4 if a member failed, 5 without Prefect.

    Args:
        settings: Global options.
        file: The fleet file.
        yes: Whether real installations are confirmed.
        rehearse: Whether each member runs in an embedded Azure.
        again: Whether members that are done run again.
        serve: Whether to stay for the schedule of the file.
        cron: Schedule in place of that of the file.
        speed: Simulated seconds per second of the rehearsals.
        faults: Faults of members, as MEMBER=NAME.

    """
    from installer.fleet.file import load
    from installer.fleet.history import admin_api, check_access
    from installer.fleet.members import planned_members
    from installer.fleet.order import Order

    fleet = load(file)
    if problems := [line for one in planned_members(fleet) for line in one.problems]:
        print(*dict.fromkeys(problems), sep="\n", file=sys.stderr)
        return InvalidAnswers.exit_code
    by_member = _faults_by_member(fleet, faults)
    if (faults or speed) and not rehearse:
        raise UsageError("--fault and --speed are for fleet apply --rehearse")
    if not yes and not rehearse:
        raise UsageError("fleet apply builds in your subscriptions without asking: add --yes to confirm")
    schedule = _schedule(fleet, cron) if serve or cron else None
    check_access(admin_api())
    root = StateDirectory.at(settings.get("state_dir")).path
    order = Order(str(fleet.file), str(root), rehearse, again, speed or 0.0, by_member).as_json()
    if schedule is not None:
        timed = {"order": order, "name": fleet.name, "cron": schedule.cron, "timezone": schedule.timezone}
        print(f"{fleet.name}: applied at {schedule.cron} ({schedule.timezone}) until stopped", file=sys.stderr)
        return _served(timed)
    return _run(settings, fleet, order)


def _faults_by_member(fleet: "Fleet", faults: Sequence[str]) -> dict[str, list[str]]:
    """Faults by member. Raises UsageError for another form or an unknown member."""
    found: dict[str, list[str]] = {}
    for one in faults:
        member, equals, fault = one.partition("=")
        if not equals or member not in {known.name for known in fleet.members}:
            raise UsageError(f"--fault {one}: write it as MEMBER=NAME, with a member of {fleet.name}")
        found.setdefault(member, []).append(fault)
    check_faults(tuple(fault for given in found.values() for fault in given))
    return found


def _schedule(fleet: "Fleet", cron: str | None) -> "Schedule":
    from installer.fleet.model import Schedule
    from installer.flow_project.cron import cron_problem

    if cron:
        if problem := cron_problem(cron):
            raise UsageError(f"--schedule: {problem}")
        return Schedule(cron, fleet.schedule.timezone if fleet.schedule else "UTC")
    if fleet.schedule is None:
        raise UsageError(f'--serve: {fleet.file} has no schedule; add one, or give --schedule "0 3 * * 6"')
    return fleet.schedule


def _served(order: dict[str, Any]) -> int:
    """Run the program until it is stopped."""
    with _program(order, subprocess.DEVNULL) as (program, stopped):
        program.wait()
    if stopped.is_set():
        return Interrupted.exit_code
    if program.returncode:
        raise PrefectFailed("the program that waits for the schedule has ended")
    return 0


@contextmanager
def _program(order: dict[str, Any], output: int) -> "Iterator[tuple[subprocess.Popen[bytes], threading.Event]]":
    """The program, and whether it was asked to stop: on Ctrl-C, SIGTERM or a closed terminal, and at the end of this process."""
    stopped = threading.Event()
    command = python_program("installer.fleet", json.dumps(order))
    with subprocess.Popen(
        command, env={**os.environ, **QUIET, **FOLLOWING}, stdin=subprocess.PIPE, stdout=output
    ) as program:
        assert program.stdin is not None  # noqa: S101  a pipe
        input_of_program = program.stdin

        def stop(*_signal: object) -> None:
            stopped.set()
            input_of_program.close()
            last = threading.Timer(_STOP_SECONDS, program.kill)  # its members end with it
            last.daemon = True
            last.start()

        names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        before = {name: signal.signal(getattr(signal, name), stop) for name in names}
        try:
            yield program, stopped
        finally:
            for name, handler in before.items():
                signal.signal(getattr(signal, name), handler)
            input_of_program.close()


def _run(settings: Settings, fleet: "Fleet", order: dict[str, Any]) -> int:
    """Run the program to its end, showing each member as it ends."""
    as_json = settings.get("output") == "json"
    ended: dict[str, dict[str, Json]] = {}
    result: dict[str, Json] = {}
    with _program({"order": order}, subprocess.PIPE) as (program, stopped):
        for raw in program.stdout or ():
            line = _line(raw)
            if line.get("event") == "ended":
                ended[as_text(line["member"])] = line
            if "event" in line:
                print(json.dumps(line, ensure_ascii=False) if as_json else _shown(line), flush=True)
            result = line if "result" in line or "error" in line else result
    if stopped.is_set():
        print("stopped; the same command continues with the members that are not done", file=sys.stderr)
        return Interrupted.exit_code
    return _report(fleet, [ended[one.name] for one in fleet.members if one.name in ended], result, as_json=as_json)


def _line(raw: bytes) -> dict[str, Json]:
    try:
        return as_object(json.loads(raw))
    except ValueError:
        return {}


def _shown(line: dict[str, Json]) -> str:
    begun = f"resumes run {line['resumes']}" if line.get("resumes") else "started"
    word = begun if line["event"] == "started" else as_text(line.get("state"))
    reason = as_text(line.get("reason"))
    return f"{line['wave']}  {line['member']}  {word}{f': {reason}' if reason else ''}"


def _report(fleet: "Fleet", ended: list[dict[str, Json]], result: dict[str, Json], *, as_json: bool) -> int:
    """Print the table of all members, or the result object. Raises PrefectFailed if the program could not run them."""
    if "result" not in result:
        raise PrefectFailed(as_text(result.get("error")) or "the program that runs the fleet has ended")
    outcome = as_object(result["result"])
    message = as_text(outcome.get("message"))
    succeeded = outcome.get("state") == "Completed"
    code = 0 if succeeded else DeploymentFailed.exit_code
    keys = ("wave", "member", "state", "reason")
    if as_json:
        members: list[Json] = [{key: one[key] for key in keys} for one in ended]
        found = {"kind": "fleet-result", "schema": SCHEMA, "fleet": fleet.name, "exitCode": code, "members": members}
        print(json.dumps({**found, "message": message, "memoryMegabytes": outcome.get("memoryMegabytes")}))
        return code
    print("", *aligned([keys, *([as_text(one[key]) for key in keys] for one in ended)]), "", message, sep="\n")
    return code
