"""The command that works on one member: the installer in a separate process, with a separate state directory."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from installer.answers.files import dump, load
from installer.child_environment import of_installer
from installer.conventions.counts import counted
from installer.engine.journal import Journal
from installer.errors import UsageError
from installer.fleet.members import draft_of
from installer.fleet.model import Fleet, Member
from installer.json_access import as_list, as_object, as_text, parsed
from installer.jsontypes import Json
from installer.python_program import python_program
from installer.runs.facts import read_facts
from installer.runs.started_runs import unfinished_run
from installer.runs.state_directory import StateDirectory

ANSWERS: Final = "answers.yaml"
OUTPUT: Final = "output.jsonl"
MAX_LINE: Final = 10_000_000
_INTERRUPTED: Final = ("running", "interrupted")
"""States of a run that was killed, and of one that was stopped."""


@dataclass(frozen=True)
class MemberResult:
    """How the command of a member ended: its exit code, the reason in one line, its run."""

    exit_code: int
    reason: str
    run: str = ""


def state_of(root: Path, fleet: str, member: str) -> Path:
    """The state directory of a member."""
    return root / "fleets" / fleet / member


def write_answers(fleet: Fleet, member: Member, root: Path) -> Path:
    """Write the answers of a member, with its overrides, into its state directory. Raises as draft_of."""
    directory = state_of(root, fleet.name, member.name)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = directory / ANSWERS
    new = file.with_suffix(".new")
    new.write_text(dump(draft_of(fleet, member)), encoding="utf-8")
    new.replace(file)
    return file


def apply_command(answers: Path, *, rehearse: bool, faults: Sequence[str] = (), speed: float = 0) -> list[str]:
    """The command that installs a member, or rehearses that."""
    common = ("--yes", "--output", "json", "--state-dir", str(answers.parent))
    if not rehearse:
        return python_program("installer", "apply", str(answers), *common)
    more = [word for fault in faults for word in ("--fault", fault)]
    pace = ["--speed", f"{speed:g}"] if speed else []
    return python_program("installer", "rehearse", "--answers", str(answers), *common, *more, *pace)


def resume_command(answers: Path, run: str) -> list[str]:
    """The command that resumes a run of a member."""
    return python_program("installer", "resume", run, "--output", "json", "--state-dir", str(answers.parent))


def interrupted_run(answers: Path, *, rehearse: bool) -> str:
    """Name of the member's newest run, if it was interrupted and has these answers; "" if a new one has to begin.

    A failed run is not resumed: a new one finds what it has deployed, and a rehearsal gets an Azure without its fault.
    """
    state = StateDirectory.at(str(answers.parent))
    name = unfinished_run(state, rehearsal=rehearse) if state.run_names() else None
    if name is None:
        return ""
    try:
        with Journal(state.run(name), write=False) as journal:
            same = read_facts(journal).answers == load(answers).answers
            return name if same and journal.fact("state") in _INTERRUPTED else ""
    except UsageError:
        return ""  # its journal cannot be read


def environment_of_member(answers: Path) -> dict[str, str]:
    """The environment of the command: what an installer with these answers reads, without the flow run in which it may be."""
    return of_installer([answers.read_text(encoding="utf-8")])


def result_of(exit_code: int, last_line: str, errors: str) -> MemberResult:
    """The result from the last line of the output, which is the result object, and from standard error."""
    try:
        last = as_object(parsed(last_line))
    except ValueError:
        last = {}
    failures = [as_object(one) for one in as_list(last.get("failures"))]
    messages = [as_text(one.get("message")) for one in failures] or [one for one in errors.splitlines() if one.strip()]
    reason = messages[0 if failures else -1].splitlines()[0] if messages else ""
    if exit_code and not reason:
        reason = f"ended with exit code {exit_code}"
    return MemberResult(exit_code, reason if exit_code else "", as_text(last.get("run")))


def tail_of(stream: IO[bytes], limit: int) -> str:
    """The end of a stream."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - limit))
    return stream.read().decode("utf-8", "replace")


@dataclass(frozen=True)
class PlannedChanges:
    """Changes of a run of a member in one line, and whether something is in its way."""

    line: str
    blocked: bool


def plan_changes(answers: Path, *, rehearse: bool) -> PlannedChanges:
    """Counts the changes of a run of a member. Asks Azure, or with `rehearse` an embedded one."""
    words = ["rehearse", "plan"] if rehearse else ["plan"]
    arguments = [*words, str(answers), "--output", "json", "--no-cost", "--state-dir", str(answers.parent)]
    done = subprocess.run(
        python_program("installer", *arguments),
        capture_output=True,
        env=environment_of_member(answers),
        check=False,
    )
    try:
        plan = as_object(parsed(done.stdout))
    except ValueError:
        errors = done.stderr.decode("utf-8", "replace")
        return PlannedChanges(f"not checked: {result_of(done.returncode or 1, '', errors).reason}", blocked=True)
    return changes_of(plan)


def changes_of(plan: dict[str, Json]) -> PlannedChanges:
    """The counts of a plan."""
    counts = {word: count for word, count in as_object(plan.get("counts")).items() if isinstance(count, int) and count}
    blocking = [one for one in as_list(plan.get("findings")) if as_object(one).get("severity") == "blocks"]
    blocked = len(blocking) + len(as_list(plan.get("blocked")))
    shown = ", ".join(f"{word} {count}" for word, count in counts.items()) or "nothing to do"
    more = f"; {counted(blocked, 'obstacle')}, see plan" if blocked else ""
    return PlannedChanges(shown + more, bool(blocked))
