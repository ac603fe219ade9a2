"""Proves an environment by a real flow run: its canary has to be picked up by a worker and to complete."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from installer.errors import PrefectFailed, VerificationFailed
from installer.flows.changes import Change
from installer.flows.rest import Api, ask_patiently
from installer.jsontypes import Json

TERMINAL: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
POLL_SECONDS: Final = 0.25
LONGEST_SECONDS: Final = 180.0
"""Estimated: what a slow and busy machine may take; recorded are 7 s with a worker that is online."""


@dataclass(frozen=True)
class Proof:
    """A flow run that completed.

    seconds: from its creation to its end, by the server's clock. url: where people see it.
    """

    flow_run_id: str
    state: str
    seconds: float
    url: str


def prove(
    api: Api, environment: str, key: str, *, emit: Callable[[Change], None], pause: Callable[[float], None]
) -> Proof:
    """Run the canary of an environment and wait for its end.

    key: idempotency key within the environment. The same key finds the same run again, so that a run that goes on is
    followed and not repeated. After a failure, or when its worker was killed, a new attempt needs a new key.
    Raises VerificationFailed when the run does not complete, PrefectFailed when there is no canary or no server.
    """
    name = f"canary-{environment}"
    found = ask_patiently(
        api, "GET", f"/deployments/name/canary/{name}", what=f"the deployment canary/{name}", pause=pause
    )
    deployment = str(_mapping(found)["id"])
    _give_up_others(api, deployment, f"{environment}/{key}", pause)
    asked = ask_patiently(
        api,
        "POST",
        f"/deployments/{deployment}/create_flow_run",
        {
            "state": {"type": "SCHEDULED", "message": "Asked for by the installer"},
            # Prefect looks for the key among all runs of the flow, and the environments share the flow.
            "idempotency_key": f"{environment}/{key}",
        },
        what=f"a run of canary/{name}",
        pause=pause,
    )
    run = _mapping(asked)
    run_id, seen = str(run["id"]), ""
    give_up = time.monotonic() + LONGEST_SECONDS
    while True:
        state = _mapping(run.get("state"))
        if (now := str(state.get("name"))) != seen:
            seen = now
            emit(Change("progressed", "flow run", str(run["name"]), f"canary of {environment}: {now}"))
        if state.get("type") in TERMINAL:
            break
        if time.monotonic() > give_up:
            raise VerificationFailed(
                f"the canary run {run['name']} of {environment} is still {now} after {LONGEST_SECONDS:.0f} s; "
                f"is a worker of its work pool online, and the pool not paused?"
            )
        pause(POLL_SECONDS)
        found = ask_patiently(api, "GET", f"/flow_runs/{run_id}", what=f"the flow run {run['name']}", pause=pause)
        run = _mapping(found)
    if state["type"] != "COMPLETED":
        raise VerificationFailed(
            f"the canary run {run['name']} of {environment} is {seen}: {state.get('message') or 'no message'}"
        )
    seconds = (_moment(state["timestamp"]) - _moment(run["created"])).total_seconds()
    return Proof(run_id, str(state["type"]), round(seconds, 1), f"{api.ui_url}/runs/flow-run/{run_id}")


def _give_up_others(api: Api, deployment: str, key: str, pause: Callable[[float], None]) -> None:
    """Cancel runs of earlier attempts: those whose worker was killed never end, and hold a place in the pool each."""
    wanted: Json = {
        "deployments": {"id": {"any_": [deployment]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}}},
    }
    found = ask_patiently(api, "POST", "/flow_runs/filter", wanted, what="earlier canary runs", pause=pause)
    for run in found if isinstance(found, list) else ():
        if isinstance(run, dict) and run.get("idempotency_key") not in (None, key):
            ask_patiently(
                api,
                "POST",
                f"/flow_runs/{run['id']}/set_state",
                {"state": {"type": "CANCELLED", "message": "Given up: the installer tries anew"}, "force": True},
                what=f"the end of the earlier canary run {run.get('name')}",
                pause=pause,
            )


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise PrefectFailed("Prefect answered something that is no object")
    return value


def _moment(value: Json) -> datetime:
    return datetime.fromisoformat(str(value))
