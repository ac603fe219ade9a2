"""Step contexts for tests: a memory, a recorded stream of events, and no user to ask."""

from dataclasses import dataclass, field
from typing import Final

from installer.engine.events import Event
from installer.engine.step import Answering, Context, Outputs, Question, Record, Step, Stop
from installer.engine.stream import Stream
from tests.bicep.answers_variants import SUBSCRIPTION as SUBSCRIPTION_ID

SPEED: Final = 3000.0
SUBSCRIPTION: Final = f"/subscriptions/{SUBSCRIPTION_ID}"
GROUPS: Final = f"{SUBSCRIPTION}/resourceGroups"


@dataclass
class StepMemory:
    """A journal without a disk."""

    records: dict[str, Record] = field(default_factory=dict)

    def remember(self, record: Record) -> None:
        """Keep it."""
        self.records[record.step] = record

    def recall(self, step: str) -> Record | None:
        """The newest of a step."""
        return self.records.get(step)


def no_answer(question: Question, stop: Stop) -> None:
    """Never answers."""


@dataclass
class Attempt:
    """One attempt of a run, which executes steps one by one."""

    outputs: dict[str, Outputs] = field(default_factory=dict)
    memory: StepMemory = field(default_factory=StepMemory)
    events: list[Event] = field(default_factory=list)
    answering: Answering = no_answer

    def context(self, step: Step) -> Context:
        """Context for the step."""
        stream = Stream()
        stream.listen(self.events.append)
        return Context(step.key, stream, self.memory, self.outputs, Stop(), self.answering)

    def run(self, step: Step) -> tuple[str, Outputs]:
        """Check, apply, verify, as the engine does: how it came to be ("was so" or "done"), and its outputs."""
        context = self.context(step)
        found = step.check(context)
        if found is not None:
            context.remember("done", outputs=found)
            return "was so", found
        outputs = step.apply(context)
        step.verify(context, outputs)
        context.remember("done", outputs=outputs)
        self.outputs[step.key] = outputs
        return "done", outputs

    def texts(self, kind: str) -> list[str]:
        """Texts of the events of a kind."""
        return [event.text for event in self.events if event.kind == kind]
