"""Step: a real flow run on a real worker completes in an environment. Only then is the installation proved."""

from dataclasses import dataclass
from typing import ClassVar

from installer.engine.step import Context, Outputs
from installer.errors import VerificationFailed
from installer.flows.driving import Change
from installer.flows.proving import prove
from installer.flows.rest import ask, ask_patiently
from installer.jsontypes import Json
from installer.steps.prefect import PrefectHost, PrefectObjects


@dataclass(frozen=True)
class Canary:
    """The canary of one environment."""

    host: PrefectHost
    environment: str
    run: str
    needs: tuple[str, ...] = (PrefectObjects.key,)
    usual_seconds: ClassVar[float] = 9.0
    """Recorded on two cores with one worker."""

    @property
    def key(self) -> str:
        """One for each environment."""
        return f"canary-{self.environment}"

    @property
    def title(self) -> str:
        """What people read."""
        return f"Acceptance run · {self.environment}"

    def check(self, context: Context) -> Outputs | None:
        """A run that this installation recorded, and that Prefect still knows as completed."""
        record = context.memory.recall(self.key)
        if record is None or record.state != "done":
            return None
        answer = ask(self.host.ready(), "GET", self._path(record.outputs))
        known = answer is not None and answer.status == 200 and _completed(answer.body)
        return record.outputs if known else None

    @staticmethod
    def _path(outputs: Outputs) -> str:
        return f"/flow_runs/{outputs.get('flow_run_id')}"

    def apply(self, context: Context) -> Outputs:
        """Run it. A run that was begun in an earlier sitting lost its worker with that, so each attempt is a new run."""
        record = context.memory.recall(self.key)
        name = f"{self.run}-{self.environment}-{record.attempt + 1 if record else 1}"
        context.remember("begun", name=name)
        if self.host.rehearsal:
            self.host.start_worker(self.environment).wait_online(self.host.ready(), context.pause)

        def tell(change: Change) -> None:
            context.emit("resource.progressed", change.text, resource=change.name)

        proof = prove(self.host.ready(), self.environment, name, emit=tell, pause=context.pause)
        context.emit(
            "resource.finished",
            proof.state,
            resource=f"flow run {proof.flow_run_id}",
            seconds=proof.seconds,
            proof=f"Prefect run in {self.environment} {proof.state}",
            url=proof.url,
        )
        return {"flow_run_id": proof.flow_run_id, "state": proof.state, "seconds": proof.seconds}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Prefect itself says so."""
        what = f"the canary run of {self.environment}"
        if not _completed(ask_patiently(self.host.ready(), "GET", self._path(outputs), what=what, pause=context.pause)):
            raise VerificationFailed(f"the canary run {outputs.get('flow_run_id')} is not completed")


def _completed(run: Json) -> bool:
    return isinstance(run, dict) and run.get("state_type") == "COMPLETED"
