"""Steps of a run, and what is checked before it begins."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from installer.answers.model import Answers
from installer.conventions.address_ranges import AddressError
from installer.errors import UsageError
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import flow_image_sign_in, with_own_images
from installer.invocation import command as typed
from installer.runs.assumed_pushes import assume_pushes
from installer.runs.changed_answers import kept_former_answers, removal
from installer.runs.flows import FlowRequest, flow_steps
from installer.runs.preflight import gate
from installer.runs.started_runs import FACT, REMOVED, continued_by
from installer.secret_store import Secrets
from installer.steps.answers_record import record_of
from installer.steps.approved_plan import ApprovedPlan
from installer.steps.deployed_outputs import known_outputs
from installer.steps.kept_environments import with_kept
from installer.steps.plan import installation
from installer.steps.promotion_record import with_record
from installer.steps.upgrade_order import UPGRADE, Upgrade, around

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from installer.cloud.arm import Arm
    from installer.engine.step import Step
    from installer.runs.run import Run

PLAN: Final = "plan"
"""Fact of a journal: the plan from which the run began."""


def steps_of(run: "Run", arm: "Arm", secrets: Secrets, survey: "Path | None" = None) -> "Sequence[Step]":
    """The steps of an installation, or of a command for the customer's flows. Queries Azure. Raises UsageError.

    Args:
        run: The run.
        arm: Azure Resource Manager.
        secrets: The secrets of the session.
        survey: File of the survey behind a rehearsal.

    """
    if run.journal.fact(FACT) is not None:
        return flow_steps(run, arm)
    try:
        if arm.target.is_rehearsal:
            assume_pushes(run, arm.target)
        plan = ApprovedPlan.of(run.journal.fact(PLAN))
        steps = installation(run.facts.answers, arm, secrets=secrets, run=run.name, plan=plan)
    except AddressError as error:  # the journal may be older than a rule, or damaged
        raise UsageError(f"the answers of run {run.name} cannot be built: {error}") from error
    after = tuple(step.key for step in steps)
    former = kept_former_answers(run, arm)
    first = (
        gate(arm.target, run.facts.answers, former, secrets, survey),
        record_of(arm, run.facts.answers, run.journal),
    )
    every: Sequence[Step] = (*first, *steps, *removal(run, arm, former, after))
    upgrade = Upgrade.of(run.journal.fact(UPGRADE))
    if upgrade is None:
        return every
    now = answers = run.facts.answers
    outputs = known_outputs(arm, answers)
    if (promotion := upgrade.promotion) is not None:
        every = with_kept(every, promotion.others(answers.subscription.environments), outputs)
        every = with_record(promotion, every, Installation(answers), arm)
        # The work pools are paused by the program that runs now: with the images before.
        now = with_own_images(answers, promotion.target, promotion.before)
    return around(upgrade, every, Installation(now), arm.service, outputs)


def check_secrets(answers: Answers, secrets: Secrets) -> None:
    """Fail early if a secret that an installation needs is missing."""
    if answers.sign_on.method == "secret":
        secrets.resolve(answers.sign_on.client_secret)
    if answers.images.user and "import" in (answers.images.prefect_source, answers.images.web_source):
        secrets.resolve(answers.images.password)


def check_flow_secrets(answers: Answers, request: FlowRequest, secrets: Secrets) -> None:
    """Fail early if the password for the image of the flows is missing."""
    user, reference = flow_image_sign_in(Installation(answers), request.image)
    if request.image and user:
        secrets.resolve(reference)


def refuse_removal(run: "Run") -> None:
    """Refuse to resume a removal, a backup, a restore or a removed installation with the steps of an installation (UsageError)."""
    again, removed = continued_by(run.journal), run.journal.fact(REMOVED)
    if again and run.journal.fact("state") == "succeeded":
        raise UsageError(
            f"run {run.name} is complete; resume RUN checks the run of an installation again: {typed('runs')} lists them"
        )
    if again:
        raise UsageError(f"run {run.name} is of another command: {typed(again)} continues it")
    if removed is not None:
        raise UsageError(
            f"run {run.name} was removed by run {removed}; {typed(f'apply {run.exported} --yes')} installs it again"
        )


def check_step(run: str, key: str, known: list[str]) -> None:
    """Refuse an unknown step before the run begins (UsageError)."""
    if key not in known:
        near = get_close_matches(key, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"its steps are {', '.join(known)}"
        raise UsageError(f"run {run} has no step {key}; {hint}")
