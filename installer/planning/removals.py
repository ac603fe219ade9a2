"""Deletions of a run that no template describes: what earlier versions or earlier answers have left.

What the answers no longer ask for otherwise is compared by steps/changed_answers.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ABSENT, ACCESS_DENIED
from installer.estate import keys
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.resource_titles import Principals
from installer.planning.id_parts import parts_of
from installer.planning.model import Change
from installer.steps.former_roles import RemoveFormerRoles
from installer.steps.former_services import RemoveFormerServices, removes_former_services

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.jsontypes import Json

_ROLES = "its identity reads single secrets since this version"
_SERVICES = "one Prefect server runs its background services itself"


def removals(
    answers: Answers, arm: Arm, outputs: Mapping[str, Mapping[str, Json]], not_checked: list[str]
) -> Iterator[Change]:
    """A line for each resource that the run deletes. Queries Azure.

    Args:
        answers: The answers.
        arm: Azure Resource Manager.
        outputs: Outputs of deployed stages by key.
        not_checked: Gets a sentence about what this account may not read.

    """
    it, service = Installation(answers), arm.service
    principals = Principals.of(answers, {**PLACEHOLDER_OUTPUTS, **outputs})
    for site in it.sites if keys.GRANTS in outputs else ():  # before, no identity has a role
        try:
            former = [*RemoveFormerRoles(service, it, ()).found_at(site, {**PLACEHOLDER_OUTPUTS, **outputs})]
        except AzureRefused as refused:
            former = []
            _note(refused, f"role assignments of earlier versions at the key vault of {site.name}", not_checked)
        for one in former:
            title = principals.title(one, parts_of(one)[0], None)
            yield _deleted(one, keys.FORMER_ROLES, _ROLES, title, site.name)
    for site in it.sites:
        step = RemoveFormerServices(service, it, site)
        try:
            exists = removes_former_services(it, site) and step.exists()
        except AzureRefused as refused:
            exists = False
            _note(refused, f"background services of former Prefect servers of {site.name}", not_checked)
        if exists:
            yield _deleted(step.app, step.key, _SERVICES, "", site.name)


def _note(refused: AzureRefused, what: str, not_checked: list[str]) -> None:
    """Nothing to delete in what does not exist; what may not be read is not checked. Raises for Azure out of reach."""
    if refused.status in ACCESS_DENIED:
        not_checked.append(f"{what}: this account may not read them")
    elif refused.status != ABSENT:
        raise refused


def _deleted(resource: str, stage: str, why: str, title: str, environment: str = "") -> Change:
    kind, name, group = parts_of(resource)
    return Change(resource, kind, name, group, stage, "delete", environment=environment, why=why, title=title)
