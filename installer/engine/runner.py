"""Runs steps: what is ready goes in parallel, a failed step blocks only what needs it, a stop leaves a resumable run."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from time import monotonic
from typing import Literal

from installer.engine.events import Stream
from installer.engine.step import Answering, Context, Memory, Outputs, Step, Stop
from installer.errors import InstallerError, Interrupted, WaitingForSomebody
from installer.jsontypes import Json

MOST_THREADS = 16
RETRY_SECONDS = (1.0, 3.0, 8.0, 20.0, 45.0)
"""How long to wait before each further try of a step that failed for a passing reason; then it has failed."""
State = Literal["succeeded", "failed", "waiting", "interrupted"]


@dataclass
class Result:
    """How a run ended.

    failures: step key to what went wrong, in the order in which it did.
    blocked: step key to the failed steps that it waits for.
    """

    outputs: dict[str, Outputs] = field(default_factory=dict)
    failures: dict[str, InstallerError] = field(default_factory=dict)
    blocked: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """The run's state in one word."""
        kinds = {type(error) for error in self.failures.values()}
        if not kinds:
            return "succeeded"
        if kinds - {Interrupted, WaitingForSomebody}:
            return "failed"
        return "interrupted" if Interrupted in kinds else "waiting"

    @property
    def exit_code(self) -> int:
        """0, or the exit code of the first failure; a stop counts only without one, a wait only without a stop."""
        real = [e for e in self.failures.values() if not isinstance(e, (Interrupted, WaitingForSomebody))]
        stops = [e for e in self.failures.values() if isinstance(e, Interrupted)]
        return next((error.exit_code for error in real or stops or list(self.failures.values())), 0)


def run(
    steps: Sequence[Step],
    *,
    stream: Stream,
    memory: Memory,
    stop: Stop,
    answering: Answering,
    explain_bug: Callable[[BaseException], InstallerError],
) -> Result:
    """Run the steps to the end, whatever the end is. Blocks; meant for a thread of its own.

    `explain_bug` turns an exception that nobody expected into one with a text for the user.
    """
    by_key = {step.key: step for step in steps}
    sorter = TopologicalSorter({step.key: step.needs for step in steps})
    sorter.prepare()
    result = Result()
    lock = threading.Lock()
    running: dict[Future[Outputs], str] = {}
    with ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="step") as pool:
        while sorter.is_active():
            for key in sorter.get_ready():
                step = by_key[key]
                missing = tuple(need for need in step.needs if need not in result.outputs)
                if missing:
                    result.blocked[key] = _causes(missing, result)
                    names = ", ".join(by_key[need].title for need in result.blocked[key])
                    stream.emit("step.skipped", f"waits for {names}", step=key, state="blocked")
                    sorter.done(key)
                    continue
                with lock:
                    outputs = dict(result.outputs)
                context = Context(key, stream, memory, outputs, stop, answering)
                running[pool.submit(_one, step, context)] = key
            if not running:
                continue
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                key = running.pop(future)
                error = future.exception()
                if error is None:
                    with lock:
                        result.outputs[key] = future.result()
                else:
                    known = error if isinstance(error, InstallerError) else explain_bug(error)
                    result.failures[key] = known
                    _tell(stream, key, known)
                sorter.done(key)
    return result


def _tell(stream: Stream, key: str, error: InstallerError) -> None:
    if isinstance(error, Interrupted):
        stream.emit("step.skipped", str(error), step=key, state="interrupted")
    elif isinstance(error, WaitingForSomebody):
        stream.emit("step.skipped", str(error), step=key, state="waiting")
    else:
        detail = getattr(error, "detail", {})
        stream.emit("step.failed", str(error), step=key, exit_code=error.exit_code, **detail)


def _causes(missing: tuple[str, ...], result: Result) -> tuple[str, ...]:
    """The steps that really failed behind those that are only blocked."""
    found: dict[str, None] = {}
    for key in missing:
        for cause in result.blocked.get(key, (key,)):
            found[cause] = None
    return tuple(found)


def _one(step: Step, context: Context) -> Outputs:
    """One step on a thread of the pool; what may succeed a moment later is tried again, from its check on."""
    if context.stop.requested:
        raise Interrupted("not begun: stopped on request")
    context.emit("step.started", step.title, usual=step.usual_seconds)
    for pause in RETRY_SECONDS:
        try:
            return _once(step, context)
        except InstallerError as error:
            if not error.transient:
                raise
            seconds = pause * random.uniform(0.8, 1.2)  # noqa: S311  so that many installers do not knock together
            first = str(error).splitlines()[0]
            context.emit("warning", f"tried again in {seconds:.0f} s: {first}", seconds=round(seconds, 1))
            context.pause(seconds)
    return _once(step, context)


def _once(step: Step, context: Context) -> Outputs:
    """Check, apply, verify."""
    begun = monotonic()
    outputs = step.check(context)
    if outputs is not None:
        context.remember("done", outputs=outputs)
        context.emit("step.skipped", "as it should be", state="done", outputs=_public(outputs))
        return outputs
    try:
        outputs = step.apply(context)
        step.verify(context, outputs)
    except (Interrupted, WaitingForSomebody):
        raise  # what was begun goes on in the target, and is followed when the run is resumed
    except InstallerError:
        context.remember("failed")
        raise
    context.remember("done", outputs=outputs)
    context.emit("step.finished", "done", seconds=round(monotonic() - begun, 3), outputs=_public(outputs))
    return outputs


def _public(outputs: Mapping[str, object]) -> list[Json]:
    """Names of outputs only: values can be long, and events are read by people."""
    return [str(name) for name in outputs]
