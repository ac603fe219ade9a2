"""Quotas of App Service: instances of its plans, by SKU ("P0v3 VMs") and in total ("Total VMs").

Only those of a survey limit: usual figures are not documented, so the list of others has no limit (-1). Source of names, code and words of the refusal:
github.com/MicrosoftDocs/msteams-docs/issues/13495, github.com/DataDog/stratus-red-team/pull/875.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.json_access import as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.providers.usage import Usage
    from installer.emulator.state.resources import Resource

APP_SERVICE: Final = "Microsoft.Web"
APP_PLAN: Final = "microsoft.web/serverfarms"
LISTED: Final = ("Total VMs", *(f"P{number}v3 VMs" for number in range(4)))
"""Limits of a subscription without a survey: those of the plans that the installation creates."""


def instances(name: str, here: Iterable[Resource]) -> int:
    """Instances of plans in a location that count for a limit; 0 for a limit of something else."""
    plans = [item for item in here if item.type.lower() == APP_PLAN]
    return sum(_count(item) for item in plans if name.lower() in _limits(item))


def check_instances(context: ProviderContext, place: str, usages: Iterable[Usage]) -> None:
    """Refuses a plan with more instances than a limit leaves (ArmError)."""
    more = _count(context.resource)
    before = _count(context.before) if context.before is not None else 0
    for usage in usages:
        used = usage.current - before
        if usage.name.lower() in _limits(context.resource) and used + more > usage.limit >= 0:
            raise ArmError(
                401,
                "SubscriptionIsOverQuotaForSku",
                f"Operation cannot be completed without additional quota. Additional details - Location: {place} Current "
                f"Limit ({usage.label}): {usage.limit} Current Usage: {used} Amount required for this deployment "
                f"({usage.label}): {more} (Minimum) New Limit that you should request to enable this deployment: "
                f"{used + more}.",
                cause="service",
            )


def _limits(plan: Resource) -> tuple[str, str]:
    return f"{as_text(member(plan.desired, 'sku', 'name'))} vms".lower(), "total vms"


def _count(plan: Resource) -> int:
    found = member(plan.desired, "sku", "capacity")
    return found if isinstance(found, int) else 0
