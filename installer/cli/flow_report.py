"""The last lines of a run for the customer's flows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from installer.invocation import command
from installer.json_access import as_text

if TYPE_CHECKING:
    from installer.engine.runner import Result
    from installer.runs.run import Run


def role_left(run: "Run", environment: str) -> str:
    """State of the temporary role in the cluster after a run that did not succeed; "" if it had none."""
    from installer.estate import keys

    removal, left = "", False
    for event in run.journal.events():
        if event.kind == "warning" and (command_line := as_text(event.data.get("granted"))):
            removal, left = command_line, True
        elif event.step == keys.remove_cluster_role(environment) and event.kind in ("step.finished", "step.skipped"):
            left = left and event.kind == "step.skipped" and event.data.get("state") != "done"
    if not removal:
        return ""
    if left:
        return f"this account still has the temporary role of a cluster administrator in {environment}; remove it with: {removal}"
    return f"the temporary role of a cluster administrator in {environment} was removed"


def pools_left(run: "Run", environment: str) -> str:
    """State of the work pools after an operation that did not succeed; "" if it has not paused them."""
    from installer.estate.keys import of_environment
    from installer.prefect_setup.pools_paused import RESUMED

    drain, resume = of_environment("drain", environment), of_environment("resume", environment)
    paused = False
    for event in run.journal.events():
        if event.step == drain and event.kind == "step.started":
            paused = True
        elif event.step == drain and event.kind == "step.failed":
            paused = RESUMED not in event.text
        elif event.step == resume and event.kind == "step.finished":
            paused = False
    if not paused:
        return ""
    return f"work pools of {environment} may be paused: their flow runs wait until this operation has ended; repeat the command"


def report_flows(run: "Run", result: "Result", say: Callable[[str], None]) -> None:
    """Print the last lines: what has changed or run, what is left, how to resume."""
    from installer.estate import keys
    from installer.runs.flows import FlowRequest
    from installer.runs.started_runs import FACT

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
