"""Terms of the offer behind a subscription: what free credits exclude, and a spending limit.

Sources: azure-docs, cost-management-billing/costs/understand-cost-mgmt-data.md (quota IDs of the offers),
cost-management-billing/manage/spending-limit.md, azure-resource-manager/management/azure-subscription-service-limits.md (free
subscriptions get no higher limits), container-registry/container-registry-tasks-overview.md (no task runs on free credits);
github.com/Azure-Samples/azure-search-openai-demo/issues/2592 (TasksOperationsNotAllowed on a free trial).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.estate.parameters.images import image_source, image_uses
from installer.json_access import as_text, member
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import subscription

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_FREE: Final = {
    "freetrial": "Free Trial",
    "azureforstudents": "Azure for Students",
    "dreamspark": "Azure for Students Starter",
}
"""Offers on free credits alone, by the beginning of their quota ID."""
UPGRADE: Final = "upgrade the subscription to Pay-As-You-Go: Subscriptions in the portal, Upgrade"


def free_offer(subject: Subject, subscription_id: str) -> str:
    """Name of the offer if it has free credits only and gets no higher limits, else ""."""
    try:
        found = subject.arm.find(subscription(subscription_id))
    except NotVisible:
        return ""  # the check of subscriptions reports it
    quota = as_text(member(found, "subscriptionPolicies", "quotaId")).lower()
    return next((name for start, name in _FREE.items() if quota.startswith(start)), "")


def offer_terms(subject: Subject) -> Iterator[Entry]:
    """Terms of the offers that the plan violates. Raises NotVisible."""
    for one in subject.subscriptions:
        found = subject.arm.find(subscription(one))
        free = free_offer(subject, one)
        if free and one == subject.it.subscription and _builds(subject):
            yield _no_builds(subject, one, free)
        limit = as_text(member(found, "subscriptionPolicies", "spendingLimit")).lower()
        if found is not None and not (limit and as_text(member(found, "subscriptionPolicies", "quotaId"))):
            yield NotChecked(f"offer and spending limit of subscription {one}", "its body does not have them")
        if limit == "on":
            yield _limited(one, as_text((found or {}).get("displayName")) or one)
        elif found is not None and limit and not free:
            yield Proof(f"subscription {as_text(found.get('displayName')) or one} has no spending limit")


def _builds(subject: Subject) -> list[str]:
    return [
        one.kind
        for one in image_uses(subject.it)
        if not one.environment and image_source(subject.it, one.kind) == "build"
    ]


def _no_builds(subject: Subject, where: str, free: str) -> Finding:
    return Finding(
        "blocks",
        f"the offer {free} runs no registry tasks, and the answers let one build the {' and '.join(_builds(subject))} image",
        f"/subscriptions/{where}",
        "Azure refuses the build",
        (WayOut("push the image yourself during the run", (("images.prefect_source", "push"),)), WayOut(UPGRADE)),
        "TasksOperationsNotAllowed",
    )


def _limited(where: str, name: str) -> Finding:
    return Finding(
        "warns",
        f"the subscription {name} has a spending limit",
        f"/subscriptions/{where}",
        "when its credit is used up, Azure disables it and stops everything in it, also in the middle of a run",
        (WayOut("remove the spending limit: Subscriptions in the portal, Remove spending limit"), WayOut(UPGRADE)),
    )
