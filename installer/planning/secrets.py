"""Secrets of the plan, by name only: which ones the vaults have, and which ones a run writes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from installer.answers.draft import flatten
from installer.cloud.errors import AzureRefused
from installer.cloud.existence import PARALLEL_READS
from installer.cloud.rest import ACCESS_DENIED
from installer.estate.resources import estate
from installer.planning.model import Change
from installer.resource_id import name_of
from installer.steps.plan import references_of
from installer.steps.secret_fingerprints import FINGERPRINT_TAG, StageSecrets, from_tag
from installer.waiting import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.cloud.models import Deployment
    from installer.estate.resources import Planned, Stage
    from installer.secret_store import Secrets

_TYPE: Final = "microsoft.keyvault/vaults/secrets"


def written_secrets(
    answers: Answers, arm: Arm, secrets: Secrets, deployed: Mapping[str, Deployment], not_checked: list[str]
) -> dict[str, frozenset[str]]:
    """Names of the secrets by stage key that the vault of the stage has with their present value. Queries Azure.

    Args:
        answers: The answers.
        arm: Azure Resource Manager.
        secrets: Secrets of this machine; one that it does not know counts as unchanged.
        deployed: The last deployment of each stage by key.
        not_checked: Gets a sentence about secrets whose existence could not be read.

    """
    flat, installation = flatten(answers), answers.subscription.prefix
    found: dict[str, frozenset[str]] = {}
    for stage in estate(answers):
        spec = stage.spec
        last = deployed.get(spec.key) if spec.into_vault else None
        if last is None or last.state != "succeeded":
            continue
        before = from_tag(last.tags.get(FINGERPRINT_TAG, ""))
        references = references_of(spec, flat, installation)
        now = StageSecrets(secrets, installation, references, in_vault=True).fingerprints(before)
        kept = [name for name, value in now.items() if value and before.get(name) == value]
        found[spec.key] = frozenset(kept) - _deleted(arm, stage, kept, not_checked)
    return found


def _deleted(arm: Arm, stage: Stage, names: list[str], not_checked: list[str]) -> frozenset[str]:
    """Secrets that others have deleted: the run writes them again, as its stage misses a resource."""
    planned = _secrets_of(stage)
    asked = [name for name in names if name in planned]
    with Workers(PARALLEL_READS, "secrets") as pool:
        replies = list(pool.map(partial(_exists, arm), [planned[name] for name in asked]))
    if unread := [name for name, exists in zip(asked, replies, strict=True) if exists is None]:
        text = "this account may not read whether the secrets still exist"
        not_checked.append(f"{stage.spec.title}: {', '.join(unread)}: {text}")
    return frozenset(name for name, exists in zip(asked, replies, strict=True) if exists is False)


def _exists(arm: Arm, secret: Planned) -> bool | None:
    """Whether a secret exists, None if this account may not read that. Its value is not read."""
    try:
        return arm.read(secret.id, secret.api_version) is not None
    except AzureRefused as refused:
        if refused.status not in ACCESS_DENIED:
            raise
        return None


def _secrets_of(stage: Stage) -> dict[str, Planned]:
    """The planned secrets of a stage by name."""
    return {name_of(one.id): one for one in stage.resources if one.type.lower() == _TYPE}


def unchanged_secrets(answers: Answers, written: Mapping[str, frozenset[str]]) -> Iterator[Change]:
    """An entry for each secret that stays as it is; the others are resources of the comparison of their stage."""
    for stage in estate(answers):
        planned = _secrets_of(stage)
        for name in sorted(written.get(stage.spec.key, frozenset()) & planned.keys()):
            one = planned[name]
            where = stage.spec.environment or ""
            yield Change(
                one.id, one.type, one.name, one.group, stage.spec.key, "same", environment=where, family="secret"
            )
