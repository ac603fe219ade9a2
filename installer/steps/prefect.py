"""Steps: what FlowForge needs exists in Prefect, and a real flow run on a real worker completes.

Prefect answers inside the network only: a program that is carried there does both, as a job of the runtime. It tells what it
did in lines of JSON, where the runtime lets them be read.
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

if TYPE_CHECKING:
    from installer.engine.event_data import ResourceChanged

Line = dict[str, Json]


class Job(Step, Protocol):
    """A job of the runtime, as a step."""

    def log(self, context: Context) -> str:
        """What it has printed, "" where nobody tells."""


Address: TypeAlias = Callable[[Context], str]
"""Where people look at Prefect, "" where nobody knows."""


@dataclass(frozen=True)
class _Program:
    """A job that runs our program."""

    job: Job
    environment: str
    failure: ClassVar[type[InstallerError]]
    repeat_each_attempt: ClassVar[bool] = True

    @property
    def key(self) -> str:
        """One for each environment."""
        return self.job.key

    @property
    def title(self) -> str:
        """What people read."""
        return self.job.title

    @property
    def needs(self) -> tuple[str, ...]:
        """As its job."""
        return self.job.needs

    @property
    def usual_seconds(self) -> float:
        """As its job."""
        return self.job.usual_seconds

    def check(self, context: Context) -> Outputs | None:
        """What it gave back, where it need not run again."""
        return None if self.job.check(context) is None else self.outputs(_lines(self.job.log(context)))

    def apply(self, context: Context) -> Outputs:
        """Run it, and tell what it tells."""
        try:
            self.job.apply(context)
        except DeploymentFailed as error:
            if type(error) is not DeploymentFailed:
                raise  # Azure refused; the program has not failed
            raise self.failure(_words(str(error))) from error
        lines = _lines(self.job.log(context))
        self.tell(context, lines)
        return self.outputs(lines)

    def verify(self, context: Context, outputs: Outputs) -> None:
        """As its job."""
        self.job.verify(context, outputs)

    def tell(self, context: Context, lines: list[Line]) -> None:
        """Its lines as events."""
        for line in lines:
            if line.get("event") in DOINGS and line["event"] != "progressed":
                name = f"{line.get('kind')} {line.get('name')}"
                context.emit("resource.finished", str(line.get("text")), resource=name, change=line["event"])

    def outputs(self, lines: list[Line]) -> Outputs:
        """What the step gives back."""
        raise NotImplementedError


@dataclass(frozen=True)
class Register(_Program):
    """Work pools, queues, variables, blocks and deployments are as described."""

    address: Address
    failure: ClassVar[type[InstallerError]] = PrefectFailed

    def tell(self, context: Context, lines: list[Line]) -> None:
        """Also where people look at Prefect."""
        super().tell(context, lines)
        if ui := self.address(context):
            context.emit("resource.finished", "answers", resource=f"prefect {self.environment}", ui=ui)

    def outputs(self, lines: list[Line]) -> Outputs:
        """How many objects were created, set right and left alone; nothing where nobody tells."""
        counts = Counter(str(line["event"]) for line in lines if "event" in line)
        return {doing: counts[doing] for doing in DOINGS if doing != "progressed"} if counts else {}


@dataclass(frozen=True)
class Canary(_Program):
    """A flow run completes in an environment. Only then is the installation proved."""

    failure: ClassVar[type[InstallerError]] = VerificationFailed

    def tell(self, context: Context, lines: list[Line]) -> None:
        """The proof."""
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
        """The run and its state: its job ends well only if the run has completed."""
        result = next((line["result"] for line in lines if isinstance(line.get("result"), dict)), {})
        found = result if isinstance(result, dict) else {}
        return {"state": "COMPLETED", **{name: found[name] for name in ("flow_run_id", "seconds") if name in found}}


def _lines(log: str) -> list[Line]:
    """The lines of JSON in what a job printed; libraries print too."""
    found: list[Line] = []
    for text in log.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            found.append(line)
    return found


def _words(text: str) -> str:
    """The error that the program told, else all that is known."""
    return next((str(line["error"]) for line in reversed(_lines(text)) if "error" in line), text)
