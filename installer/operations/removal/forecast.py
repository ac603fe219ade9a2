"""The forecast of a removal from what exists. Pure.

A group goes as a whole if it has the tag and nothing of others is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from installer.conventions.naming import ENVIRONMENT_TAG
from installer.estate.parameters.context import Installation
from installer.estate.resource_titles import Principals
from installer.json_access import as_text, member
from installer.operations.removal.belongings import Belongings
from installer.operations.removal.consequences import blocked_names, kept_beside, lost_data, names_of_deleted
from installer.operations.removal.existing import (
    ADMINISTRATOR,
    DEPLOYMENTS_VERSION,
    LOCKS_VERSION,
    ROLES_VERSION,
    SCOPE_ENTRY,
    place_of,
    template_versions,
)
from installer.operations.removal.model import Application, Forecast, GroupPlan, Item, Kept
from installer.operations.removal.obstacles import kept_backups, obstacles
from installer.operations.removal.pipelines import definitions, kept_pipelines
from installer.resource_id import contains, extended_id_of, name_of, parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.json_access import JsonObject
    from installer.operations.removal.existing import Existing
    from installer.operations.removal.extent import Extent

_ASSIGNMENTS: Final = "Microsoft.Authorization/roleAssignments"
_LOCKS: Final = "Microsoft.Authorization/locks"
_DEPLOYMENTS: Final = "Microsoft.Resources/deployments"
_GROUP: Final = "microsoft.resources/resourcegroups"
_NO_OUTPUTS: Final = Principals({})


def forecast(extent: Extent, existing: Existing, now: float) -> Forecast:
    """The effect of a removal.

    Args:
        extent: The installation or environment that is removed.
        existing: What exists.
        now: The current time, in seconds since the epoch.

    """
    return _Forecast(extent, existing, now).made()


@dataclass(frozen=True)
class _Forecast:
    extent: Extent
    existing: Existing
    now: float

    @cached_property
    def prefix(self) -> str:
        return self.extent.prefix

    @cached_property
    def planned(self) -> dict[str, str]:
        """API versions of the planned resources that go, by ID in lower case."""
        return {key: one.api_version for key, one in self.extent.planned.items()}

    @cached_property
    def belongings(self) -> Belongings:
        """Resources that belong to what is removed."""
        return Belongings(self.extent, self.existing)

    @property
    def own(self) -> dict[str, JsonObject]:
        """Those that Azure lists, by ID in lower case."""
        return self.belongings.own

    @cached_property
    def kept_backups(self) -> tuple[Kept, ...]:
        """Backup vaults that Azure does not delete yet."""
        return tuple(kept_backups(self.own, self.existing, self.now))

    @cached_property
    def staying(self) -> dict[str, str]:
        """Reason by ID in lower case, for resources in groups of the installation that stay."""
        return {**{one.id.lower(): one.why for one in self.kept_backups}, **self.belongings.others}

    @cached_property
    def groups(self) -> tuple[GroupPlan, ...]:
        plans = []
        for key, group in self.existing.groups.items():
            if not self.extent.owns_group(group):
                continue
            whole = not any(place_of(one) == key for one in self.staying)
            within = {one for one in self.own if place_of(one) == key and one not in self.staying}
            shared = not member(group, "tags", ENVIRONMENT_TAG)
            plans.append(GroupPlan(as_text(group.get("id")), whole, self._items(within), shared))
        return tuple(sorted(plans, key=lambda one: (one.shared, one.id)))

    def _items(self, keys: set[str]) -> tuple[Item, ...]:
        return tuple(sorted(map(self._item, keys), key=lambda one: (-one.depth, one.id)))

    def _item(self, key: str) -> Item:
        body = self.own.get(key) or self.existing.details.get(key, {})
        resource_id, kind = as_text(body.get("id")), as_text(body.get("type"))
        version = self.planned.get(key) or template_versions().get(kind.lower(), "")
        return Item(resource_id, kind, version, _NO_OUTPUTS.title(resource_id, kind, body))

    @cached_property
    def outside(self) -> tuple[Item, ...]:
        """Resources in groups of others, role assignments and what is in no group."""
        within = {group.id.lower() for group in self.groups}
        listed = {key for key in self.own if place_of(key) not in within}
        entries = (*self._records(), *self._scope_entries(), *self._administrators())
        return (
            *self._assignments(),
            *definitions(self.existing),
            *entries,
            *self._items(listed | self.belongings.single.keys()),
        )

    def _scope_entries(self) -> Iterator[Item]:
        """Resources leave private link scopes first: Azure does not delete one that is connected to a scope in another group.

        Source: azure-monitor-docs, articles/azure-monitor/fundamentals/private-link-configure.md.
        """
        version = template_versions().get(SCOPE_ENTRY.lower(), "")
        for one in self.existing.scope_entries:
            linked = as_text(member(one, "properties", "linkedResourceId")).lower()
            if self.extent.environment and linked not in self.own:
                continue
            yield Item(as_text(one.get("id")), SCOPE_ENTRY, version)

    def _records(self) -> Iterator[Item]:
        """DNS records of the public host names in zones that this account sees."""
        for one in self.existing.records:
            if one.alone:
                resource_id, _, version = one.path.partition("?api-version=")
                kind = f"Microsoft.Network/dnszones/{resource_id.split('/')[-2]}"
                yield Item(resource_id, kind, version, one.line)

    def _administrators(self) -> Iterator[Item]:
        """Identities that go are no administrators of servers that stay."""
        version = template_versions().get(ADMINISTRATOR.lower(), "")
        for one in self.existing.administrators:
            if as_text(one.get("name")).lower() in self.belongings.principals:
                yield Item(as_text(one.get("id")), ADMINISTRATOR, version)

    def _assignments(self) -> Iterator[Item]:
        """Role assignments that do not go with their scope."""
        principals = self.belongings.principals
        gone = [group.id for group in self.groups if group.whole]
        gone += [key for key in self.own if key not in self.staying]
        for one in self.existing.assignments:
            resource_id = as_text(one.get("id"))
            held = as_text(member(one, "properties", "principalId")).lower() in principals
            scope = extended_id_of(resource_id)
            if (held or resource_id.lower() in self.planned) and not any(contains(place, scope) for place in gone):
                yield Item(resource_id, _ASSIGNMENTS, ROLES_VERSION, self._titles.title(resource_id, _ASSIGNMENTS, one))

    @cached_property
    def _titles(self) -> Principals:
        """Names of the identities, for titles of role assignments."""
        found = {}
        for body in self.existing.details.values():
            if principal := as_text(member(body, "properties", "principalId")):
                found[principal.lower()] = as_text(body.get("name"))
        return Principals(found).with_owners({as_text(one.get("id")): one for one in self.own.values()})

    @cached_property
    def locks(self) -> tuple[Item, ...]:
        """Locks of the installation at what goes, and above it: a run restores those of resources that stay."""
        name = Installation(self.extent.answers).names.lock
        found = []
        for one in self.existing.locks:
            resource_id = as_text(one.get("id"))
            own = resource_id.lower() in self.planned or as_text(one.get("name")) == name
            scope = extended_id_of(resource_id).lower()
            above = any(contains(scope, item.id) for item in self.outside)
            if own and (above or scope in self.own or scope in {group.id.lower() for group in self.groups}):
                found.append(Item(resource_id, _LOCKS, LOCKS_VERSION, _NO_OUTPUTS.title(resource_id, _LOCKS, one)))
        return tuple(found)

    @cached_property
    def backups(self) -> tuple[Item, ...]:
        """Backups that are deleted; those of immutable vaults are not."""
        immutable = {one.id.lower() for one in self.kept_backups if not one.until and one.own}
        return tuple(
            Item(as_text(one.get("id")), "Microsoft.DataProtection/backupVaults/backupInstances", "2025-07-01")
            for vault, every in self.existing.backups.items()
            for one in every
            if vault in self.own and vault not in immutable
        )

    def made(self) -> Forecast:
        """The whole forecast."""
        complete = not any(one.own for one in self.kept_backups)
        records = [*self.existing.nested_deployments, *self._sent()] if complete else []
        going = [one for one in self.own if one not in self.staying]
        plain = Forecast(
            prefix=self.prefix,
            environment=self.extent.environment,
            groups=self.groups,
            outside=self.outside,
            locks=self.locks,
            backups=self.backups,
            applications=tuple(
                Application(as_text(one.get("id")), as_text(one.get("displayName")))
                for one in self.existing.applications
            ),
            deployments=tuple(Item(one, _DEPLOYMENTS, DEPLOYMENTS_VERSION) for one in records),
            kept=(
                *self.kept_backups,
                *self._of_others(),
                *self._halves_of_peerings(),
                *kept_beside(self.extent, self.existing),
                *kept_pipelines(self.extent, self.existing),
            ),
            lost=tuple(lost_data([*(self.own[key] for key in going), *self.belongings.single.values()], self.existing)),
            names=(
                *blocked_names([self.own[key] for key in going], self.existing, self.now),
                *names_of_deleted(self.existing, self.extent),
            ),
            not_checked=self.existing.not_checked,
        )
        return obstacles(plain, self.extent, self.existing, {key: self.own[key] for key in going})

    def _sent(self) -> Iterator[str]:
        """Records of the deployments at subscription scope."""
        for one in self.existing.deployments:
            if self.extent.sent(as_text(one.get("name"))):
                yield as_text(one.get("id"))

    def _of_others(self) -> Iterator[Kept]:
        """Resources of others in groups of the installation, and the groups that stay with them."""
        backups = {one.id.lower() for one in self.kept_backups}
        for key, why in self.staying.items():
            if key not in backups:
                one = self.existing.resources[key]
                yield Kept(as_text(one.get("id")), self._item_of(one).shown, why)
        for group in self.groups:
            if not group.whole:
                yield Kept(group.id, f"{group.name} (Resource group)", "resources in it stay", own=True)

    def _halves_of_peerings(self) -> Iterator[Kept]:
        """Halves of peerings in networks of others that the installer has not made: Azure leaves them Disconnected."""
        outside = [one.id for one in self.outside]
        for one in self.existing.peerings:
            remote = as_text(member(one, "properties", "remoteVirtualNetwork", "id"))
            peering = parse_id(as_text(one.get("id")))
            own = peering.names[0] if peering is not None else ""
            if remote and remote.lower() not in self.own and not any(contains(remote, other) for other in outside):
                why = "it stays Disconnected; ask its owner to delete it"
                yield Kept("", f"peering of {name_of(remote)} with {own}", why)

    def _item_of(self, one: JsonObject) -> Item:
        return Item(as_text(one.get("id")), as_text(one.get("type")), "")
