"""Runs steps: what is ready goes in parallel, a failed step blocks only what needs it, a stop leaves a resumable run."""

import random
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from time import monotonic
from typing import Literal

from installer.engine.closing_limit import ClosingLimit, is_closing, on_own_thread
from installer.engine.retry import PATIENCE_SECONDS, RetryBudget
from installer.engine.rights import held_rights, warn_of_earlier, warn_of_left
from installer.engine.schedule import Schedule
from installer.engine.step import (
    Answering,
    Context,
    DependsOnConditions,
    Outputs,
    RepeatedEachAttempt,
    Step,
    StepMemory,
    Stop,
)
from installer.engine.stream import Stream
from installer.errors import InstallerError, Interrupted, UsageError, WaitingForInput
from installer.jsontypes import Json
from installer.waiting import waiting_with

MAX_THREADS = 16
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
        if kinds - {Interrupted, WaitingForInput}:
            return "failed"
        return "interrupted" if Interrupted in kinds else "waiting"

    @property
    def exit_code(self) -> int:
        """0, or the exit code of the first failure; a stop counts only without one, a wait only without a stop."""
        real = [e for e in self.failures.values() if not isinstance(e, (Interrupted, WaitingForInput))]
        stops = [e for e in self.failures.values() if isinstance(e, Interrupted)]
        return next((error.exit_code for error in real or stops or list(self.failures.values())), 0)


class RetryRequests:
    """RetryRequests to try a failed step again while the other steps still run. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inbox: SimpleQueue[tuple[str, Future[Outputs] | None]] | None = None

    def retry(self, key: str) -> bool:
        """Ask for it; False when nothing runs any more."""
        with self._lock:
            if self._inbox is not None:
                self._inbox.put((key, None))
            return self._inbox is not None

    def _open(self, inbox: "SimpleQueue[tuple[str, Future[Outputs] | None]]") -> None:
        with self._lock:
            self._inbox = inbox

    def _close(self) -> bool:
        """Take no more requests; False when one has not been processed yet."""
        with self._lock:
            if self._inbox is not None and not self._inbox.empty():
                return False
            self._inbox = None
            return True


def run(
    steps: Sequence[Step],
    *,
    stream: Stream,
    memory: StepMemory,
    stop: Stop,
    answering: Answering,
    explain_bug: Callable[[BaseException], InstallerError],
    only: Collection[str] | None = None,
    retry_requests: RetryRequests | None = None,
    name: str = "",
    patience: float = PATIENCE_SECONDS,
) -> Result:
    """Run the steps to the end, whatever the end is. Blocks; meant for a separate thread.

    explain_bug: turns an unexpected exception into one with a text for the user.
    only: keys of the steps that are done; what they need is checked and never done.
    retry_requests: how others ask for a failed step to be tried again before the end.
    name: of the run, for the steps.
    patience: seconds for which a step is retried when the service cannot be reached.
    """
    schedule = Schedule(steps, only)
    titles = {step.key: step.title for step in steps}
    by_key = {step.key: step for step in steps}
    result = Result()
    inbox: SimpleQueue[tuple[str, Future[Outputs] | None]] = SimpleQueue()
    retry_requests = retry_requests or RetryRequests()
    retry_requests._open(inbox)  # noqa: SLF001  the two halves of one thing
    limit = ClosingLimit(stop, {step.key for step in steps if is_closing(step)})
    warn_of_earlier(steps, stream, memory)
    with ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="step") as pool:
        while True:
            for step, causes in schedule.block():
                result.blocked[step.key] = causes
                names = ", ".join(titles[cause] for cause in causes)
                stream.emit("step.skipped", f"waits for {names}", step=step.key, state="blocked")
            for step in schedule.begin():
                context = Context(step.key, stream, memory, dict(result.outputs), stop, answering, name)
                doing = _one if step.key in schedule.only else _only_checked
                work = partial(_recording_conditions, partial(doing, step, context, patience), step)
                begun = on_own_thread(work, step.key) if step.key in limit.closing else pool.submit(work)
                begun.add_done_callback(lambda f, k=step.key: inbox.put((k, f)))  # type: ignore[misc]
            if not schedule.running and retry_requests._close():  # noqa: SLF001  as above
                warn_of_left(steps, stream, memory)
                return result
            key, future = limit.next_of(inbox, schedule.running)
            if key not in schedule.running and future is not None:
                continue  # a closing step that has outlasted its limit
            if future is None:
                for freed in schedule.again(key) or ():
                    result.failures.pop(freed, None)
                    result.blocked.pop(freed, None)
                continue
            error = future.exception()
            if error is None:
                result.outputs[key] = future.result()
            else:
                known = error if isinstance(error, InstallerError) else explain_bug(error)
                result.failures[key] = known
                _report(stream, by_key[key], known, schedule.after(key))
            schedule.end(key, well=error is None)


def _report(stream: Stream, step: Step, error: InstallerError, blocks: tuple[str, ...]) -> None:
    if isinstance(error, Interrupted):
        stream.emit("step.skipped", str(error), step=step.key, state="interrupted")
    elif isinstance(error, WaitingForInput):
        stream.emit("step.skipped", str(error), step=step.key, state="waiting")
    else:
        verdict = error.verdict
        stream.emit(
            "step.failed",
            str(error),
            step=step.key,
            exit_code=error.exit_code,
            retry=verdict.retry,
            retry_reason=verdict.reason,
            blocks=list[Json](blocks),
            circumstances=dict(error.circumstances),
            **error.detail,
        )


def _recording_conditions(doing: Callable[[], Outputs], step: Step) -> Outputs:
    """Run it; if it fails for a lasting cause, record the conditions that it depends on at that moment."""
    try:
        return doing()
    except (Interrupted, WaitingForInput):
        raise
    except InstallerError as error:
        if isinstance(step, DependsOnConditions) and error.verdict.retry != "now":
            with suppress(InstallerError):
                error.circumstances = step.conditions(error)
        raise


def _only_checked(step: Step, context: Context, patience: float) -> Outputs:
    """A step that has to be done already. One that is repeated in each attempt, and was done before, is run again."""
    record = context.memory.recall(step.key)
    repeated = isinstance(step, RepeatedEachAttempt) and step.repeat_each_attempt
    if repeated and record is not None and record.state == "done":
        return _one(step, context, patience)
    context.emit("step.started", step.title, usual=step.usual_seconds)
    outputs = step.check(context)
    if outputs is None:
        raise UsageError(f"{step.key} is not done, and has to be before: resume the whole run, or that step first")
    return _up_to_date(context, outputs)


def _one(step: Step, context: Context, patience: float) -> Outputs:
    """One step on a thread of the pool; what may succeed a moment later is tried again, from its check on."""
    if context.stop.requested and held_rights(step, context.memory) is None:
        raise Interrupted("not begun: stopped on request")
    context.emit("step.started", step.title, usual=step.usual_seconds)
    tries = RetryBudget(patience)
    while True:
        try:
            with waiting_with(context.warn, context.pause):
                return _once(step, context)
        except InstallerError as error:
            pause = tries.pause(error)
            if pause is None:
                raise
            seconds = max(pause, error.retry_after) * random.uniform(0.8, 1.2)  # noqa: S311  that not all knock together
            first = str(error).splitlines()[0]
            context.emit("warning", f"tried again in {seconds:.0f} s: {first}", seconds=round(seconds, 1))
            context.pause(seconds)


def _once(step: Step, context: Context) -> Outputs:
    """Check, apply, verify."""
    begun = monotonic()
    outputs = step.check(context)
    if outputs is not None:
        return _up_to_date(context, outputs)
    try:
        outputs = step.apply(context)
        step.verify(context, outputs)
    except (Interrupted, WaitingForInput):
        raise  # what was begun continues in the target, and is followed when the run is resumed
    except InstallerError:
        context.remember("failed")
        raise
    context.remember("done", outputs=outputs)
    context.emit("step.finished", "done", seconds=round(monotonic() - begun, 3), outputs=_public(outputs))
    return outputs


def _up_to_date(context: Context, outputs: Outputs) -> Outputs:
    context.remember("done", outputs=outputs)
    context.emit("step.skipped", "up to date", state="done", outputs=_public(outputs))
    return outputs


def _public(outputs: Mapping[str, object]) -> list[Json]:
    """Names of outputs only: values can be long, and events are read by people."""
    return [str(name) for name in outputs]
