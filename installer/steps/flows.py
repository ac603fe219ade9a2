"""Steps: compare the customer's flows with Prefect, apply, list and run them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from installer.engine.step import Context, Outputs, Question
from installer.errors import InstallerError, Interrupted, PrefectFailed, VerificationFailed
from installer.json_access import as_text
from installer.jsontypes import Json
from installer.steps.job_program import Line, ProgramStep, emit_changes, run_program

YES: Final = "yes"


def result_of(lines: Sequence[Line]) -> dict[str, Json]:
    """The result of the program. Raises PrefectFailed if its output has none."""
    for line in reversed(lines):
        result = line.get("result")
        if isinstance(result, dict):
            return result
    raise PrefectFailed("the job has ended, but the runtime does not return its output; try again in some minutes")


@dataclass(frozen=True)
class CompareFlows(ProgramStep):
    """Shows what would change in Prefect; before a deployment it asks whether to continue.

    Attributes:
        asks: Ask before anything is changed.
        notes: Remarks about the files.

    """

    asks: bool
    notes: tuple[str, ...] = ()
    failure: ClassVar[type[InstallerError]] = PrefectFailed

    def apply(self, context: Context) -> Outputs:
        """Compare, and ask. Raises Interrupted if the user declines."""
        for note in self.notes:
            context.emit("warning", note)
        lines = run_program(context, self.job, self.failure)
        result = result_of(lines)
        changes = [as_text(line.get("text")) for line in lines if "diff" in line]
        if files := as_text(result.get("files")):
            changes.insert(0, f"~ files of the flows: {files}")
        for text in changes:
            context.emit("log", text)
        found: dict[str, Json] = {**result, "lines": [*changes]}
        if self.asks and changes:
            wanted = "\n".join([*changes, f"Change Prefect in {self.environment} like this (yes or no)?"])
            if context.ask(Question(self.key, wanted, (YES, "no"), "no")) != YES:
                raise Interrupted("nothing was changed, as you answered")
        return found


@dataclass(frozen=True)
class ApplyFlows(ProgramStep):
    """Applies the flows to Prefect, and reports what was left as it is because another user has changed it.

    Attributes:
        assumed: Returns the packages that a rehearsal does not have; none in a real cloud.

    """

    assumed: Callable[[], Sequence[str]] = tuple
    failure: ClassVar[type[InstallerError]] = PrefectFailed

    def emit_lines(self, context: Context, lines: Sequence[Line]) -> None:
        """Emit an event for each object, and list what a rehearsal cannot do."""
        emit_changes(context, lines)
        for text in self.assumed():
            context.emit("warning", f"this rehearsal assumes {text}", left=f"Not proved by this rehearsal: {text}")
        for line in lines:
            if line.get("event") == "kept":
                text = as_text(line.get("text"))
                take = f'--take "{line.get("kind")} {line.get("name")}"'
                context.emit("warning", text, left=f"{text}; flows deploy {take} overwrites it")


@dataclass(frozen=True)
class ReserveFlows(ProgramStep):
    """Keeps other runs from deploying flows to the environment until this one has applied its changes."""

    failure: ClassVar[type[InstallerError]] = PrefectFailed


@dataclass(frozen=True)
class AskProgram(ProgramStep):
    """Runs the program for its result: a list of deployments, or a run of one.

    Attributes:
        fails_as: Class of the error of a program that has failed.

    """

    fails_as: type[InstallerError]

    def apply(self, context: Context) -> Outputs:
        """Run the job; returns the result."""
        lines = run_program(context, self.job, self.fails_as)
        for line in lines:
            if line.get("event") == "progressed":
                context.emit("log", as_text(line.get("text")))
        return result_of(lines)


@dataclass(frozen=True)
class UseFlowImage:
    """Gives the image of the flows to the workers of Container Apps, which run flows in their own container.

    Attributes:
        key: Key of the step.
        title: Title of the step.
        needs: Keys of the steps before it.
        current: Returns the image that the worker has.
        change: Gives it another image, and waits.
        wanted: Returns the image that it needs.

    """

    key: str
    title: str
    needs: tuple[str, ...]
    current: Callable[[], str]
    change: Callable[[Context, str], None]
    wanted: Callable[[Context], str]
    usual_seconds: float = 60.0

    def check(self, context: Context) -> Outputs | None:
        """Done when the worker has the image."""
        return {} if self.current() == self.wanted(context) else None

    def apply(self, context: Context) -> Outputs:
        """Give it the image; a new revision takes over."""
        wanted = self.wanted(context)
        context.remember("begun", name=self.key)
        self.change(context, wanted)
        context.emit("resource.finished", "has the image of the flows", resource="worker", type="container app")
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Read its image again."""
        if self.current() != self.wanted(context):
            raise VerificationFailed("the worker does not have the image of the flows")
