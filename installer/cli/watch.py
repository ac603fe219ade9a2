"""Watching a run on a plain terminal: progress lines, an orderly stop, a summary at the end."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final

from installer.cli.hyperlinks import link
from installer.conventions.counts import counted
from installer.errors import CheckBlocked, Interrupted, WaitingForInput
from installer.invocation import command
from installer.json_access import as_object, as_text
from installer.runs.deployment_pages import deployment_page
from installer.runs.summary import summarize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.engine.events import Event, Listener
    from installer.engine.runner import Result
    from installer.engine.step import Question
    from installer.runs.run import Run

MAX_NAMED: Final = 5


def watch(run: "Run", listeners: "Sequence[Listener]", answer: Callable[[str], str] | None = None) -> "Result":
    """Wait until the run is over, and pass its events to the listeners.

    Ctrl-C, SIGTERM and a closed terminal stop the run in order: Azure continues, and the run can be resumed.

    Args:
        run: a started run.
        listeners: renderers of its events.
        answer: prompts the user when the run has a question; None for an unattended run.

    """
    seen: list[Event] = []
    for listener in (*listeners, seen.append):
        run.listen(listener)
    with _stopping(run):
        while (result := run.wait(0.2)) is None:
            question = run.question
            if question is not None and answer is not None:
                run.answer(_accepted(question, answer))
                while run.question is question:
                    threading.Event().wait(0.05)
    return result


def _accepted(question: "Question", answer: Callable[[str], str]) -> str:
    """An answer that the question accepts; what is refused is asked again, with what would be right."""
    prompt = f"{question.text} "
    while refused := question.refusal(text := answer(prompt) or question.default):
        prompt = f"Not accepted: {refused}\n> "
    return text


@contextmanager
def _stopping(run: "Run") -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        run.stop.request()

    names = [signal.SIGINT, signal.SIGTERM] + ([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])
    before = {name: signal.signal(name, stop) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def answering(run: str, question: str) -> str:
    """The command that answers a question of a run without a terminal."""
    return command(f"resume {run} --answer {question}=ANSWER")


def _waiting(blocked: "Mapping[str, tuple[str, ...]]") -> Iterator[str]:
    """A line for the steps that wait for the same ones; of many their number."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for key, needs in blocked.items():
        groups.setdefault(needs, []).append(key)
    for needs, keys in groups.items():
        named = f"{', '.join(keys)} {'wait' if len(keys) > 1 else 'waits'}"
        yield f"{named if len(keys) <= MAX_NAMED else f'{len(keys)} steps wait'} for {', '.join(needs)}"


def continuing(run: "Run") -> str:
    """The command that continues a run: that of the operation which has not ended, if there is one."""
    operation = as_text(as_object(run.journal.fact("operation")).get("command"))
    return command(operation or f"resume {run.name}")


def report(run: "Run", result: "Result", say: Callable[[str], None]) -> None:
    """Print the last lines of a run: resources, verified facts, settings of others, remaining work, how to resume."""
    say("")
    if result.state == "succeeded" and run.journal.fact("state") != "succeeded":
        say("Done: the requested step. The rest of the run is still to do.")
        say(f"Resume with: {continuing(run)}")
    elif result.state == "succeeded":
        summary = summarize(run.facts.answers, run.journal.events(), run.journal)
        say(f"Done: {counted(summary.resources, 'resource is', 'resources are')} in place.")
        for name, address in summary.addresses.items():
            ended = (
                " (ends with this rehearsal)"
                if name == "Prefect" and run.facts.target.get("kind") == "rehearsal"
                else ""
            )
            say(f"  {name}: {link(address)}{ended}")
        for sentence in summary.proved:
            say(f"  proved: {sentence}")
        for sentence in summary.kept:
            say(f"  kept: {sentence}")
        for sentence in summary.left:
            say(f"  left: {sentence}")
    else:
        for key, error in result.failures.items():
            findings = str(error).partition("\n")[2]
            if (
                isinstance(error, CheckBlocked) and findings
            ):  # its first line has appeared, and repeats the first finding
                say(f"{key} blocks, nothing was sent:\n{findings}")
                continue
            stopped, waiting = isinstance(error, Interrupted), isinstance(error, WaitingForInput)
            state = "stopped" if stopped else "waits for input" if waiting else "failed"
            say(f"{key or 'the run'} {state}: {error}")
            page = "" if run.facts.target.get("kind") == "rehearsal" else deployment_page(run.facts.answers, key)
            if page and not (stopped or waiting):
                say(f"In the portal: {link(page)}")
            if isinstance(error, WaitingForInput) and error.question:
                say(f"Answer it with: {answering(run.name, error.question)}")
        for waiting_steps in _waiting(result.blocked):
            say(waiting_steps)
        say(f"Resume with: {continuing(run)}")
    say(f"Answers: {run.exported}")
