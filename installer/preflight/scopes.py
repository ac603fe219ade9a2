"""Check: subscriptions, resource groups and deployments take what the plan writes: state, region, locks.

Sources: azure-docs, azure-resource-manager/troubleshooting/error-invalid-template (InvalidResourceLocation),
templates/deploy-to-subscription.md (the location of a deployment name cannot change: InvalidDeploymentLocation),
management/lock-resources.md (ReadOnly), cost-management-billing/manage/subscription-states.md.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.conventions.naming import INSTALLATION_TAG
from installer.json_access import as_text, member
from installer.preflight.budgets import budget_starts
from installer.preflight.locks import full_history, read_only_locks
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.offer_terms import offer_terms
from installer.preflight.other_runs import other_runs
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import deployment, deployments, groups, locks, resources, subscription
from installer.resource_id import GROUP_TYPE, group_of, name_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_WRITABLE: Final = frozenset({"enabled", "active"})
_READ_ONLY: Final = frozenset({"disabled", "expired", "deleted"})
_GLOBAL: Final = "global"
_MAX_SHOWN: Final = 3
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
        _regions,
        _deployments,
        read_only_locks,
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
        found = _existing_group(subject, body.id)
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
        there, planned = _region(found), _region(body.body)
        if not there:
            yield NotChecked(f"region of the resource group {body.name}", "the survey does not have it")
        elif there != planned:
            yield _moved(
                subject,
                f"the resource group {body.name} exists",
                there,
                planned,
                where=body.id,
                code="InvalidResourceGroupLocation",
            )


def _regions(subject: Subject) -> Iterator[Entry]:
    """Resources of the plan that exist in another region, one finding for each pair of regions."""
    planned = {
        body.id.lower(): _region(body.body) for body in subject.bodies if body.type.lower() != GROUP_TYPE.lower()
    }
    moved: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in subject.subscriptions:
        for found in subject.arm.every(resources(one)):
            where = planned.get(as_text(found.get("id")).lower(), "")
            there = _region(found)
            if where and there and _GLOBAL not in (where, there) and there != where:
                moved[there, where].append(as_text(found.get("id")))
    if subject.surveyed and not moved:
        yield NotChecked("resources of an earlier attempt", "a survey has only resources that the answers name")
    elif not moved:
        yield Proof("nothing of the plan exists in another region")
    for (there, where), ids in moved.items():
        names = ", ".join(map(name_of, ids[:_MAX_SHOWN])) + (
            f" and {len(ids) - _MAX_SHOWN} more" if len(ids) > _MAX_SHOWN else ""
        )
        yield _moved(
            subject,
            f"{names} {'exist' if len(ids) > 1 else 'exists'}",
            there,
            where,
            where=ids[0],
            code="InvalidResourceLocation",
        )


def _deployments(subject: Subject) -> Iterator[Entry]:
    """Deployments of the stages that an earlier attempt sent in another region."""
    if subject.surveyed:
        yield NotChecked("deployments of an earlier attempt", "a survey has no deployments")
        return
    for stage in subject.stages:
        request = deployment(subject.it.subscription, stage.spec.deployment_name)
        found = subject.arm.find(request)
        there = _region(found or {})
        if found and there and there != stage.spec.location.lower():
            yield _moved(
                subject,
                f"the deployment {stage.spec.deployment_name} of an earlier attempt is",
                there,
                stage.spec.location,
                where=as_text(found.get("id")),
                code="InvalidDeploymentLocation",
                command=f"az deployment sub delete -n {stage.spec.deployment_name}",
            )


def _moved(
    subject: Subject, what: str, there: str, planned: str, *, where: str, code: str, command: str = ""
) -> Finding:
    """Something that is bound to another region."""
    group = group_of(where)
    own = command or (group and _is_own(subject, where))
    removal = (
        f"delete what an earlier attempt has left: {command or f'az group delete -n {group}, with everything in it'}"
        if own
        else f"ask the owner of the group {group}, which this installer has not made, whether it may go"
    )
    key = next(
        (f"{site.name}.region" for site in subject.it.sites if site.own.region == planned), "subscription.region"
    )
    return Finding(
        "blocks",
        f"{what} in {there}, not in {planned}",
        where,
        "Azure does not move it to another region",
        (
            WayOut(f"return to {there}", ((key, there),)),
            WayOut(removal),
            WayOut("install with another prefix beside it"),
        ),
        code,
    )


def _is_own(subject: Subject, resource_id: str) -> bool:
    """Whether the group of a resource has the tag of this installation."""
    found = _existing_group(subject, resource_id)
    planned = next((one.body for one in subject.bodies if one.type.lower() == GROUP_TYPE.lower()), {})
    own = as_text(member(planned, "tags", INSTALLATION_TAG))
    return bool(own) and as_text(member(found, "tags", INSTALLATION_TAG)) == own


def _existing_group(subject: Subject, resource_id: str) -> dict[str, Json] | None:
    """The group in the ID of a group or resource, None if it does not exist."""
    name = group_of(resource_id).lower()
    listed = subject.arm.every(groups(subscription_of(resource_id)))
    return next((one for one in listed if as_text(one.get("name")).lower() == name), None)


def _region(body: dict[str, Json]) -> str:
    return as_text(body.get("location")).replace(" ", "").lower()


SCOPES: Final = Check("scopes", "Subscription", _entries)
