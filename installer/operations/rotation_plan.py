"""The plan of a rotation: its steps, the interruption, and the rights for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from installer.operations.plan_sections import last_sections
from installer.operations.recovery.prefect_rights import job_needs
from installer.operations.rotation import LATER
from installer.planning.document import as_text, listed
from installer.preflight.model import Finding, NotChecked, blocking, sorted_out
from installer.preflight.rights.check import judged
from installer.preflight.rights.needs import needs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.cloud.rest import Service
    from installer.engine.step import Step
    from installer.jsontypes import Json
    from installer.operations.rotation import Rotation
    from installer.preflight.rights.needs import Need
    from installer.preflight.subject import Subject


@dataclass(frozen=True)
class RotationPlan:
    """A rotation before it is carried out.

    Attributes:
        secret: Name of the secret on the command line.
        environment: The environment.
        steps: Titles of the steps, in their order.
        interrupts: Sentences on what does not work meanwhile, and on the way back.
        findings: Missing rights.
        not_checked: Rights that could not be read.

    """

    secret: str
    environment: str
    steps: tuple[str, ...]
    interrupts: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether something is in the way."""
        return blocking(self.findings)

    def as_json(self) -> dict[str, Json]:
        """The plan in JSON."""
        return {
            "kind": "rotation plan",
            "secret": self.secret,
            "environment": self.environment,
            "steps": [*self.steps],
            "interrupts": [*self.interrupts],
            "findings": [one.as_json() for one in self.findings],
            "notChecked": [one.sentence for one in self.not_checked],
        }


def plan_rotation(rotation: Rotation, subject: Subject, service: Service, every: Sequence[Step]) -> RotationPlan:
    """The plan of a rotation. Queries Azure; read-only.

    Args:
        rotation: The rotation.
        subject: The installation.
        service: Azure Resource Manager.
        every: The steps of the installation.

    """
    steps, only = rotation.steps(every, subject.it, service, {})
    titles = {step.key: step.title for step in steps}
    findings, unseen = sorted_out(judged(subject, list(_needs(rotation, subject))))
    return RotationPlan(
        rotation.secret,
        rotation.environment,
        tuple(titles[key] for key in only),
        tuple(_interrupts(rotation)),
        findings,
        unseen,
    )


def _needs(rotation: Rotation, subject: Subject) -> Iterator[Need]:
    """The rights of a run in the group of the environment, which exists, and those of its jobs."""
    site = subject.it.site(rotation.environment)
    group = f"/subscriptions/{site.subscription}/resourceGroups/{subject.it.names.group(site.name)}".lower()
    for need in needs_of(subject.answers):
        if need.place.lower() == group:
            yield replace(need, scope=need.place)
    yield from job_needs(subject.it, site, "pause and resume work pools")


def _interrupts(rotation: Rotation) -> Iterator[str]:
    if rotation.drains:
        yield f"The work pools of {rotation.environment} are paused, and flow runs end first ({rotation.patience:g} s at most)."
        yield "Prefect's server, workers and web app start again; flow runs that are created meanwhile start then."
        yield "Going back: there is none; the former credential stops working. Another rotation makes a new one."
        return
    yield "Its readers start again; the former value works beside it."
    yield f"Going back: the reference names the former value again. Later: {LATER[rotation.secret]}."


def rendered(plan: RotationPlan) -> str:
    """The plan as plain text."""
    own = listed("Steps", plan.steps), listed("Meanwhile", plan.interrupts)
    sections = [*own, *last_sections(plan.findings, plan.not_checked)]
    return as_text(f"Rotation of {plan.secret} in {plan.environment}", [], sections)
