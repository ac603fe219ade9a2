"""Acceptance test of an environment: a worker must pick up and complete its canary flow run."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from installer.errors import PrefectFailed, VerificationFailed
from installer.job_program.changes import Change
from installer.job_program.heartbeats import HEARTBEAT_EVENT, HEARTBEAT_SECONDS
from installer.json_access import parsed
from installer.jsontypes import Json
from installer.prefect_setup.hop_results import HopResult, failure_of, results_of
from installer.prefect_setup.rest import Api, object_in, objects_in, request_with_retries

TERMINAL: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
POLL_SECONDS: Final = 0.25
MAX_SECONDS: Final = 180.0
"""Estimated for a slow and busy machine; the recorded time is 7 s with an online worker."""
RUN_SECONDS: Final = 1200.0
"""The same for a run that has started: its hops wait for role assignments (acceptance_hops.py)."""
STUCK_SECONDS: Final = 60.0
"""Estimated age at which a run of an earlier attempt that has not started is considered stuck at a lost worker."""
SILENT_SECONDS: Final = 3.0 * HEARTBEAT_SECONDS
"""Time after which a run of an earlier attempt that reports nothing is lost. Prefect's own automation does not notice each of them:
a run that ends before its first report, or with the server that would have counted, stays Running."""


@dataclass(frozen=True)
class FlowRunResult:
    """A completed flow run.

    Attributes:
        seconds: Time from creation to end, by the clock of the server.
        url: Its page in the Prefect UI.
        hops: Results of its hops.

    """

    flow_run_id: str
    state: str
    seconds: float
    url: str
    hops: tuple[HopResult, ...] = ()


def prove(
    api: Api,
    environment: str,
    key: str,
    *,
    emit: Callable[[Change], None],
    pause: Callable[[float], None],
    data: bool = True,
) -> FlowRunResult:
    """Run the canary of an environment and wait for its end.

    A run of an earlier attempt that did not complete, or is stuck because its worker was killed, is replaced by a new one; so is, once,
    a run of this attempt whose process or worker was lost.

    Args:
        api: The Prefect API.
        environment: Name of the environment.
        key: Idempotency key within the environment: the same key resumes the same run instead of repeating it.
        emit: Receives state changes of the run.
        pause: Waits for a number of seconds.
        data: Whether the run takes data through the layers and services of the environment.

    Raises:
        VerificationFailed: The run did not complete; the text names the hop, the reason and what helps.
        PrefectFailed: There is no canary deployment, or no Prefect server.

    """
    name = f"canary-{environment}"
    found = request_with_retries(
        api, "GET", f"/deployments/name/canary/{name}", what=f"the deployment canary/{name}", pause=pause
    )
    deployment = str(_mapping(found)["id"])
    attempt, replaced = 1, False
    while True:
        # Prefect matches the key among all runs of the flow, which the environments share.
        earlier, run = _requested(
            api,
            deployment,
            f"{environment}/{key}" + (f"/{attempt}" if attempt > 1 else ""),
            pause,
            (environment, key, data),
        )
        age = (datetime.now(UTC) - _moment(run["created"])).total_seconds()
        seen, begun = "", time.monotonic() - age
        looked = time.monotonic()
        while _state(run)["type"] not in TERMINAL and (
            time.monotonic() - begun < _patience(run, earlier=earlier) or not seen
        ):
            if (now := str(_state(run).get("name"))) != seen:
                seen = now
                emit(Change("progressed", "flow run", str(run["name"]), f"canary of {environment}: {now}"))
            if earlier and time.monotonic() - looked > SILENT_SECONDS:
                looked = time.monotonic()
                if _is_silent(api, run, pause):
                    break
            pause(POLL_SECONDS)
            run = _mapping(
                request_with_retries(
                    api, "GET", f"/flow_runs/{run['id']}", what=f"the flow run {run['name']}", pause=pause
                )
            )
        state = _state(run)
        if state["type"] == "COMPLETED":
            emit(Change("progressed", "flow run", str(run["name"]), f"canary of {environment}: {state.get('name')}"))
            seconds = (_moment(state["timestamp"]) - _moment(run["created"])).total_seconds()
            url = f"{api.ui_url}/runs/flow-run/{run['id']}"
            hops = _hops(api, environment, run, pause) if data else ()
            return FlowRunResult(str(run["id"]), str(state["type"]), round(seconds, 1), url, hops)
        if not earlier and not replaced and _is_lost(state):
            replaced = True
            text = f"canary of {environment}: {state.get('name')}, its process was lost; another run replaces it"
            emit(Change("progressed", "flow run", str(run["name"]), text))
        elif not earlier:
            hops = _hops(api, environment, run, pause) if state["type"] in TERMINAL else ()
            raise VerificationFailed(failure_of(environment, hops) or _failure(environment, run))
        attempt += 1


def _is_silent(api: Api, run: Mapping[str, Json], pause: Callable[[float], None]) -> bool:
    """Whether a run that is Running has not reported lately that it lives."""
    if _state(run)["type"] != "RUNNING":
        return False
    since = datetime.now(UTC) - timedelta(seconds=SILENT_SECONDS)
    wanted: Json = {
        "filter": {
            "event": {"name": [HEARTBEAT_EVENT]},
            "resource": {"id": [f"prefect.flow-run.{run['id']}"]},
            "occurred": {"since": since.isoformat()},
        },
        "limit": 1,
    }
    what = f"reports of {run['name']}"
    found = request_with_retries(api, "POST", "/events/filter", wanted, what=what, pause=pause)
    return not objects_in(object_in(found, what).get("events"), what)


def _is_lost(state: Mapping[str, Json]) -> bool:
    """Whether the infrastructure of a run has ended, or the worker that took it has not started it in time."""
    return state["type"] in {"CRASHED", "PENDING"}


def _patience(run: Mapping[str, Json], *, earlier: bool) -> float:
    """Age in seconds at which a run is abandoned."""
    if _state(run)["type"] == "RUNNING":
        return RUN_SECONDS
    return STUCK_SECONDS if earlier else MAX_SECONDS


def _hops(api: Api, environment: str, run: Mapping[str, Json], pause: Callable[[float], None]) -> tuple[HopResult, ...]:
    """Results of the hops, from the artifact of the run; empty without one."""
    wanted: Json = {
        "artifacts": {"flow_run_id": {"any_": [run["id"]]}, "key": {"any_": [f"acceptance-{environment}"]}},
        "sort": "CREATED_DESC",
        "limit": 1,
    }
    what = "the acceptance artifact"
    found = request_with_retries(api, "POST", "/artifacts/filter", wanted, what=what, pause=pause)
    for artifact in objects_in(found, what):
        data = artifact.get("data")
        try:
            return results_of(parsed(data) if isinstance(data, str) else data)
        except ValueError:
            raise PrefectFailed("the acceptance artifact is not JSON") from None
    return ()


def _failure(environment: str, run: Mapping[str, Json]) -> str:
    state, what = _state(run), f"the canary run {run['name']} of {environment}"
    if state["type"] in TERMINAL:
        return f"{what} is {state.get('name')}: {state.get('message') or 'no message'}"
    return (
        f"{what} is still {state.get('name')} after {MAX_SECONDS:.0f} s; "
        "is a worker of its work pool online, and the pool not paused?"
    )


def _requested(
    api: Api, deployment: str, key: str, pause: Callable[[float], None], about: tuple[str, str, bool]
) -> tuple[bool, Mapping[str, Json]]:
    """The run of a key, and whether an earlier attempt created it; `about`: its parameters."""
    _cancel_others(api, deployment, key, pause)
    same: Json = {"flow_runs": {"idempotency_key": {"any_": [key]}}}
    found = request_with_retries(
        api, "POST", "/flow_runs/filter", same, what="the canary run of an earlier attempt", pause=pause
    )
    wanted: Json = {
        "state": {"type": "SCHEDULED", "message": "Requested by the installer"},
        "idempotency_key": key,
        "parameters": dict(zip(("environment", "run", "data"), about, strict=True)),
    }
    path = f"/deployments/{deployment}/create_flow_run"
    return bool(found), _mapping(
        request_with_retries(api, "POST", path, wanted, what="a run of the canary", pause=pause)
    )


def _state(run: Mapping[str, Json]) -> Mapping[str, Json]:
    return _mapping(run.get("state"))


def _cancel_others(api: Api, deployment: str, key: str, pause: Callable[[float], None]) -> None:
    """Cancel runs of earlier attempts: runs of a killed worker never end, and each occupies a slot of the pool."""
    wanted: Json = {
        "deployments": {"id": {"any_": [deployment]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}}},
    }
    what = "earlier canary runs"
    found = request_with_retries(api, "POST", "/flow_runs/filter", wanted, what=what, pause=pause)
    for run in objects_in(found, what):
        if run.get("idempotency_key") not in (None, key):
            request_with_retries(
                api,
                "POST",
                f"/flow_runs/{run['id']}/set_state",
                {
                    "state": {"type": "CANCELLED", "message": "Abandoned: the installer starts a new attempt"},
                    "force": True,
                },
                what=f"the end of the earlier canary run {run.get('name')}",
                pause=pause,
            )


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise PrefectFailed("Prefect returned an unexpected response: not an object")
    return value


def _moment(value: Json) -> datetime:
    return datetime.fromisoformat(str(value))
