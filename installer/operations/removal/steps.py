"""Steps of a removal, in the order in which Azure accepts it. Each asks Azure what is left, so that a rerun continues.

Locks first; then backups, and what is outside the groups: role assignments before the identities that hold them. The groups of
environments go before the shared ones, which theirs use. Databases on a server that stays go after the group of their environment, whose
servers are connected to them until then (postgresql.org/docs/current/sql-dropdatabase.html). Roles of the pipelines go once nothing is
assigned in a group: Azure refuses that before (azure-docs, role-based-access-control/custom-roles.md, RoleDefinitionHasAssignments). The records of the deployments go last: a rerun finds its answers there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ABSENT, quoted
from installer.errors import VerificationFailed
from installer.operations.removal.deletion import LOCK_SECONDS, Deletion
from installer.operations.removal.existing import DATABASE, GROUPS_VERSION
from installer.operations.removal.pipelines import DEFINITION
from installer.resource_id import contains

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from installer.cloud.rest import Service
    from installer.engine.step import Context, Outputs, Step
    from installer.operations.removal.model import Application, Forecast, GroupPlan, Item

_SECONDS_EACH: Final = 3.0
_GROUP_SECONDS: Final = 900.0
"""Estimated."""
LOCKS: Final = "removal-locks"
BACKUPS: Final = "removal-backups"
OUTSIDE: Final = "removal-outside"
ROLES: Final = "removal-roles"
DATABASES: Final = "removal-databases"
APPLICATIONS: Final = "removal-applications"
RECORDS: Final = "removal-records"
SCAN: Final = "removal-scan"


def group_key(group: GroupPlan) -> str:
    """Key of the step that removes a group or what is in it."""
    return f"removal-{group.name}"


@dataclass(frozen=True)
class RemoveItems:
    """Deletes resources one by one."""

    service: Service
    key: str
    title: str
    items: tuple[Item, ...]
    needs: tuple[str, ...] = ()

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return len(self.items) * _SECONDS_EACH / self.service.target.speed

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when none of them exists."""
        return {} if Deletion(self.service).all_gone(self.items) else None

    def apply(self, context: Context) -> Outputs:
        """Delete them."""
        context.remember("begun", name=self.key)
        Deletion(self.service).delete(context, self.items)
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Raises VerificationFailed for one that exists."""
        left = [one.shown for one in self.items if Deletion(self.service).exists(one)]
        if left:
            raise VerificationFailed(f"not deleted: {', '.join(left)}")


@dataclass(frozen=True)
class RemoveGroup:
    """Deletes a resource group of the installation, with everything in it."""

    service: Service
    group: GroupPlan
    needs: tuple[str, ...]
    unlocked: bool = False
    """Whether locks in it were deleted before."""

    @property
    def key(self) -> str:
        """One for each group."""
        return group_key(self.group)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Resource group removed · {self.group.name}"

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return _GROUP_SECONDS / self.service.target.speed

    @property
    def _path(self) -> str:
        return f"{self.group.id}?api-version={GROUPS_VERSION}"

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when it does not exist."""
        return {} if self.service.find(self._path, doing=f"read {self.group.name}") is None else None

    def apply(self, context: Context) -> Outputs:
        """Delete it, and wait until it does not exist."""
        context.remember("begun", name=self.group.name)
        seconds = LOCK_SECONDS if self.unlocked else 0.0
        Deletion(self.service).delete_group(context, self._path, self.group.name, seconds)
        context.emit("resource.finished", "deleted", resource=self.group.name, id=self.group.id)
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Raises VerificationFailed if it exists."""
        if self.check(context) is None:
            raise VerificationFailed(f"the resource group {self.group.name} was not deleted")


@dataclass(frozen=True)
class RemoveApplications:
    """Deletes the app registrations that the installer has created, with their credentials and service principals."""

    graph: Service
    applications: tuple[Application, ...]
    needs: tuple[str, ...]
    key: ClassVar[str] = APPLICATIONS
    title: ClassVar[str] = "App registrations removed"

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return len(self.applications) * _SECONDS_EACH / self.graph.target.speed

    def _left(self) -> list[Application]:
        return [one for one in self.applications if self.graph.find(_application(one)) is not None]

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when none of them exists."""
        return None if self._left() else {}

    def apply(self, context: Context) -> Outputs:
        """Delete them."""
        context.remember("begun", name=self.key)
        for one in self._left():
            try:
                self.graph.ask("DELETE", _application(one), doing=f"delete the app registration {one.title}")
            except AzureRefused as refused:
                if refused.status != ABSENT:
                    raise
            context.emit("resource.finished", "deleted", resource=f"{one.title} (App registration)", id=one.id)
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Microsoft Entra ID replicates a deletion; its response is proof enough."""


def _application(one: Application) -> str:
    return f"/applications/{quoted(one.id)}"


@dataclass(frozen=True)
class Scan:
    """Compares what is left with the forecast; what stays is listed with its reason."""

    again: Callable[[], Forecast]
    forecast: Forecast
    needs: tuple[str, ...]
    key: ClassVar[str] = SCAN
    title: ClassVar[str] = "Remaining resources"
    usual_seconds: ClassVar[float] = 5.0

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Never done before: apply reads again."""
        return None

    def apply(self, context: Context) -> Outputs:
        """List what is left. Raises VerificationFailed for what should have gone, or was not in the forecast."""
        found = self.again()
        beside = (one for one in self.forecast.kept if not one.id)
        for one in dict.fromkeys((*beside, *found.kept)):
            context.emit("warning", f"left: {one.sentence}", left=one.sentence, id=one.id)
        for name in found.names:
            context.emit("warning", f"left: {name.sentence}", left=name.sentence, id=name.id)
        for what in found.not_checked:
            context.emit("not-checked", what.sentence)
        if left := found.going:
            raise VerificationFailed(f"still in Azure, although it should have gone: {', '.join(left)}")
        expected = {one.id.lower() for one in self.forecast.kept} | {""}
        if strange := [one for one in found.kept if one.id.lower() not in expected]:
            raise VerificationFailed(f"left, and not in the forecast: {'; '.join(one.sentence for one in strange)}")
        return {"left": [one.as_json() for one in found.kept]}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """The scan is the verification."""


def removal_steps(forecast: Forecast, arm: Service, graph: Service, again: Callable[[], Forecast]) -> tuple[Step, ...]:
    """The steps of a removal; `again` reads Azure and makes a new forecast."""
    steps: list[Step] = []
    last: tuple[str, ...] = ()
    databases = tuple(one for one in forecast.outside if one.type.lower() == DATABASE)
    roles = tuple(one for one in forecast.outside if one.type == DEFINITION)
    outside = tuple(one for one in forecast.outside if one not in {*databases, *roles})
    before: Sequence[tuple[str, str, tuple[Item, ...]]] = (
        (LOCKS, "Locks removed", forecast.locks),
        (BACKUPS, "Backups deleted", forecast.backups),
        (OUTSIDE, "Removed outside the resource groups", outside),
    )
    for key, title, items in before:
        if items:
            steps.append(RemoveItems(arm, key, title, items, last))
            last = (key,)
    own = tuple(group_key(one) for one in forecast.groups if not one.shared)
    for group in forecast.groups:
        needs = (*last, *own) if group.shared else last
        if group.whole:
            unlocked = any(contains(group.id, one.id) for one in forecast.locks)
            steps.append(RemoveGroup(arm, group, needs, unlocked))
        else:
            title = f"Resources of the installation removed · {group.name}"
            steps.append(RemoveItems(arm, group_key(group), title, group.items, needs))
    last = tuple(step.key for step in steps)
    if databases:
        steps.append(RemoveItems(arm, DATABASES, "Databases removed", databases, last))
    if roles:
        steps.append(RemoveItems(arm, ROLES, "Roles of the pipelines removed", roles, last))
    if forecast.applications:
        steps.append(RemoveApplications(graph, forecast.applications, last))
    if forecast.deployments:
        needs = tuple(step.key for step in steps)
        steps.append(RemoveItems(arm, RECORDS, "Records of deployments removed", forecast.deployments, needs))
    steps.append(Scan(again, forecast, tuple(step.key for step in steps)))
    return tuple(steps)
