"""Rights that a run takes for its duration, and the closing steps that give them back.

The journal has the record before the rights are taken, under the key of the closing step: so a stop gives them back, and after
kill -9 the next attempt knows of them.
"""

from collections.abc import Iterator, Sequence

from installer.engine.step import Context, GivesBackRights, Record, Step, StepMemory
from installer.engine.stream import Stream


def note_rights(context: Context, closing: str, removal: str) -> None:
    """Record, before rights are taken, which step gives them back, and the command that does so without the installer."""
    before = context.memory.recall(closing)
    context.memory.remember(Record(closing, before.attempt if before else 1, "begun", removal))


def held_rights(step: Step, memory: StepMemory) -> Record | None:
    """The record of rights that a step has to give back, None if there are none."""
    if not isinstance(step, GivesBackRights):
        return None
    record = memory.recall(step.key)
    return record if record is not None and record.state != "done" else None


def warn_of_earlier(steps: Sequence[Step], stream: Stream, memory: StepMemory) -> None:
    """Report rights that an earlier attempt was ended with."""
    for rights, _ in _held(steps, memory):
        stream.emit("warning", f"an earlier attempt ended before {rights} was removed: this one removes it at its end")


def warn_of_left(steps: Sequence[Step], stream: Stream, memory: StepMemory) -> None:
    """Report rights that are still held at the end, with the command that removes them."""
    for rights, removal in _held(steps, memory):
        words = f"; this removes it: {removal}" if removal else ""
        stream.emit("warning", f"{rights} was not removed{words}", left=f"{rights} was not removed{words}")


def _held(steps: Sequence[Step], memory: StepMemory) -> Iterator[tuple[str, str]]:
    for step in steps:
        if isinstance(step, GivesBackRights) and (record := held_rights(step, memory)) is not None:
            yield step.rights, record.name
