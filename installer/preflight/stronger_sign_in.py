"""A sign-in that Azure finds too weak: the command with which the user signs in as Azure asks.

Sources: azure-cli-core, auth/util.py (`_generate_login_command`: tenant, scope and claims challenge in base64); OpenID Continuous
Access Evaluation, entra-docs, identity-platform/claims-challenge.md (WWW-Authenticate with error insufficient_claims);
entra-docs, identity/authentication/concept-mandatory-multifactor-authentication.md (users need a second factor to create, change
and delete through the Azure CLI and the REST API; workload identities do not) and identity-platform/access-token-claims-reference.md
(amr: methods of the sign-in, in tokens of version 1.0).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.cloud.errors import AzureRefused
from installer.json_access import as_list, as_text
from installer.preflight.model import Finding, WayOut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cloud.access_tokens import SignIn
    from installer.preflight.reads import NotVisible
    from installer.preflight.subject import Subject

_AZURE: Final = "https://management.azure.com/.default"
"""Scope in the texts of the explanations, which know no other clouds."""
_SECOND_FACTOR: Final = "mfa"


@dataclass(frozen=True)
class Place:
    """Where one signs in: tenant of the answers, and audience of Azure Resource Manager in their cloud."""

    tenant: str
    audience: str

    @classmethod
    def of(cls, subject: Subject) -> Place:
        """That of the answers which are checked."""
        return cls(subject.answers.subscription.tenant, subject.target.audience)

    def login(self, challenge: str = "") -> str:
        """The command that signs in to the tenant for Azure management, with what a challenge asks for."""
        asked = f' --claims-challenge "{challenge}"' if challenge else ""
        return f"az login --tenant {self.tenant} --scope {self.audience}/.default{asked}"

    def remedy(self, remedy: str) -> str:
        """The remedy of an explanation for this tenant and cloud."""
        here = re.sub(r"\bTENANT\b", self.tenant, remedy)
        return here.replace(_AZURE, f"{self.audience}/.default").rstrip(".")


def challenged(subject: Subject, unseen: NotVisible) -> Finding | None:
    """The finding for a read that Azure answered with a claims challenge, None for another reason."""
    refused = unseen.__cause__
    return stronger(Place.of(subject), refused) if isinstance(refused, AzureRefused) and refused.challenge else None


def stronger(place: Place, refused: AzureRefused) -> Finding:
    """The finding for a claims challenge."""
    return Finding(
        "blocks",
        "Azure asks for a stronger sign-in than the present one",
        place.tenant,
        "Conditional Access requires it, for example a second factor or another sign-in after a change of the network",
        (WayOut(f"sign in again as Azure asks: {place.login(refused.challenge)}"),),
        refused.code or "InteractionRequired",
    )


def second_factor(subject: Subject, found: SignIn) -> Iterator[Finding]:
    """A user whose sign-in had one factor; nothing for tokens that do not say how the user signed in."""
    methods = [as_text(one) for one in as_list(found.claims.get("amr"))]
    if found.is_application or not methods or _SECOND_FACTOR in methods:
        return
    yield Finding(
        "warns",
        "the user has signed in without a second factor",
        subject.answers.subscription.tenant,
        "Azure requires multi-factor authentication of users for changes, though not for reads: the first write is refused "
        "unless the tenant has postponed that",
        (
            WayOut(f"sign in again with a second factor: {Place.of(subject).login()}"),
            WayOut("sign in with a service principal or a managed identity, which need none"),
        ),
        "RequestDisallowedByAzure",
    )
