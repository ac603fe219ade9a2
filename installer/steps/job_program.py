"""Steps whose job runs a program of the installer inside the network, and reads its JSON lines if the runtime exposes the log."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

from installer.engine.step import Context, Outputs, Step
from installer.errors import DeploymentFailed, InstallerError
from installer.job_program.changes import DOINGS
from installer.json_access import as_list, parsed
from installer.jsontypes import Json
from installer.steps.job_step import JobStep

Line: TypeAlias = dict[str, Json]


class Job(Step, Protocol):
    """A job of the runtime, as a step."""

    def log(self, context: Context) -> str:
        """Its output, "" if the runtime does not expose it."""


@dataclass(frozen=True)
class ProgramStep(JobStep[Job]):
    """A step whose job runs a program.

    Attributes:
        failure: Class of the error of a program that has failed.

    """

    environment: str
    failure: ClassVar[type[InstallerError]] = DeploymentFailed
    repeat_each_attempt: ClassVar[bool] = True

    def check(self, context: Context) -> Outputs | None:
        """Done when its job is; returns the outputs from its log."""
        return None if self.job.check(context) is None else self.outputs(lines_of(self.job.log(context)))

    def apply(self, context: Context) -> Outputs:
        """Run the job, and emit the events from its log."""
        lines = run_program(context, self.job, self.failure)
        self.emit_lines(context, lines)
        return self.outputs(lines)

    def verify(self, context: Context, outputs: Outputs) -> None:
        """As its job."""
        self.job.verify(context, outputs)

    def emit_lines(self, context: Context, lines: Sequence[Line]) -> None:
        """Emit its log lines as events."""
        emit_changes(context, lines)

    def outputs(self, lines: Sequence[Line]) -> Outputs:
        """Numbers of created, updated and unchanged objects; empty without a log."""
        counts = Counter(str(line["event"]) for line in lines if "event" in line)
        usual = ("created", "updated", "unchanged")
        return (
            {doing: counts[doing] for doing in DOINGS if doing in usual or (doing != "progressed" and counts[doing])}
            if counts
            else {}
        )


def run_program(context: Context, job: Job, failure: type[InstallerError]) -> list[Line]:
    """Run the job of a program; returns its lines. Raises `failure` in the words of the program."""
    try:
        job.apply(context)
    except DeploymentFailed as error:
        if type(error) is not DeploymentFailed:
            raise  # Azure refused; the program has not failed
        raise failure(_error_text(str(error))) from error
    return lines_of(job.log(context))


def emit_changes(context: Context, lines: Sequence[Line]) -> None:
    """Emit an event for each object in the lines of a program."""
    for line in lines:
        if line.get("event") in DOINGS and line["event"] != "progressed":
            name = f"{line.get('kind')} {line.get('name')}"
            context.emit("resource.finished", str(line.get("text")), resource=name, change=line["event"])
        if kept := ", ".join(map(str, as_list(line.get("kept")))):
            what = f"{line.get('kind')} {line.get('name')}"
            context.emit(
                "warning",
                f"{what} keeps what others have changed: {kept}",
                left=f"Changed by others in the {what}: {kept}",
            )


def lines_of(log: str) -> list[Line]:
    """The JSON lines in the output of a job; other lines come from libraries."""
    found: list[Line] = []
    for text in log.splitlines():
        try:
            line = parsed(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            found.append(line)
    return found


def _error_text(text: str) -> str:
    """The error that the program logged, else the whole text."""
    return next((str(line["error"]) for line in reversed(lines_of(text)) if "error" in line), text)
