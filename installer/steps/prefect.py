"""Steps: register the Prefect objects of FlowForge, and run a real flow on a real worker.

Prefect is reachable inside the network only, so a program does both there, as a job of the runtime. It logs its changes
as JSON lines, which the installer reads if the runtime exposes the log.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

from installer.engine.step import Context, Outputs, Step
from installer.errors import DeploymentFailed, InstallerError, PrefectFailed, VerificationFailed
from installer.jsontypes import Json
from installer.prefect_setup.changes import DOINGS
from installer.steps.job_step import JobStep

if TYPE_CHECKING:
    from installer.engine.event_data import ResourceChanged

Line = dict[str, Json]


class Job(Step, Protocol):
    """A job of the runtime, as a step."""

    def log(self, context: Context) -> str:
        """Its output, "" if the runtime does not expose it."""


Address: TypeAlias = Callable[[Context], str]
"""Returns the URL of the Prefect UI, "" if unknown."""


@dataclass(frozen=True)
class _Program(JobStep[Job]):
    """A step whose job runs the Prefect program."""

    environment: str
    failure: ClassVar[type[InstallerError]]
    repeat_each_attempt: ClassVar[bool] = True

    def check(self, context: Context) -> Outputs | None:
        """Done when its job is; returns the outputs from its log."""
        return None if self.job.check(context) is None else self.outputs(_lines(self.job.log(context)))

    def apply(self, context: Context) -> Outputs:
        """Run the job, and emit the events from its log."""
        try:
            self.job.apply(context)
        except DeploymentFailed as error:
            if type(error) is not DeploymentFailed:
                raise  # Azure refused; the program has not failed
            raise self.failure(_error_text(str(error))) from error
        lines = _lines(self.job.log(context))
        self.emit_lines(context, lines)
        return self.outputs(lines)

    def verify(self, context: Context, outputs: Outputs) -> None:
        """As its job."""
        self.job.verify(context, outputs)

    def emit_lines(self, context: Context, lines: list[Line]) -> None:
        """Emit its log lines as events."""
        for line in lines:
            if line.get("event") in DOINGS and line["event"] != "progressed":
                name = f"{line.get('kind')} {line.get('name')}"
                context.emit("resource.finished", str(line.get("text")), resource=name, change=line["event"])

    def outputs(self, lines: list[Line]) -> Outputs:
        """Outputs of the step."""
        raise NotImplementedError


@dataclass(frozen=True)
class Register(_Program):
    """Registers work pools, queues, variables, blocks and deployments."""

    address: Address
    failure: ClassVar[type[InstallerError]] = PrefectFailed

    def emit_lines(self, context: Context, lines: list[Line]) -> None:
        """Also emit the URL of the Prefect UI."""
        super().emit_lines(context, lines)
        if ui := self.address(context):
            context.emit("resource.finished", "answers", resource=f"prefect {self.environment}", ui=ui)

    def outputs(self, lines: list[Line]) -> Outputs:
        """Numbers of created, updated and unchanged objects; empty without a log."""
        counts = Counter(str(line["event"]) for line in lines if "event" in line)
        return {doing: counts[doing] for doing in DOINGS if doing != "progressed"} if counts else {}


@dataclass(frozen=True)
class Canary(_Program):
    """Completes a flow run in an environment, which verifies the whole installation."""

    failure: ClassVar[type[InstallerError]] = VerificationFailed

    def emit_lines(self, context: Context, lines: list[Line]) -> None:
        """Emit the result of the flow run."""
        proof = self.outputs(lines)
        took = proof.get("seconds")
        proved: ResourceChanged = {"proof": f"Prefect run in {self.environment} {proof['state']}"}
        if isinstance(took, (int, float)):
            proved["seconds"] = took
        context.emit(
            "resource.finished",
            str(proof["state"]),
            resource=f"flow run {proof.get('flow_run_id', '')}".strip(),
            **proved,
        )

    def outputs(self, lines: list[Line]) -> Outputs:
        """The flow run and its state: its job succeeds only if the flow run has completed."""
        result = next((line["result"] for line in lines if isinstance(line.get("result"), dict)), {})
        found = result if isinstance(result, dict) else {}
        return {"state": "COMPLETED", **{name: found[name] for name in ("flow_run_id", "seconds") if name in found}}


def _lines(log: str) -> list[Line]:
    """The JSON lines in the output of a job; other lines come from libraries."""
    found: list[Line] = []
    for text in log.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            found.append(line)
    return found


def _error_text(text: str) -> str:
    """The error that the program logged, else the whole text."""
    return next((str(line["error"]) for line in reversed(_lines(text)) if "error" in line), text)
