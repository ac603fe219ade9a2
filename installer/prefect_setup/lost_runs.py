"""Automations for flow runs whose process was lost with its worker or node: marked as crashed, then started again.

A run reports every HEARTBEAT_SECONDS that it lives (docs.prefect.io/v3/advanced/detect-zombie-flows); three missing reports mean
that it is lost. The same run starts again, with its parameters: a run of its deployment would have the default ones. The state
history of the run has both changes. Other crashed runs stay as they are: the observer of the worker for Kubernetes, for
instance, has another message. So does the worker for a run whose process ended before it began, because the only server restarted
at that moment: a client tries a refused connection again only after a first one (prefect/client/base.py). An automation for these
could not distinguish them from a deployment that can never start, and would start that for ever. Prefect Cloud has a managed automation.
"""

from typing import Final

from installer.job_program.heartbeats import HEARTBEAT_EVENT, HEARTBEAT_SECONDS
from installer.jsontypes import Json
from installer.prefect_setup.model import Automation

START_SECONDS: Final = {"process": 300, "kubernetes": 1800}
"""Estimated longest time from the take-over of a run by a worker to its start, by type of the work pool: a pod may wait for a node."""
LOST: Final = "Lost: the process of this run has not reported in time"
_AGAIN: Final = "Started again after its process was lost"
_TAKEN: Final = ("prefect.flow-run.Pending", "prefect.flow-run.Submitting")
_RUNNING: Final = "prefect.flow-run.Running"
_ENDS: Final = tuple(f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed"))


def lost_runs(
    environment: str, pool: str, kind: str, *, seconds: int = 3 * HEARTBEAT_SECONDS, start_seconds: int = 0
) -> tuple[Automation, ...]:
    """The automations of an environment, for the runs of its work pool.

    Args:
        environment: Its name.
        pool: Name of its work pool.
        kind: Type of its work pool.
        seconds: Time without a report after which a run is lost; at least 10.
        start_seconds: Time after which a run that a worker has taken and not started is lost; 0 for that of its kind.

    """
    patience = start_seconds or START_SECONDS[kind]
    own = {"prefect.resource.role": "work-pool", "prefect.resource.name": pool}
    crash = _crashing(
        f"flowforge-{environment}: lost runs have crashed",
        f"Marks runs of {pool} as crashed when their process has reported nothing for {seconds} seconds.",
        own,
        after=[_RUNNING, HEARTBEAT_EVENT],
        expected=HEARTBEAT_EVENT,
        within=seconds,
    )
    never = _crashing(
        f"flowforge-{environment}: runs that do not start have crashed",
        f"Marks runs of {pool} as crashed that a worker has taken and that have not started within {patience} seconds.",
        own,
        after=list(_TAKEN),
        expected=_RUNNING,
        within=patience,
    )
    again = Automation(
        f"flowforge-{environment}: lost runs start again",
        f"Starts runs of {pool} again that were lost, with the same parameters.",
        {
            "type": "event",
            "posture": "Reactive",
            "expect": ["prefect.flow-run.Crashed"],
            "match": {"prefect.resource.id": "prefect.flow-run.*", "prefect.state-message": LOST},
            "match_related": {**own},
            "for_each": ["prefect.resource.id"],
            "threshold": 1,
            "within": 0,
        },
        ({"type": "change-flow-run-state", "state": "SCHEDULED", "name": "AwaitingRetry", "message": _AGAIN},),
    )
    return crash, never, again


def _crashing(
    name: str, description: str, pool: dict[str, str], *, after: list[Json], expected: str, within: int
) -> Automation:
    """Marks runs of a pool as crashed that have neither ended nor sent the expected event in time."""
    return Automation(
        name,
        description,
        {
            "type": "event",
            "posture": "Proactive",
            "after": after,
            "expect": [expected, *_ENDS],
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "match_related": {**pool},
            "for_each": ["prefect.resource.id"],
            "threshold": 1,
            "within": within,
        },
        ({"type": "change-flow-run-state", "state": "CRASHED", "message": LOST},),
    )
