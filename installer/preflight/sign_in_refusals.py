"""Refusals of a sign-in as findings, also outside of the checks: a run and a plan need a token before them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer.cloud.error_explanations import explanation
from installer.cloud.errors import ENTRA, AzureRefused
from installer.preflight.gate import sentence
from installer.preflight.model import Finding, WayOut
from installer.preflight.stronger_sign_in import Place, stronger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.cloud.target import Target


def rejected(place: Place, refused: AzureRefused) -> Finding:
    """The finding for a token that Microsoft Entra refuses."""
    known = explanation(refused.code)
    remedy = place.remedy(known.remedy) if known is not None else f"sign in again: az login --tenant {place.tenant}"
    return Finding(
        "blocks",
        f"Microsoft Entra rejects the sign-in: {refused.code}",
        place.tenant,
        known.cause.rstrip(".") if known is not None else str(refused).splitlines()[0],
        (WayOut(remedy),),
        refused.code,
    )


@contextmanager
def sign_in_findings(answers: Answers, target: Target) -> Iterator[None]:
    """Give a refused sign-in the text of its finding, with the command for this tenant: a run needs the token before its checks."""
    place = Place(answers.subscription.tenant, target.audience)
    try:
        yield
    except AzureRefused as refused:
        if refused.challenge:
            found = stronger(place, refused)
        elif refused.code.startswith(ENTRA):
            found = rejected(place, refused)
        else:
            raise
        raise AzureRefused(sentence(found), status=refused.status, error=refused.error) from refused
