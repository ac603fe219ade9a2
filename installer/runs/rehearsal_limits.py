"""Reports at the start of a rehearsal what it does not prove."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.cloud.target import Target
    from installer.runs.run import Run


def list_assumptions(run: "Run", target: "Target") -> None:
    """List results that are assumed because this machine cannot run their programs; the end of the run repeats them."""
    from installer.cloud.rest import Service
    from installer.json_access import as_list

    for line in as_list(Service.of_arm(target).ask("GET", "/rehearsal/assumptions").body.get("value")):
        run.stream.emit("warning", f"this rehearsal assumes {line}", left=f"Not proved by this rehearsal: {line}")


def list_policies(run: "Run", target: "Target") -> None:
    """List the policies of the survey that the embedded Azure does not judge."""
    from installer.cloud.rest import Service
    from installer.runs.policy_report import not_judged

    for line in not_judged(Service.of_arm(target).ask("GET", "/rehearsal/policies").body):
        run.stream.emit("not-checked", line)
