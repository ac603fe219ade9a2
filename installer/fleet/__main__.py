"""Program that applies a fleet through Prefect: `python -m installer.fleet ORDER`, with the order as JSON.

It writes JSON lines: {"event": …} for members, then {"result": …} or {"error": text}. It stops in order on Ctrl-C, SIGTERM, a closed
terminal, and when the command that started it has ended: members are interrupted, and their slots given back. With a schedule it serves the flow of the
fleet until it is stopped, as `flow.serve` does (docs.prefect.io/v3/how-to-guides/deployment_infra/run-flows-in-local-processes).
"""

import asyncio
import json
import os
import resource
import signal
import sys
import threading
from concurrent.futures import Future
from functools import partial
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from installer.engine.parent_process import follow_parent
from installer.errors import Interrupted
from installer.fleet.client.fleet_flow import failure_words, fleet_flow
from installer.fleet.order import FLEET_FLOW


def main(argument: str) -> int:
    """Carry out the order; returns 1 if Prefect did not let it."""
    given = json.loads(argument)
    try:
        if "cron" in given:
            follow_parent(partial(os.kill, os.getpid(), signal.SIGINT))
            serve(given["order"], given["name"], given["cron"], given["timezone"])
            return 0
        state = _until_stopped(given["order"])
    except (KeyboardInterrupt, asyncio.CancelledError):
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


def _until_stopped(order: dict[str, Any]) -> State[Any]:
    """Apply the fleet. Raises CancelledError once it was stopped and its members have ended.

    The flow runs in another thread: in the main one Prefect answers SIGTERM by an exception in whatever runs at that moment (prefect
    3.8.8, capture_sigterm), which leaves the commands of members behind.
    """
    running: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()
    ended: Future[State[Any]] = Future()

    async def applied() -> State[Any]:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  this is one
        running.set_result((asyncio.get_running_loop(), task))
        call: Any = fleet_flow  # as in fleet_flow.py
        state: State[Any] = await call(order, return_state=True)
        return state

    def work() -> None:
        try:
            ended.set_result(asyncio.run(applied()))
        except BaseException as error:  # noqa: BLE001  raised in the main thread
            ended.set_exception(error)

    asked = threading.Lock()

    def stop(*_signal: object) -> None:
        if asked.acquire(blocking=False):  # once: a second request would interrupt the end of the members
            loop, task = running.result()
            loop.call_soon_threadsafe(task.cancel)

    threading.Thread(target=work, name="fleet", daemon=True).start()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
    follow_parent(stop)
    return ended.result()


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
