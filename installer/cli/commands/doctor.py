"""The command doctor: problems of an installation with their resolutions, carried out when they are chosen."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from installer.cli.commands.chosen_run import chosen_run
from installer.cli.commands.output import asked, attended
from installer.cli.commands.rotate import rotate
from installer.cli.commands.run import follow_to_end, opened, say
from installer.cli.commands.status import assessed
from installer.errors import CheckBlocked
from installer.runs.purpose import Purpose

if TYPE_CHECKING:
    from installer.operations.doctor.choices import Choice, Work
    from installer.operations.status.model import Line, Status

Settings = dict[str, Any]
_WAIT_SECONDS: Final = 1800.0
"""As of the command rotate."""


def doctor(settings: Settings, name: str | None, environment: str, fixes: Sequence[str]) -> int:
    """Show the problems and carry out the chosen resolutions; exit code 6 while there is a problem."""
    from installer.operations.doctor.choices import named, work_of
    from installer.operations.doctor.report import doctor_object, problem_lines

    as_json = settings.get("output") == "json"
    with opened(settings) as session:
        found = assessed(session, chosen_run(session, name), environment)
    if fixes:
        choices = named(found, fixes)
    elif as_json:
        print(json.dumps(doctor_object(found), ensure_ascii=False))
        return found.exit_code
    else:
        print(*problem_lines(found), sep="\n")
        print(_counted(found))
        choices = _asked(found) if attended() and found.problems else []
    if not choices:
        return found.exit_code
    work = work_of(choices)
    if not as_json:
        _show_by_hand(work)
    if not (work.resumes or work.rotations or work.applies):
        if as_json:
            print(json.dumps(doctor_object(found), ensure_ascii=False))
        return found.exit_code
    if code := _carry_out(settings, found.run, work):
        return code
    return _again(settings, None if work.applies else found.run, environment, choices)


def _counted(found: "Status") -> str:
    from installer.operations.status.report import summary

    return summary(found) if found.problems else "no problem"


def _asked(found: "Status") -> "list[Choice]":
    """A resolution for each problem, chosen by its number; an empty answer leaves the problem."""
    from installer.operations.doctor.choices import Choice, numbered

    chosen: list[Choice] = []
    for number, line in enumerate(found.problems, 1):
        if not line.ways:
            continue
        accepted = f"1-{len(line.ways)}" if len(line.ways) > 1 else "1"
        while text := asked(f"Problem {number}, {line.subject}: resolution ({accepted}, Enter leaves it): "):
            if (way := numbered(line, text)) is not None:
                chosen.append(Choice(line, way))
                break
            print(f"accepted: {accepted}")
    return chosen


def _show_by_hand(work: "Work") -> None:
    for one in work.by_hand:
        print(
            f"For {one.line.subject}, {one.way.text}:" if one.way.command else f"For {one.line.subject}: {one.way.text}"
        )
        if one.way.command:
            print(f"  {one.way.command}")


def _carry_out(settings: Settings, run: str, work: "Work") -> int:
    """The work of the installer, until something fails; returns its exit code."""
    if work.resumes and (code := _resume(settings, run)):
        return code
    for secret, environment in work.rotations:
        if code := rotate(settings, secret, environment, run, _WAIT_SECONDS, yes=True):
            return code
    return _apply(settings, run, work.stages) if work.applies else 0


def _resume(settings: Settings, run: str) -> int:
    with opened(settings) as session:
        return follow_to_end(settings, session.resume(run, attended=False))


def _apply(settings: Settings, run: str, stages: frozenset[str]) -> int:
    """A new run of the same answers: it carries out the plan, and deploys these stages again in any case."""
    with opened(settings) as session:
        facts = session.installation(run)
        plan = session.plan(facts.answers, say, draft=facts.draft, checks=True)
        if plan.blocks:
            refusals = (*plan.blocked, *(one.what for one in plan.findings if one.severity == "blocks"))
            print("a new run would fail; nothing was changed:", *refusals, sep="\n  ", file=sys.stderr)
            return CheckBlocked.exit_code
        approved = plan.approved()
        approved = replace(approved, stages=approved.stages | stages)
        purpose = Purpose(approved=approved)
        return follow_to_end(settings, session.begin(facts.answers, facts.draft, attended=False, purpose=purpose))


def _again(settings: Settings, run: str | None, environment: str, choices: "Sequence[Choice]") -> int:
    """The state after the work: the chosen problems that are gone, and all that are left."""
    from installer.operations.doctor.report import doctor_object, problem_lines

    with opened(settings) as session:
        found = assessed(session, chosen_run(session, run), environment)
    left = {line.key for line in found.problems}
    gone: list[Line] = [one.line for one in choices if one.line.key not in left and one.way.action != "by hand"]
    if settings.get("output") == "json":
        print(json.dumps(doctor_object(found, tuple(line.key for line in gone)), ensure_ascii=False))
        return found.exit_code
    print()
    for line in gone:
        print(f"✓ {line.subject}: this problem is gone ({line.key})")
    print(*problem_lines(found), sep="\n")
    print(_counted(found))
    return found.exit_code
