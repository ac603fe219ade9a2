"""The last lines of a run for the customer's flows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from installer.invocation import command
from installer.json_access import as_text

if TYPE_CHECKING:
    from installer.engine.runner import Result
    from installer.runs.run import Run


def report_flows(run: "Run", result: "Result", say: Callable[[str], None]) -> None:
    """Print the last lines: what has changed or run, what is left, how to resume."""
    from installer.estate import keys
    from installer.runs.flows import FACT, FlowRequest

    request = FlowRequest.from_json(run.journal.fact(FACT))
    if result.exit_code:
        say(f"Resume with: {command(f'resume {run.name}')}")
        return
    record = run.journal.recall(keys.FLOW_RUN if request.deployment else keys.flows(request.environment))
    outputs = record.outputs if record is not None else {}
    if request.deployment:
        seconds = outputs.get("seconds")
        took = f" after {seconds:.1f} s" if isinstance(seconds, (int, float)) else ""
        say(f"{request.deployment}: {outputs.get('state')}{took} (flow run {outputs.get('name')})")
    else:
        counts = ", ".join(f"{number} {doing}" for doing, number in outputs.items() if number)
        say(f"Done: flows of {request.environment}: {counts}.")
    for line in dict.fromkeys(as_text(event.data.get("left")) for event in run.journal.events()):
        if line:
            say(f"  left: {line}")
