"""Check: subscriptions, resource groups and deployments take what the plan writes: state, region, locks.

Sources: azure-docs, azure-resource-manager/management/lock-resources.md (ReadOnly), cost-management-billing/manage/subscription-states.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.naming import INSTALLATION_TAG
from installer.json_access import as_text, member
from installer.preflight.bound_regions import (
    deployments_elsewhere,
    existing_group,
    moved,
    region_in,
    resources_elsewhere,
)
from installer.preflight.budgets import budget_starts
from installer.preflight.locks import full_history, read_only_locks
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.network_locks import server_network_locks
from installer.preflight.offer_terms import offer_terms
from installer.preflight.other_runs import other_runs
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import deployment, deployments, groups, locks, resources, subscription
from installer.resource_id import GROUP_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_WRITABLE: Final = frozenset({"enabled", "active"})
_READ_ONLY: Final = frozenset({"disabled", "expired", "deleted"})
_FOREIGN: Final = "InvalidAuthenticationTokenTenant"


def _entries(subject: Subject) -> Iterator[Entry]:
    for one in subject.subscriptions:
        subject.arm.ahead((groups(one), resources(one)))
    for one in subject.written_subscriptions:
        subject.arm.ahead((subscription(one), locks(one), deployments(one)))
    if not subject.surveyed:
        subject.arm.ahead(deployment(subject.it.subscription, stage.spec.deployment_name) for stage in subject.stages)
    for part in (
        _states,
        offer_terms,
        _groups,
        resources_elsewhere,
        deployments_elsewhere,
        read_only_locks,
        server_network_locks,
        full_history,
        other_runs,
        budget_starts,
    ):
        try:
            yield from part(subject)
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)


def _states(subject: Subject) -> Iterator[Entry]:
    """Subscriptions that Azure has made read-only."""
    for one in subject.written_subscriptions:
        try:
            found = subject.arm.find(subscription(one))
        except NotVisible as unseen:
            yield _foreign(subject, one) if unseen.code == _FOREIGN else NotChecked(unseen.what, unseen.why)
            continue
        state = as_text((found or {}).get("state"))
        if found is None and one not in subject.subscriptions:
            yield NotChecked(f"state of subscription {one}", "this account does not see it as a whole")
        elif found is None:
            yield Finding(
                "blocks",
                f"there is no subscription {one} that this account may see",
                one,
                "nothing can be deployed there",
                (WayOut("choose another subscription on the first page"), WayOut("ask its owner for access")),
                "SubscriptionNotFound",
            )
        elif not state:
            yield NotChecked(f"state of subscription {one}", "its body does not have it")
        elif state.lower() not in _WRITABLE:
            yield _state(one, as_text(found.get("displayName")) or one, state)
        else:
            yield Proof(f"subscription {as_text(found.get('displayName')) or one} is {state}")


def _foreign(subject: Subject, one: str) -> Finding:
    return Finding(
        "blocks",
        f"Azure refuses the sign-in for the subscription {one}: its token is of another tenant",
        one,
        "nothing can be read or deployed there",
        (WayOut(f"sign in again: az login --tenant {subject.answers.subscription.tenant}"),),
        _FOREIGN,
    )


def _state(subscription_id: str, name: str, state: str) -> Finding:
    """A subscription that is read-only, or will be: warned and past due ones still accept every operation."""
    read_only = state.lower() in _READ_ONLY
    return Finding(
        "blocks" if read_only else "warns",
        f"the subscription {name} is {state}",
        subscription_id,
        "Azure refuses every write in it" if read_only else "Azure disables it if its billing owner does not act",
        (
            WayOut(
                f"ask its billing owner to {'reactivate it' if read_only else 'settle what is due'}, then check again"
            ),
            WayOut("choose another subscription on the first page"),
        ),
        "ReadOnlyDisabledSubscription" if read_only else "",
    )


def _groups(subject: Subject) -> Iterator[Entry]:
    """Groups of the plan that exist in another region, or are being deleted."""
    for body in subject.bodies:
        if body.type.lower() != GROUP_TYPE.lower():
            continue
        found = existing_group(subject, body.id)
        if found is None:
            continue
        if as_text(member(found, "properties", "provisioningState")).lower() == "deleting":
            yield Finding(
                "blocks",
                f"the resource group {body.name} is being deleted",
                body.id,
                "Azure refuses writes to it until it is gone",
                (WayOut("wait until it is deleted, then check again"),),
                "ResourceGroupBeingDeleted",
            )
            continue
        owner, own = (as_text(member(one, "tags", INSTALLATION_TAG)) for one in (found, body.body))
        if owner and owner != own:
            yield Finding(
                "warns",
                f"the resource group {body.name} belongs to the installation {owner}",
                body.id,
                "this installation would share it, and removing either one removes what both have in it",
                (WayOut("install with another prefix"),),
            )
        there, planned = region_in(found), region_in(body.body)
        if not there:
            yield NotChecked(f"region of the resource group {body.name}", "the survey does not have it")
        elif there != planned:
            yield moved(
                subject,
                f"the resource group {body.name} exists",
                there,
                planned,
                ids=[body.id],
                code="InvalidResourceGroupLocation",
            )


SCOPES: Final = Check("scopes", "Subscription", _entries)
