"""The plan of a promotion or of the way back: both environments as Azure has them, their difference, and what blocks it."""

import secrets
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

from installer.cli.commands.run import say
from installer.engine.journal import Journal
from installer.errors import UsageError
from installer.estate import keys
from installer.estate.parameters import stages
from installer.estate.parameters.context import Installation
from installer.operations.promotion.comparison import Row, changed_answers, compared, images_of, taken_back
from installer.operations.promotion.proof import Proved, image_records, unproved
from installer.operations.upgrade.by_run import with_images, with_rights
from installer.planning.set_back import sent_as_now
from installer.preflight.subject import Subject
from installer.runs.acceptance_times import acceptance_times
from installer.runs.revision import revised
from installer.steps.answers_record import STAGE
from installer.steps.changed_answers import former_run
from installer.steps.deployed_outputs import known_outputs, stage_deployments
from installer.steps.promotion import Promotion
from installer.steps.promotion_record import PROMOTION, Entry, entries_of, to_undo
from installer.steps.upgrade_order import UPGRADE, Upgrade

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.cloud.arm import Arm
    from installer.cloud.models import Deployment
    from installer.operations.promotion.comparison import Flows
    from installer.planning.model import Plan
    from installer.preflight.model import Finding
    from installer.runs.facts import RunFacts
    from installer.runs.session import Session


@dataclass(frozen=True)
class PromotionPlan:
    """A promotion that was planned.

    Attributes:
        promotion: Images before and afterwards.
        rows: The comparison of the environments.
        draft: The answers of the run that makes it.
        plan: Everything that this run would change.
        changes: Whether images become others, or stages of the target are behind.

    """

    promotion: Promotion
    rows: tuple[Row, ...]
    draft: "Draft"
    plan: "Plan"
    changes: bool


def plan_promotion(session: "Session", facts: "RunFacts", source: str, target: str, flows: "Flows") -> PromotionPlan:
    """Plan a promotion; `source` is "" for the way back. Queries Azure; read-only. Raises UsageError."""
    it, where = Installation(facts.answers), facts.answers.subscription
    arm = session.arm(where.subscription, where.tenant)
    say("reading what the environments run")
    found = _promotion(session, facts, arm, (source, target), flows)
    promotion = found.promotion
    changes = changed_answers(it, target, promotion.before, promotion.after)
    draft = revised(facts, changes)
    answers = draft.answers()
    kept = promotion.others(it.environments)
    plan = with_images(session.plan(answers, say, draft=draft, checks=True, kept=kept), it, Installation(answers))
    with session.reads(facts.answers) as (place, azure, graph):
        subject = Subject(facts.answers, azure, graph, place, secrets=session.secrets)
        plan = with_rights(subject, plan, target)
    plan = replace(plan, findings=(*found.findings, *plan.findings))
    return PromotionPlan(promotion, found.rows, draft, plan, bool(changes) or found.deploys)


@dataclass(frozen=True)
class _Found:
    """The images before and afterwards, the rows of the comparison, what stops it, and whether stages of the target are behind."""

    promotion: Promotion
    rows: tuple[Row, ...]
    findings: "tuple[Finding, ...]" = ()
    deploys: bool = False


def _promotion(session: "Session", facts: "RunFacts", arm: "Arm", pair: tuple[str, str], flows: "Flows") -> _Found:
    """Compare the environments as Azure has them."""
    it, (source, target) = Installation(facts.answers), pair
    deployed = stage_deployments(arm, facts.answers)
    outputs = known_outputs(arm, facts.answers, deployed)
    now, mark = images_of(it, outputs, target), secrets.token_hex(4)
    if not source:
        undone = to_undo(recorded(arm, it, target))
        if undone is None:
            raise UsageError(f"promote --back: Azure has no record of a promotion to {target} that could be taken back")
        promotion = Promotion("", target, mark, now, undone.before)
        return _Found(promotion, tuple(taken_back(promotion)))
    same = {spec.key for spec in sent_as_now(facts.answers, deployed, outputs, session.secrets, deployed)}
    behind = {key for key in deployed if key not in same}
    images = images_of(it, outputs, source)
    promotion = Promotion(source, target, mark, now, images, flows.source or "" if flows.promoted else "")
    every = {**deployed, **_image_records(arm, it, source, flows)}
    return _Found(
        promotion,
        tuple(compared(it, pair, (images, now), flows, behind)),
        tuple(unproved(it, source, _proved(session, facts, arm), every, behind)),
        any(spec.environment == target and spec.key in behind for spec in stages(facts.answers)),
    )


def _image_records(arm: "Arm", it: Installation, source: str, flows: "Flows") -> "dict[str, Deployment]":
    """The records of the images that are promoted, by key."""
    wanted = [key for key in image_records(it, source) if flows.promoted or key != keys.flow_image(source)]
    found = {key: arm.deployment(it.names.deployment(key)) for key in wanted}
    return {key: one for key, one in found.items() if one is not None}


def _proved(session: "Session", facts: "RunFacts", arm: "Arm") -> Proved:
    """Facts about the newest run."""
    with Journal(session.state.run(facts.name), write=False) as journal:
        accepted = acceptance_times(facts.answers, tuple(journal.events()), journal)
    last = former_run(arm, facts.answers)
    record = arm.deployment(Installation(facts.answers).names.deployment(STAGE))
    at = record.ended.timestamp() if record is not None and record.ended is not None else inf
    return Proved(facts.name, accepted, last[0] if last else "", facts.state == "succeeded", at)


def recorded(arm: "Arm", it: Installation, target: str) -> tuple[Entry, ...]:
    """The record of an environment, the newest entry first. Queries Azure."""
    return entries_of(arm.deployment(it.names.deployment(PROMOTION, target)))


def begun_promotion(session: "Session", name: str) -> Promotion | None:
    """The promotion that a run makes, None for any other run."""
    with Journal(session.state.run(name), write=False) as journal:
        upgrade = Upgrade.of(journal.fact(UPGRADE))
    return upgrade.promotion if upgrade is not None else None
