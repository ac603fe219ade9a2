# ruff: noqa: INP001  a flow's folder is no package: Prefect loads the file by its path
"""The canary flow: takes data through every layer and service of an environment, under the identity of its workload."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from itertools import pairwise

from acceptance_hops import LAYERS, Journey, Outcome, travel
from acceptance_metrics import send
from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.runtime import flow_run
from prefect.variables import Variable


@task
def settings(environment: str) -> dict[str, str]:
    """Settings of the environment, from the variable that the installer created."""
    found = Variable.get(f"flowforge_{environment}")
    if not isinstance(found, dict):
        raise TypeError(f"there is no variable flowforge_{environment} that names the layers")
    missing = [layer for layer in LAYERS if layer not in found]
    if missing:
        raise ValueError(f"the variable flowforge_{environment} names no {', '.join(missing)}")
    return {name: str(value) for name, value in found.items()}


@task(task_run_name="acceptance of {run}")
def acceptance(found: dict[str, str], run: str) -> list[dict[str, object]]:
    """All hops, in their order; those that do not depend on a failed one are made all the same."""
    journey = Journey(found, str(flow_run.id))
    outcomes = [travel("token", journey.get_token)]

    def then(hop: str, work: Callable[[], None], after: str = "token") -> None:
        if any(one.hop == after and one.state != "passed" for one in outcomes):
            outcomes.append(Outcome(hop, "not reached", why=f"{after} has not passed"))
        else:
            outcomes.append(travel(hop, work))

    then("landing", journey.land)
    for source, target in pairwise(LAYERS):
        then(target, partial(journey.copy, source, target), source)
    then("database", journey.database_row)
    then("secret", journey.read_secret)
    then("cleanup", journey.clean_up)
    measured = list(outcomes)
    then("metric", lambda: send(journey, run, measured))
    if outcomes[-1].state == "passed":
        send(journey, run, outcomes[-1:])
    return [asdict(one) for one in outcomes]


@flow
def canary(environment: str, run: str = "", data: bool = True) -> dict[str, str]:  # noqa: FBT001, FBT002  a parameter of a flow
    """Prove an environment: settings of the environment reach a worker, and its data passes every layer and service.

    Args:
        environment: Name of the environment.
        run: Name of the run of the installer, for the metrics.
        data: Whether the hops are made, or only the settings are read.

    """
    found = settings(environment)
    for layer in LAYERS:
        get_run_logger().info("%s: %s", layer, found[layer])
    if not data:
        return {layer: found[layer] for layer in LAYERS}
    outcomes = acceptance(found, run)
    create_table_artifact(outcomes, key=f"acceptance-{environment}", description=f"Acceptance run of {environment}")
    failed = [f"{one['hop']} ({one['code']}): {one['why']}" for one in outcomes if one["state"] == "failed"]
    if failed:
        raise RuntimeError(f"failed: {'; '.join(failed)}")
    return {str(one["hop"]): str(one["state"]) for one in outcomes}


if __name__ == "__main__":
    canary("dev")
