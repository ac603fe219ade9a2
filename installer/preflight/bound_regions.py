"""Leftovers of an earlier attempt in another region than that of the answers: groups, resources and deployments, which Azure does not move.

Sources: azure-docs, azure-resource-manager/troubleshooting/error-invalid-template (InvalidResourceLocation),
templates/deploy-to-subscription.md (the location of a deployment name cannot change: InvalidDeploymentLocation).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.conventions.naming import INSTALLATION_TAG
from installer.json_access import as_text, member
from installer.preflight.commands import in_subscription
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.subscription_reads import deployment, groups, resources
from installer.resource_id import GROUP_TYPE, group_of, name_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_GLOBAL: Final = "global"
_MAX_SHOWN: Final = 3


def resources_elsewhere(subject: Subject) -> Iterator[Entry]:
    """Resources of the plan that exist in another region, one finding for each pair of regions."""
    planned = {
        body.id.lower(): region_in(body.body) for body in subject.bodies if body.type.lower() != GROUP_TYPE.lower()
    }
    found_there: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in subject.subscriptions:
        for found in subject.arm.every(resources(one)):
            where = planned.get(as_text(found.get("id")).lower(), "")
            there = region_in(found)
            if where and there and _GLOBAL not in (where, there) and there != where:
                found_there[there, where].append(as_text(found.get("id")))
    if subject.surveyed and not found_there:
        yield NotChecked("resources of an earlier attempt", "a survey has only resources that the answers name")
    elif not found_there:
        yield Proof("nothing of the plan exists in another region")
    for (there, where), ids in found_there.items():
        names = ", ".join(map(name_of, ids[:_MAX_SHOWN])) + (
            f" and {len(ids) - _MAX_SHOWN} more" if len(ids) > _MAX_SHOWN else ""
        )
        yield moved(
            subject,
            f"{names} {'exist' if len(ids) > 1 else 'exists'}",
            there,
            where,
            ids=ids,
            code="InvalidResourceLocation",
        )


def deployments_elsewhere(subject: Subject) -> Iterator[Entry]:
    """Deployments of the stages that an earlier attempt sent in another region."""
    if subject.surveyed:
        yield NotChecked("deployments of an earlier attempt", "a survey has no deployments")
        return
    for stage in subject.stages:
        request = deployment(subject.it.subscription, stage.spec.deployment_name)
        found = subject.arm.find(request)
        there, there_is = region_in(found or {}), as_text((found or {}).get("id"))
        if found and there and there != stage.spec.location.lower():
            yield moved(
                subject,
                f"the deployment {stage.spec.deployment_name} of an earlier attempt is",
                there,
                stage.spec.location,
                ids=[there_is],
                code="InvalidDeploymentLocation",
                command=f"az deployment sub delete {in_subscription(there_is)} -n {stage.spec.deployment_name}",
            )


def moved(
    subject: Subject, what: str, there: str, planned: str, *, ids: list[str], code: str, command: str = ""
) -> Finding:
    """Something that is bound to another region."""
    key = next(
        (f"{site.name}.region" for site in subject.it.sites if site.own.region == planned), "subscription.region"
    )
    return Finding(
        "blocks",
        f"{what} in {there}, not in {planned}",
        ids[0],
        "Azure does not move it to another region",
        (
            WayOut(f"return to {there}", ((key, there),)),
            WayOut(f"delete what an earlier attempt has left: {command}" if command else removal(subject, ids)),
            WayOut("install with another prefix beside it"),
        ),
        code,
    )


def removal(subject: Subject, ids: list[str]) -> str:
    """How all groups of resources go: those of this installation by a command, others if their owners agree."""
    groups_of_all = {group_of(one).lower(): one for one in reversed(ids)}
    own = [one for one in reversed(groups_of_all.values()) if _is_own(subject, one)]
    others = [group_of(one) for one in reversed(groups_of_all.values()) if one not in own]
    commands = "; ".join(f"az group delete {in_subscription(one)} -n {group_of(one)}" for one in own)
    asked = f"ask the owner of the group {', '.join(others)}, which this installer has not made, whether it may go"
    left = f"delete what an earlier attempt has left: {commands}, with everything in it"
    return " and ".join([*([left] if own else []), *([asked] if others else [])])


def _is_own(subject: Subject, resource_id: str) -> bool:
    """Whether the group of a resource has the tag of this installation."""
    found = existing_group(subject, resource_id)
    planned = next((one.body for one in subject.bodies if one.type.lower() == GROUP_TYPE.lower()), {})
    own = as_text(member(planned, "tags", INSTALLATION_TAG))
    return bool(own) and as_text(member(found, "tags", INSTALLATION_TAG)) == own


def existing_group(subject: Subject, resource_id: str) -> dict[str, Json] | None:
    """The group in the ID of a group or resource, None if it does not exist."""
    name = group_of(resource_id).lower()
    listed = subject.arm.every(groups(subscription_of(resource_id)))
    return next((one for one in listed if as_text(one.get("name")).lower() == name), None)


def region_in(body: dict[str, Json]) -> str:
    """The region of a body, as answers spell it."""
    return as_text(body.get("location")).replace(" ", "").lower()
