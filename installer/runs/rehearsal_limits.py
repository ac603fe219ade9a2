"""Reports at the start and at the end of a rehearsal what it does not prove."""

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.cloud.target import Target
    from installer.runs.run import Run


def list_assumptions(run: "Run", target: "Target", known: set[str]) -> None:
    """List results that are assumed because this machine cannot run their programs; the end of the run repeats them.

    Args:
        run: The run.
        target: The embedded Azure.
        known: Those that have been listed; completed.

    """
    from installer.cloud.rest import Service
    from installer.json_access import as_list

    for line in as_list(Service.of_arm(target).ask("GET", "/rehearsal/assumptions").body.get("value")):
        left = f"Not proved by this rehearsal: {line}"
        if left not in known:
            run.stream.emit("warning", f"this rehearsal assumes {line}", left=left)
            known.add(left)


def list_later_assumptions(run: "Run", target: "Target", known: set[str]) -> None:
    """List those that depend on what was deployed. An embedded Azure that has ended is no failure of the run."""
    from installer.errors import InstallerError

    with contextlib.suppress(InstallerError):
        list_assumptions(run, target, known)


def list_policies(run: "Run", target: "Target") -> None:
    """List the policies of the survey that the embedded Azure does not judge."""
    from installer.cloud.rest import Service
    from installer.runs.policy_report import not_judged

    for line in not_judged(Service.of_arm(target).ask("GET", "/rehearsal/policies").body):
        run.stream.emit("not-checked", line)
