"""Makes the plan of a run: the estate, the directory, secrets, Prefect, names and approvals, each compared with what exists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from installer import __version__
from installer.answers.draft import answers_as_json
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ACCESS_DENIED
from installer.conventions.naming import INSTALLATION_TAG
from installer.durations import NO_TIME
from installer.estate import keys
from installer.estate.egress import egress
from installer.estate.parameters.context import Installation
from installer.estate.resources import critical_duration, estate
from installer.planning.by_state import in_environments
from installer.planning.digest import digest_of, template_hashes
from installer.planning.directory import directory_changes
from installer.planning.model import WRITES, Change, Plan, counts
from installer.planning.own_flows import own_flows
from installer.planning.prefect_objects import prefect_changes, recorded_only
from installer.planning.public_names import approval_changes, record_changes
from installer.planning.removals import removals
from installer.planning.secrets import unchanged_secrets, written_secrets
from installer.planning.set_back import set_back
from installer.planning.what_if import compare_stages
from installer.secret_store import Secrets
from installer.steps.answers_record import STAGE, recorded
from installer.steps.approved_plan import PLAN_TAG
from installer.steps.changed_answers import (
    REMOVABLE,
    changes_from,
    existing,
    former_answers,
    left_over_sentences,
)
from installer.steps.deployed_outputs import known_outputs, stage_deployments
from installer.steps.plan import provider_step
from installer.steps.run_duration import run_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.cloud.models import Deployment
    from installer.durations import Duration
    from installer.estate.changes import Changes
    from installer.jsontypes import Json
    from installer.planning.what_if import Compared
    from installer.preflight.model import Finding


@dataclass(frozen=True)
class Known:
    """Facts of the session that the plan shows.

    Attributes:
        secrets: Secrets of this machine; a secret that it does not know counts as unchanged.
        account: The signed-in account.
        sources: Source of each answer.
        findings: Findings of the checks before the first write.
        not_checked: What these checks could not see, as sentences.
        kept: Environments that the run leaves as they are, whatever has changed in them.

    """

    secrets: Secrets = field(default_factory=Secrets)
    account: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def make_plan(
    answers: Answers, arm: Arm, progress: Callable[[str], None] = lambda _text: None, known: Known | None = None
) -> Plan:
    """Compare everything with what exists. Queries Azure, so not for the UI thread. Raises AzureRefused."""
    known = known or Known()
    deployed = stage_deployments(arm, answers)
    outputs = known_outputs(arm, answers, deployed)
    gaps: list[str] = []
    written = written_secrets(answers, arm, known.secrets, deployed, gaps)
    compared = compare_stages(answers, arm, outputs, written, progress)
    compared.not_checked += gaps
    compared.changes[:] = [one for one in compared.changes if not keys.belongs_to(one.stage, known.kept)]
    progress("comparing the answers with those of the last run")
    former = former_answers(arm, answers)
    changed = existing(arm, changes_from(former, answers), outputs)
    progress("comparing directory, names and Prefect")
    beside = _beside(answers, arm, former, outputs, compared)
    removed = [*removals(answers, arm, outputs, compared.not_checked)]
    gone = {one.id.lower() for one in removed}
    changed = replace(changed, left_over=tuple(one for one in changed.left_over if one.id.lower() not in gone))
    found = [*compared.changes, *unchanged_secrets(answers, written), *beside, *_left_over(changed), *removed]
    found = [one for one in found if not keys.belongs_to(one.stage, known.kept)]
    changes = [*in_environments(answers, found)]
    compared.not_checked += recorded_only(changes)
    registers = tuple(_registers(answers, arm, compared.not_checked))
    duration = _duration(answers, arm, compared.changes)
    plan = _plan(answers, known, compared, changed, tuple(changes), duration=duration)
    ours = {key: one for key, one in deployed.items() if INSTALLATION_TAG in one.tags}
    return replace(
        plan,
        target=arm.target.cloud,
        flows=tuple(own_flows(answers)),
        deployments={key: _mark(one) for key, one in ours.items()},
        plans={key: one.tags[PLAN_TAG] for key, one in ours.items() if PLAN_TAG in one.tags},
        registers=registers,
        set_back=tuple(set_back(answers, deployed, outputs, known.secrets, changes)),
    )


def _registers(answers: Answers, arm: Arm, not_checked: list[str]) -> Iterator[str]:
    """Resource providers that the run registers; what this account may not read is not checked."""
    step = provider_step(answers, arm)
    try:
        yield from map(step.label, step.missing())
    except AzureRefused as refused:
        if refused.status not in ACCESS_DENIED:
            raise
        not_checked.append("resource providers: this account may not read whether they are registered")


def _duration(answers: Answers, arm: Arm, changes: Iterable[Change]) -> Duration:
    """Duration in Azure of a run that makes these changes.

    A first run has every step to do; a later one deploys the stages that change, and finds most other steps done.
    """
    deployed = {change.stage for change in changes if change.change in WRITES}
    parts = estate(answers)
    if not deployed:
        return NO_TIME
    if all(part.spec.key in deployed for part in parts):
        return run_duration(answers, arm.target)
    return critical_duration(tuple(one if one.spec.key in deployed else replace(one, took=NO_TIME) for one in parts))


def _mark(deployment: Deployment) -> str:
    """Time of the last state of a deployment; another deployment of the stage has another one."""
    return deployment.ended.isoformat() if deployment.ended is not None else deployment.correlation_id


def _beside(
    answers: Answers,
    arm: Arm,
    former: Answers | None,
    outputs: Mapping[str, Mapping[str, Json]],
    compared: Compared,
) -> Iterator[Change]:
    """Changes of what no template describes."""
    yield from directory_changes(answers, arm, outputs, compared.not_checked)
    yield from prefect_changes(answers, former, _recorded_by(arm, answers), outputs)
    yield from record_changes(answers, arm, compared.not_checked)
    yield from approval_changes(answers, arm, compared.not_checked)


def _recorded_by(arm: Arm, answers: Answers) -> str:
    """Version of the installer that recorded the answers in Azure, "" if none did."""
    found = arm.deployment(Installation(answers).names.deployment(STAGE))
    record = recorded(found, arm.subscription) if found is not None else None
    return record.installer if record is not None else ""


def _left_over(changed: Changes) -> Iterator[Change]:
    """Resources that the answers no longer ask for: deleted by the run, or left."""
    for one in changed.left_over:
        removed = one.type.lower() in REMOVABLE
        why = "the answers no longer ask for it" if removed else "delete it if nothing needs it"
        yield Change(
            one.id,
            one.type,
            one.name,
            one.group,
            one.stage,
            "delete" if removed else "left over",
            why=why,
            title=one.title,
        )


def _plan(
    answers: Answers,
    known: Known,
    compared: Compared,
    changed: Changes,
    changes: tuple[Change, ...],
    *,
    duration: Duration,
) -> Plan:
    given = answers_as_json(answers)
    templates = template_hashes(answers)
    found = counts(changes)
    return Plan(
        subscription=answers.subscription.subscription,
        target=answers.subscription.cloud,
        usual=duration.usual,
        changes=changes,
        not_checked=(*compared.not_checked, *known.not_checked),
        counts=found,
        egress=egress(answers),
        blocked=tuple(changed.refusals()),
        left_over=tuple(left_over_sentences(changed.left_over)),
        kept=tuple(compared.kept),
        findings=(*compared.findings, *known.findings),
        noise=compared.noise,
        low=duration.low,
        high=duration.high,
        answers=given,
        sources=dict(known.sources),
        templates=templates,
        digest=digest_of(given, templates, changes),
        installer=__version__,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        account=known.account,
    )
