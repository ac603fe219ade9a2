"""Changes of others in stages that a run would not deploy, because nothing that it sends has changed.

Only a plan sees them, and a run that begins from one deploys these stages again; without a plan they stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.answers.draft import flatten
from installer.conventions.counts import counted
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.planning.model import WRITES
from installer.steps.deployment import DIGEST_TAG, stage_digest
from installer.steps.plan import references_of
from installer.steps.secret_fingerprints import FINGERPRINT_TAG, StageSecrets, from_tag

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from installer.answers.model import Answers
    from installer.cloud.models import Deployment
    from installer.estate.parameters import StageSpec
    from installer.jsontypes import Json
    from installer.planning.model import Change
    from installer.secret_store import Secrets


def set_back(
    answers: Answers,
    deployed: Mapping[str, Deployment],
    outputs: Mapping[str, Mapping[str, Json]],
    secrets: Secrets,
    changes: Iterable[Change],
) -> Iterator[str]:
    """A sentence for each stage with changes of others that only a run of this plan sets back.

    Args:
        answers: The answers.
        deployed: The last deployment of each stage by key.
        outputs: Outputs of deployed stages by key.
        secrets: Secrets of this machine.
        changes: Changes of the plan.

    """
    found: dict[str, list[Change]] = {}
    for change in changes:
        if change.change in WRITES and change.family == "azure":
            found.setdefault(change.stage, []).append(change)
    differ = {stage: own for stage, own in found.items() if not any(one.change == "create" for one in own)}
    # a resource that is missing makes each run deploy the stage
    for spec in sent_as_now(answers, deployed, outputs, secrets, differ):
        own = differ[spec.key]
        yield f"{spec.title}: {', '.join(one.shown for one in own[:3])}" + (
            f" and {counted(len(own) - 3, 'other resource')}" if len(own) > 3 else ""
        )


def sent_as_now(
    answers: Answers,
    deployed: Mapping[str, Deployment],
    outputs: Mapping[str, Mapping[str, Json]],
    secrets: Secrets,
    among: Container[str],
) -> Iterator[StageSpec]:
    """Those of some stages whose last deployment has sent what a run would send now: what differs was changed by others."""
    flat, installation = flatten(answers), answers.subscription.prefix
    for spec in stages(answers):
        last = deployed.get(spec.key)
        if last is None or last.state != "succeeded" or spec.key not in among:
            continue
        given = spec.parameters({**PLACEHOLDER_OUTPUTS, **outputs})
        kept = StageSecrets(secrets, installation, references_of(spec, flat, installation), spec.into_vault)
        fingerprints = kept.fingerprints(from_tag(last.tags.get(FINGERPRINT_TAG, "")))
        if last.tags.get(DIGEST_TAG) == stage_digest(spec, given, fingerprints):
            yield spec
