"""Program that applies a fleet through Prefect: `python -m installer.fleet ORDER`, with the order as JSON.

It writes JSON lines: {"event": …} for members, then {"result": …} or {"error": text}. With a schedule it serves the flow of the
fleet until it is stopped, as `flow.serve` does (docs.prefect.io/v3/how-to-guides/deployment_infra/run-flows-in-local-processes).
"""

import asyncio
import json
import resource
import sys
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from installer.errors import Interrupted
from installer.fleet.client.fleet_flow import failure_words, fleet_flow
from installer.fleet.order import FLEET_FLOW


def main(argument: str) -> int:
    """Carry out the order; returns 1 if Prefect did not let it."""
    given = json.loads(argument)
    try:
        if "cron" in given:
            serve(given["order"], given["name"], given["cron"], given["timezone"])
            return 0
        state = asyncio.run(_applied(given["order"]))
    except KeyboardInterrupt:
        return Interrupted.exit_code  # the members were interrupted, and Prefect has their states
    except Exception as error:  # noqa: BLE001  reported as text
        print(json.dumps({"error": failure_words(error)}, ensure_ascii=False), flush=True)
        return 1
    memory = {
        "fleet": _megabytes(resource.RUSAGE_SELF),
        "largestProcess": _megabytes(resource.RUSAGE_CHILDREN),
    }
    result = {"state": state.name, "message": state.message or "", "memoryMegabytes": memory}
    print(json.dumps({"result": result}, ensure_ascii=False), flush=True)
    return 0


async def _applied(order: dict[str, Any]) -> State[Any]:
    call: Any = fleet_flow  # as in fleet_flow.py
    state: State[Any] = await call(order, return_state=True)
    return state


def serve(order: dict[str, Any], name: str, cron: str, timezone: str) -> None:
    """Make a deployment of the fleet with the schedule, and run what Prefect schedules; the schedule is paused at the end."""
    try:
        fleet_flow.serve(
            name=name,
            schedule=Cron(cron, timezone=timezone),
            parameters={"order": order},
            limit=1,
            print_starting_message=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
            pause_on_shutdown=False,
        )
    finally:
        asyncio.run(_pause(name))


async def _pause(name: str) -> None:
    """Pause the schedule, for no process would carry out its runs. After Ctrl-C `serve` of prefect 3.8.8 leaves it active."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(f"{FLEET_FLOW}/{name}")
        for schedule in deployment.schedules:
            if schedule.id is not None:
                await client.update_deployment_schedule(deployment.id, schedule.id, active=False)


def _megabytes(whose: int) -> int:
    """Peak memory; Linux counts it in KiB, macOS in bytes (getrusage(2) of both)."""
    peak = resource.getrusage(whose).ru_maxrss
    return round(peak / (1_000_000 if sys.platform == "darwin" else 1024))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
