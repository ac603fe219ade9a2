"""The command that rotates a secret of an environment: a plan first, then the rotation."""

import json
import secrets
import sys
from typing import TYPE_CHECKING

from installer.cli.commands.output import confirmed
from installer.cli.commands.recovery_run import subject_of
from installer.cli.commands.run import Settings, follow_to_end
from installer.cli.flow_report import pools_left
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked, UsageError
from installer.estate.parameters.context import Installation
from installer.invocation import command as typed
from installer.json_access import as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from installer.cloud.arm import Arm
    from installer.engine.step import Step
    from installer.jsontypes import Json
    from installer.operations.rotation import Rotation
    from installer.operations.rotation_plan import RotationPlan
    from installer.preflight.subject import Subject
    from installer.runs.facts import RunFacts
    from installer.runs.run import Run
    from installer.runs.session import Session


def rotate(
    settings: Settings, secret: str, environment: str, name: str | None, wait: float, *, yes: bool = False
) -> int:
    """Show the plan of a rotation, and rotate the secret when that was confirmed; one that was interrupted is continued."""
    from installer.operations.rotation import LATER, SECRETS, Rotation

    if secret not in SECRETS:
        raise UsageError(f"rotate {secret}: accepted: {', '.join(SECRETS)}")
    with subject_of(settings, name) as (session, facts, subject):
        Rotation(secret, environment, "", wait).check(subject.it)
        if not _begun(session, facts.name, secret, environment):
            plan = _planned(session, facts, subject, Rotation(secret, environment, secrets.token_hex(4), wait))
            _show(settings, plan, alone=not yes or plan.blocks)
            if plan.blocks:
                print("nothing was changed: resolve what is in the way first", file=sys.stderr)
                return CheckBlocked.exit_code
            if not confirmed(settings, "Rotate this secret?", yes=yes):
                return 0
        run = begin_rotation(session, facts.name, secret, environment, wait)
        code = follow_to_end(settings, run)
        if code == 0:
            run.journal.set_facts(operation=None)
            if secret in LATER and settings.get("output") != "json":
                print(f"Later: {LATER[secret]}")
        elif left := pools_left(run, environment):
            print(left, file=sys.stderr)
        return code


def _planned(session: "Session", facts: "RunFacts", subject: "Subject", rotation: "Rotation") -> "RotationPlan":
    """The plan of a rotation. Queries Azure; read-only."""
    from installer.operations.rotation_plan import plan_rotation
    from installer.steps.plan import installation

    where = facts.answers.subscription
    arm = session.arm(where.subscription, where.tenant)
    every = installation(facts.answers, arm, secrets=session.secrets, run=facts.name)
    return plan_rotation(rotation, subject, arm.service, every)


def _show(settings: Settings, plan: "RotationPlan", *, alone: bool) -> None:
    """Print the plan; in JSON only where it is the whole output."""
    from installer.operations.rotation_plan import rendered

    if settings.get("output") != "json":
        show_lines(rendered(plan))
    elif alone:
        print(json.dumps(plan.as_json(), ensure_ascii=False))


def begin_rotation(session: "Session", name: str, secret: str, environment: str, wait: float) -> "Run":
    """Start the rotation of a secret of the installation of a run, or continue the same one. Raises UsageError."""
    mark = _begun(session, name, secret, environment) or secrets.token_hex(4)
    again = f"rotate {secret} --env {environment} --run {name} --yes"
    operation: Json = {"rotate": secret, "environment": environment, "mark": mark, "command": again}

    def build(run: "Run", every: "Sequence[Step]", arm: "Arm") -> "tuple[Sequence[Step], Collection[str]]":
        from installer.cloud.rest import Service
        from installer.operations.rotation import Rotation

        it = Installation(run.facts.answers)
        rotation = Rotation(secret, environment, mark, wait)
        rotation.renew(it, session.secrets)
        recorded = {one.step: one.outputs for one in run.journal.records() if one.state == "done"}
        return rotation.steps(every, it, Service.of_arm(arm.target), recorded)

    return session.operate(name, build, operation)


def _begun(session: "Session", name: str, secret: str, environment: str) -> str:
    """Mark of the same rotation that has not ended, "" if there is none. Raises UsageError if another one has not."""
    found = as_object(session.operation_of(name))
    if not found:
        return ""
    if "rotate" not in found:
        what = "an upgrade" if "upgrade" in found else "another operation"
        raise UsageError(f"{what} has not ended: {typed(as_text(found.get('command')))} continues it")
    if (found.get("rotate"), found.get("environment")) != (secret, environment):
        words = typed(f"rotate {found.get('rotate')} --env {found.get('environment')}")
        raise UsageError(f"another rotation has not ended: {words} continues it")
    return as_text(found.get("mark"))
