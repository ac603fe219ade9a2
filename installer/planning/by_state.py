"""Resources of a stage about which what-if cannot be asked, by whether they exist: in the plan, they are created or not known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.parameters.context import Installation
from installer.planning.existing_state import states_of
from installer.planning.model import Change, PropertyChange
from installer.resource_id import contains

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.estate.resources import Planned, Stage
    from installer.planning.model import Family

_VAULT_SECRETS: Final = "microsoft.keyvault/vaults/secrets"


def changes_by_state(
    stage: Stage, arm: Arm, groups: set[tuple[str, str]], not_checked: list[str], until: str
) -> Iterator[Change]:
    """Resources of a stage about which what-if cannot be asked, by whether they exist.

    Those in an existing group may exist: their state is a fact of the plan, so that it is refused once that has changed.
    `until` is when or why not, for the sentence about existing resources.
    """
    states = states_of(arm, (one for one in stage.resources if (subscription_of(one), one.group.lower()) in groups))
    if states.found:
        existing = counted(len(states.found), "existing resource")
        not_checked.append(f"{stage.spec.title}: what changes in {existing} of it, {until}")
    not_checked += [f"{stage.spec.title}: {gap}" for gap in states.gaps(stage.resources)]
    for resource in stage.resources:
        planned = _created(stage, resource)
        if state := states.found.get(resource.id):
            yield replace(planned, change="unknown", properties=(PropertyChange("state", state),))
        elif resource.id in states.unread:
            yield replace(planned, change="unknown", why="whether it exists could not be checked")
        else:
            yield replace(planned, change="unknown") if resource.id in states.settings else planned


def _created(stage: Stage, resource: Planned) -> Change:
    return Change(
        resource.id,
        resource.type,
        resource.name,
        resource.group,
        stage.spec.key,
        "create",
        environment=stage.spec.environment or "",
        family=family_of(resource.type),
        title=resource.title,
    )


def family_of(kind: str) -> Family:
    """Family of the changes of a resource type."""
    return "secret" if kind.lower() == _VAULT_SECRETS else "azure"


def subscription_of(resource: Planned) -> str:
    """ID of the subscription of a planned resource, in lower case."""
    return resource.id.split("/")[2].lower()


def in_environments(answers: Answers, changes: Iterable[Change]) -> Iterator[Change]:
    """Changes with the environment in whose resource group they are, where a stage for all of them makes them."""
    it = Installation(answers)
    groups = {
        f"/subscriptions/{one.subscription}/resourceGroups/{it.names.group(one.name)}": one.name for one in it.sites
    }
    for change in changes:
        of = {name for group, name in groups.items() if change.id.startswith("/") and contains(group, change.id)}
        yield replace(change, environment=of.pop()) if not change.environment and len(of) == 1 else change
