"""Issuer and subject of the tokens with which jobs sign in, as a federated credential names them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from installer.errors import UsageError
from installer.handover.pipelines.content import Content

_GITHUB: Final = "https://token.actions.githubusercontent.com"
"""docs.github.com/actions/reference/security/oidc. Entra compares the whole text, capitals included (AADSTS7002138)."""


@dataclass(frozen=True)
class Trust:
    """Jobs that may act as an identity.

    Attributes:
        parameters: Parameters of the template that issuer and subject refer to.

    """

    issuer: str
    subject: str
    parameters: tuple[str, ...] = ()


def github_trust(content: Content, repository: str, ids: str) -> Mapping[str, Trust]:
    """The jobs of each environment in GitHub.

    Repositories that were created, renamed or transferred since 15 July 2026 have the IDs of the owner and the repository in the
    subject, others only where that was enabled: learn.microsoft.com/entra/workload-id/workload-identities-github-immutable-subjects,
    github.com/Azure/login/issues/635.

    Args:
        content: The installation.
        repository: OWNER/REPOSITORY.
        ids: Their IDs, OWNER_ID/REPOSITORY_ID; "" for a subject of names.

    Raises:
        UsageError: One of both is malformed.

    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", repository):
        raise UsageError(f"--repository {repository}: write it as OWNER/REPOSITORY, in the capitals that GitHub shows")
    if ids and not re.fullmatch(r"[0-9]+/[0-9]+", ids):
        raise UsageError(f"--repository-ids {ids}: write it as OWNER_ID/REPOSITORY_ID, two numbers")
    owner, _, name = repository.partition("/")
    owner_id, _, name_id = ids.partition("/")
    whose = f"{owner}@{owner_id}/{name}@{name_id}" if ids else repository
    return {one: Trust(_GITHUB, f"repo:{whose}:environment:{content.environment(one)}") for one in content.identities}


def azdo_trust(content: Content) -> Mapping[str, Trust]:
    """The jobs that use each service connection.

    Its issuer and subject are shown when it is made, and cannot be computed:
    learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity.
    """
    return {
        name: Trust(
            f"[parameters('{name}Issuer')]", f"[parameters('{name}Subject')]", (f"{name}Issuer", f"{name}Subject")
        )
        for name in content.identities
    }
