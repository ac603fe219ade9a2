"""Versions that are behind: those that status shows, and the stages that this version of the installer would deploy again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.estate.parameters import stages
from installer.operations.status.model import Line, Question, Way
from installer.operations.status.versions import VERSIONS
from installer.planning.set_back import sent_as_now
from installer.steps.deployed_outputs import known_outputs, stage_deployments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.operations.status.observed import Observed
    from installer.secret_store import Secrets


def questions(answers: Answers, arm: Arm, secrets: Secrets) -> tuple[Question, ...]:
    """The questions of an overview."""

    def lines(_observed: Observed) -> Iterator[Line]:
        yield from _templates(answers, arm, secrets)

    return VERSIONS, Question("templates", "Templates", lines)


def _templates(answers: Answers, arm: Arm, secrets: Secrets) -> Iterator[Line]:
    """A line for each stage that a run would deploy again, or one for all that are as deployed."""
    deployed, every = stage_deployments(arm, answers), stages(answers)
    among = {spec.key for spec in every}
    same = {spec.key for spec in sent_as_now(answers, deployed, known_outputs(arm, answers, deployed), secrets, among)}
    way = Way("bring the installation to this version: a plan, then a run of this plan", "apply")
    for spec in every:
        key, environment = f"templates/{spec.key}", spec.environment or ""
        last = deployed.get(spec.key)
        if last is None:
            yield Line(key, spec.title, "not read", "no deployment of this stage is in Azure", environment)
        elif spec.key not in same:
            text = "its template or its parameters differ from the last deployment"
            yield Line(key, spec.title, "attention", text, environment, (way,))
    if same:
        yield Line("templates/same", f"{len(same)} stages", "ok", "as this version would deploy them")
