"""Steps: register the Prefect objects of FlowForge, and run a real flow on a real worker.

Prefect is reachable inside the network only, so a program does both there, as a job of the runtime.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from installer.engine.step import Context, Outputs
from installer.errors import InstallerError, PrefectFailed, VerificationFailed
from installer.prefect_setup.hop_results import HopResult, failure_of
from installer.steps.acceptance_results import HopMetrics, hops_in, sentence
from installer.steps.job_program import Line, ProgramStep, lines_of, run_program

if TYPE_CHECKING:
    from installer.engine.event_data import ResourceChanged
    from installer.jsontypes import Json


def is_known(outputs: Outputs) -> bool:
    """Whether the result of an acceptance run is known: of a rehearsal that assumes it, only the state is."""
    return bool(outputs.get("flow_run_id") or outputs.get("hops"))


Address: TypeAlias = Callable[[Context], str]
"""Returns the URL of the Prefect UI, "" if unknown."""


@dataclass(frozen=True)
class Register(ProgramStep):
    """Registers work pools, queues, variables, blocks and deployments."""

    address: Address
    failure: ClassVar[type[InstallerError]] = PrefectFailed

    def emit_lines(self, context: Context, lines: Sequence[Line]) -> None:
        """Also emit the URL of the Prefect UI."""
        super().emit_lines(context, lines)
        if ui := self.address(context):
            context.emit("resource.finished", "answers", resource=f"prefect {self.environment}", ui=ui)


@dataclass(frozen=True)
class Canary(ProgramStep):
    """Takes data through an environment with a flow run, which verifies the whole installation.

    Attributes:
        metrics: Where its results are if the runtime does not expose the output of its job; None if it does.

    """

    metrics: HopMetrics | None = None
    failure: ClassVar[type[InstallerError]] = VerificationFailed

    def check(self, context: Context) -> Outputs | None:
        """Done when its job is, which may have ended while no installer ran; with its results, as they prove the environment."""
        if self.job.check(context) is None:
            return None
        record = context.memory.recall(self.key)
        if record is not None and record.state == "done" and is_known(record.outputs):
            return record.outputs
        lines = lines_of(self.job.log(context))
        return self.outputs(lines, hops_in(lines) or (self.metrics.read(context) if self.metrics else ()))

    def apply(self, context: Context) -> Outputs:
        """Run it, and emit the result of each hop. Raises VerificationFailed with the hop, the reason and what helps."""
        try:
            lines = run_program(context, self.job, self.failure)
        except VerificationFailed as error:
            why = failure_of(self.environment, self.metrics.read(context)) if self.metrics else ""
            raise VerificationFailed(f"{why}\n{error}" if why else str(error)) from error
        hops = hops_in(lines) or (self.metrics.read(context) if self.metrics else ())
        outputs = self.outputs(lines, hops)
        self._emit(context, outputs, hops)
        return outputs

    def _emit(self, context: Context, outputs: Outputs, hops: Sequence[HopResult]) -> None:
        took = outputs.get("seconds")
        proved: ResourceChanged = {"proof": f"Prefect run in {self.environment} {outputs['state']}"}
        if isinstance(took, (int, float)):
            proved["seconds"] = took
        name = f"flow run {outputs.get('flow_run_id', '')}".strip()
        context.emit("resource.finished", str(outputs["state"]), resource=name, **proved)
        for one in hops:
            if one.state == "left out":
                text = f"{one.meaning} in {self.environment}: {one.why or 'this estate has none'}"
                context.emit("not-checked", text)
            else:
                text = f"{one.meaning}: {one.state} in {one.milliseconds} ms"
                context.emit("resource.finished", text, resource=f"hop {one.hop} of {self.environment}")
        if any(one.state == "passed" for one in hops):
            context.emit("step.progressed", "all hops passed", proof=sentence(self.environment, hops))
        elif self.job_ran(outputs):
            context.emit(
                "not-checked", f"durations of the hops in {self.environment}: the runtime does not expose them yet"
            )

    @staticmethod
    def job_ran(outputs: Outputs) -> bool:
        """Whether a real flow run was made, not one that a rehearsal assumes."""
        return "flow_run_id" in outputs

    def outputs(self, lines: Sequence[Line], hops: Sequence[HopResult] = ()) -> Outputs:
        """The flow run, its state and the milliseconds or the state of each hop: its job succeeds only if all have passed."""
        result = next((line["result"] for line in lines if isinstance(line.get("result"), dict)), {})
        found = result if isinstance(result, dict) else {}
        known: dict[str, Json] = {name: found[name] for name in ("flow_run_id", "seconds") if name in found}
        shown: dict[str, Json] = {
            one.hop: one.milliseconds if one.state == "passed" else one.state for one in hops or hops_in(lines)
        }
        return {"state": "COMPLETED", **known, **({"hops": shown} if shown else {})}
