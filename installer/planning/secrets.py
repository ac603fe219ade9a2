"""Secrets of the plan, by name only: which ones the vaults have, and which ones a run writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.answers.draft import flatten
from installer.estate.parameters import stages
from installer.planning.model import Change
from installer.resource_id import group_of
from installer.steps.plan import reference_of
from installer.steps.secret_fingerprints import FINGERPRINT_TAG, StageSecrets, from_tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.secret_store import Secrets


def written_secrets(answers: Answers, arm: Arm, secrets: Secrets) -> dict[str, frozenset[str]]:
    """Names of the secrets by stage key that the vault of the stage has with their present value. Queries Azure."""
    flat, installation = flatten(answers), answers.subscription.prefix
    found: dict[str, frozenset[str]] = {}
    for spec in stages(answers):
        deployed = arm.deployment(spec.deployment_name) if spec.into_vault else None
        if deployed is None or deployed.state != "succeeded":
            continue
        before = from_tag(deployed.tags.get(FINGERPRINT_TAG, ""))
        references = {name: reference_of(key, flat, installation) for name, key in spec.secrets.items()}
        now = StageSecrets(secrets, installation, references, in_vault=True).fingerprints(before)
        found[spec.key] = frozenset(name for name, value in now.items() if value and before.get(name) == value)
    return found


def unchanged_secrets(answers: Answers, written: Mapping[str, frozenset[str]]) -> Iterator[Change]:
    """An entry for each secret that stays as it is; the others are resources of the comparison of their stage."""
    for spec in stages(answers):
        for name in sorted(written.get(spec.key, ())):
            vault = next((resource for resource, _region in spec.vaults), spec.key)
            yield Change(
                f"{vault}/secrets/{name}",
                "Microsoft.KeyVault/vaults/secrets",
                name,
                group_of(vault),
                spec.key,
                "same",
                environment=spec.environment or "",
                family="secret",
            )
