"""Extent of a removal: a whole installation, or one of its environments. Pure.

With an environment goes what has its tag, or is in a group with its tag; and in shared places what the answers plan with it and not
without it, such as its databases on the shared server, the peering of its network in the hub and the links of DNS zones to its network.

Something in a shared place may exist because there are several environments, such as a gateway in the hub that all of them use. The
others need it until a run has replaced it, so it does not go with any one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from installer.answers.draft import Draft
from installer.answers.environments import changes_without
from installer.answers.trial import tried
from installer.conventions.naming import ENVIRONMENT_TAG, INSTALLATION_TAG
from installer.conventions.pipeline_names import is_of_pipelines, pipelines_group
from installer.estate.bodies import planned_bodies
from installer.estate.parameters.context import Installation
from installer.json_access import as_text, member
from installer.operations.removal.existing import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.answers.model import Answers
    from installer.estate.bodies import PlannedBody
    from installer.json_access import JsonObject

_GROUP: Final = "microsoft.resources/resourcegroups"


@dataclass(frozen=True)
class Extent:
    """The part of an installation that is removed.

    Attributes:
        answers: The recorded answers.
        environment: The environment, "" for the whole installation.
        remaining: The answers without the environment, None for the whole installation.
        pipelines_stay: The reason why the identities of its pipelines stay, "" if they go. They stay with an environment.

    """

    answers: Answers
    environment: str = ""
    remaining: Answers | None = None
    pipelines_stay: str = ""

    @property
    def prefix(self) -> str:
        """Prefix of the installation."""
        return self.answers.subscription.prefix

    @property
    def confirmation(self) -> str:
        """The text that confirms the removal."""
        return f"{self.prefix}-{self.environment}" if self.environment else self.prefix

    @property
    def environments(self) -> tuple[str, ...]:
        """Environments that are removed."""
        return (self.environment,) if self.environment else tuple(Installation(self.answers).environments)

    @cached_property
    def everything(self) -> Mapping[str, PlannedBody]:
        """All planned resources of the installation, by ID in lower case."""
        return _planned(self.answers)

    @cached_property
    def rest(self) -> Mapping[str, PlannedBody]:
        """Planned resources of what remains."""
        return _planned(self.remaining) if self.remaining is not None else {}

    @cached_property
    def _unplanned(self) -> Mapping[str, PlannedBody]:
        return {key: one for key, one in self.everything.items() if key not in self.rest}

    @cached_property
    def planned(self) -> Mapping[str, PlannedBody]:
        """Planned resources that go."""
        return {key: one for key, one in self._unplanned.items() if key not in self.replaced}

    @cached_property
    def replaced(self) -> Mapping[str, PlannedBody]:
        """Planned resources that a run of the remaining answers replaces for the environments that stay."""
        if self.remaining is None:
            return {}
        tags = {key: self._tag(one.body) for key, one in self.everything.items() if one.type.lower() == _GROUP}
        shared = {
            key: one for key, one in self._unplanned.items() if not (self._tag(one.body) or tags.get(place_of(key)))
        }
        without = [plan for plan in map(self._without, self.remaining.subscription.environments) if plan]
        by_all = {key: one for key, one in shared.items() if without and not any(key in plan for plan in without)}
        own = (self.environment, "")
        theirs = {
            key: one
            for key, one in self._unplanned.items()
            if self._tag(one.body) not in own or tags.get(place_of(key), "") not in own
        }
        return {**by_all, **theirs}

    def _without(self, other: str) -> Mapping[str, PlannedBody]:
        """Planned resources of the installation without another environment; empty if it needs other answers, too."""
        found = tried(Draft.of(self.answers), changes_without(self.answers, other))
        return _planned(found) if found is not None else {}

    @staticmethod
    def _tag(body: JsonObject) -> str:
        return as_text(member(body, "tags", ENVIRONMENT_TAG))

    def sent(self, deployment: str) -> bool:
        """Whether a deployment at subscription scope is of what goes; those of an environment end with its name."""
        return deployment.endswith(f"-{self.environment}") if self.environment else True

    def is_tagged(self, body: JsonObject) -> bool:
        """Whether a body has the tags of what goes."""
        own = member(body, "tags", INSTALLATION_TAG) == self.prefix
        return own and (not self.environment or self._tag(body) == self.environment)

    @cached_property
    def pipelines(self) -> str:
        """ID of the group of the identities of its pipelines, in lower case."""
        where = f"/subscriptions/{Installation(self.answers).subscription}/resourceGroups"
        return f"{where}/{pipelines_group(self.prefix)}".lower()

    @property
    def takes_pipelines(self) -> bool:
        """Whether the identities of its pipelines go, with their roles."""
        return not self.environment and not self.pipelines_stay

    def is_of_pipelines(self, key: str, one: JsonObject) -> bool:
        """Whether a resource goes as a part of the pipelines; `key`: its ID in lower case."""
        within = self.takes_pipelines and place_of(key) == self.pipelines
        return within and is_of_pipelines(self.prefix, as_text(one.get("type")), as_text(one.get("name")))

    def owns_group(self, group: JsonObject) -> bool:
        """Whether a group goes; those that a cluster manages go with it."""
        if self.takes_pipelines and as_text(group.get("id")).lower() == self.pipelines:
            return True
        return self.is_tagged(group) and not group.get("managedBy")

    def takes(self, key: str, one: JsonObject, group: JsonObject) -> bool:
        """Whether a resource of the installation goes.

        Args:
            key: Its ID in lower case.
            one: The resource, as Azure lists it.
            group: Its group.

        """
        if not self.environment:
            return True
        if key in self.rest or key in self.replaced:
            return False
        tag = self._tag(one) or self._tag(group)
        return tag == self.environment if tag else key in self.planned


def _planned(answers: Answers) -> dict[str, PlannedBody]:
    return {one.id.lower(): one for one in planned_bodies(answers)}
