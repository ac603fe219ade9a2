"""Steps: register the Prefect objects of FlowForge, and run a real flow on a real worker.

Prefect is reachable inside the network only, so a program does both there, as a job of the runtime.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from installer.engine.step import Context, Outputs
from installer.errors import InstallerError, PrefectFailed, VerificationFailed
from installer.steps.job_program import Line, ProgramStep

if TYPE_CHECKING:
    from installer.engine.event_data import ResourceChanged

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
    """Completes a flow run in an environment, which verifies the whole installation."""

    failure: ClassVar[type[InstallerError]] = VerificationFailed

    def emit_lines(self, context: Context, lines: Sequence[Line]) -> None:
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

    def outputs(self, lines: Sequence[Line]) -> Outputs:
        """The flow run and its state: its job succeeds only if the flow run has completed."""
        result = next((line["result"] for line in lines if isinstance(line.get("result"), dict)), {})
        found = result if isinstance(result, dict) else {}
        return {"state": "COMPLETED", **{name: found[name] for name in ("flow_run_id", "seconds") if name in found}}
