"""The last line of a run with `--output json`: its result as one object, for programs."""

from typing import TYPE_CHECKING, Final

from installer.errors import Interrupted, WaitingForInput
from installer.invocation import command
from installer.json_access import as_text
from installer.jsontypes import Json
from installer.runs.started_runs import FACT, continued_by
from installer.runs.summary import summarize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.engine.runner import Result
    from installer.runs.run import Run

SCHEMA: Final = 1
"""Version of the object; members are added, and none changes its meaning."""


def result_object(run: "Run", result: "Result") -> dict[str, Json]:
    """The result of a run.

    Has `kind` (always "result"), `schema`, `run`, `state`, `exitCode`, `answers` (file), `outputs` (of the steps of this
    attempt, by step), `failures` (step, state, message, and the key of an open question) and `blocked` (step to the steps that it
    waits for); a complete installation has `resources`, `addresses`, `proved`, `kept` and `left`, any other run `resume`, the
    command that continues it. Secrets are in no output.
    """
    found: dict[str, Json] = {
        "kind": "result",
        "schema": SCHEMA,
        "run": run.name,
        "rehearsal": run.facts.target.get("kind") == "rehearsal",
        "state": result.state,
        "exitCode": result.exit_code,
        "answers": str(run.exported),
        "outputs": {key: dict(outputs) for key, outputs in result.outputs.items() if outputs},
        "failures": [_failure(key, error) for key, error in result.failures.items()],
        "blocked": {key: list(needs) for key, needs in result.blocked.items()},
    }
    if run.journal.fact("state") != "succeeded":
        return {**found, "resume": command(continued_by(run.journal) or f"resume {run.name}")}
    if run.journal.fact(FACT) is not None or continued_by(run.journal):
        left = dict.fromkeys(as_text(event.data.get("left")) for event in run.journal.events())
        return {**found, "left": [line for line in left if line]}
    summary = summarize(run.facts.answers, run.journal.events(), run.journal)
    addresses: Mapping[str, Json] = summary.addresses
    return {
        **found,
        "resources": summary.resources,
        "addresses": dict(addresses),
        "proved": list(summary.proved),
        "kept": list(summary.kept),
        "left": list(summary.left),
    }


def _failure(step: str, error: Exception) -> dict[str, Json]:
    stopped, waits = isinstance(error, Interrupted), isinstance(error, WaitingForInput)
    found: dict[str, Json] = {
        "step": step,
        "state": "stopped" if stopped else "waiting" if waits else "failed",
        "message": str(error),
    }
    return {**found, "question": error.question} if isinstance(error, WaitingForInput) and error.question else found
