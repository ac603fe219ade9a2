"""The forecast of a removal from what exists. Pure.

A resource belongs to the installation if it has its tag, if it is nested in one that does, or if the answers plan it in a group of
the installation. So do those that Azure makes beside it: interfaces of private endpoints, alert rules of Application Insights.
A group goes as a whole if it has the tag and nothing of others is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from installer.conventions.naming import ENVIRONMENT_TAG, INSTALLATION_TAG
from installer.estate.parameters.context import Installation
from installer.estate.resource_titles import Principals
from installer.json_access import as_text, member
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
_MADE_BY_AZURE: Final = {
    "microsoft.network/networkinterfaces": ".nic.",
    "microsoft.alertsmanagement/smartdetectoralertrules": "failure anomalies",
    "microsoft.insights/actiongroups": "application insights smart detection",
    "microsoft.operationsmanagement/solutions": "(",
}
"""Types of resources that Azure makes beside others, without their tags, with a part of their names. Sources: learn.microsoft.com,
private-link/manage-private-endpoint (interfaces), azure-monitor/alerts/proactive-failure-diagnostics (rule and action group)."""


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
    def own(self) -> dict[str, JsonObject]:
        """Resources of the installation among those that Azure lists, by ID in lower case."""
        tagged = {
            key: one
            for key, one in self.existing.resources.items()
            if (
                member(one, "tags", INSTALLATION_TAG) == self.prefix
                or (key in self.planned and not member(one, "tags", INSTALLATION_TAG))
            )
            and self.extent.takes(key, one, self._group(key))
        }
        nested = {
            key: one
            for key, one in self.existing.resources.items()
            if key not in tagged and any(above in tagged for above in _above(key))
        }
        own = {**tagged, **nested}
        made = {key: one for key, one in self.existing.resources.items() if key not in own and self._made(one)}
        return {**own, **made}

    def _made(self, one: JsonObject) -> bool:
        """Whether Azure has made a resource beside those of the installation."""
        part = _MADE_BY_AZURE.get(as_text(one.get("type")).lower())
        group = self._group(as_text(one.get("id")))
        return part is not None and part in as_text(one.get("name")).lower() and self.extent.owns_group(group)

    def _group(self, resource_id: str) -> JsonObject:
        return self.existing.groups.get(place_of(resource_id), {})

    @cached_property
    def kept_backups(self) -> tuple[Kept, ...]:
        """Backup vaults that Azure does not delete yet."""
        return tuple(kept_backups(self.own, self.existing, self.now))

    @cached_property
    def staying(self) -> dict[str, str]:
        """Reason by ID in lower case, for resources in groups of the installation that stay."""
        found = {one.id.lower(): one.why for one in self.kept_backups}
        for key, one in self.existing.resources.items():
            if key not in self.own and self.extent.owns_group(self._group(key)):
                found[key] = self._why_it_stays(one)
        return found

    def _why_it_stays(self, one: JsonObject) -> str:
        other = as_text(member(one, "tags", INSTALLATION_TAG))
        if other == self.prefix:
            return "it belongs to another environment"
        return f"it belongs to the installation {other}" if other else "it is not of this installation"

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
        return (*self._assignments(), *entries, *self._items(listed | self._single.keys()))

    @cached_property
    def _single(self) -> dict[str, JsonObject]:
        """Resources that go and that no list has."""
        listed = self.existing.resources
        return {key: one for key, one in self.existing.details.items() if key in self.planned and key not in listed}

    def _scope_entries(self) -> Iterator[Item]:
        """Resources leave private link scopes first: Azure does not delete one that is connected to a scope in another group.

        Source: azure-monitor-docs, articles/azure-monitor/fundamentals/private-link-configure.md.
        """
        version = template_versions().get(SCOPE_ENTRY.lower(), "")
        for one in self.existing.scope_entries:
            if (
                self.extent.environment
                and as_text(member(one, "properties", "linkedResourceId")).lower() not in self.own
            ):
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
            if as_text(one.get("name")).lower() in self._principals:
                yield Item(as_text(one.get("id")), ADMINISTRATOR, version)

    @cached_property
    def _principals(self) -> set[str]:
        """Object IDs of the identities that go."""
        return {
            as_text(member(body, *path)).lower()
            for body in (*self.own.values(), *self.existing.details.values())
            for path in (("identity", "principalId"), ("properties", "principalId"))
        } - {""}

    def _assignments(self) -> Iterator[Item]:
        """Role assignments that do not go with their scope."""
        principals = self._principals
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
            ),
            lost=tuple(lost_data([*(self.own[key] for key in going), *self._single.values()], self.existing)),
            names=(
                *blocked_names([self.own[key] for key in going], self.existing, self.now),
                *names_of_deleted(self.existing, self.extent),
            ),
            not_checked=self.existing.not_checked,
        )
        return obstacles(plain, self.extent, self.existing)

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
            own = as_text(one.get("id")).split("/")[8]
            if remote and remote.lower() not in self.own and not any(contains(remote, other) for other in outside):
                why = "it stays Disconnected; ask its owner to delete it"
                yield Kept("", f"peering of {name_of(remote)} with {own}", why)

    def _item_of(self, one: JsonObject) -> Item:
        return Item(as_text(one.get("id")), as_text(one.get("type")), "")


def _above(key: str) -> Iterator[str]:
    """IDs of the resources that one is nested in."""
    parsed = parse_id(key)
    parent = parsed.parent if parsed else None
    while parent is not None:
        yield parent.id.lower()
        parent = parent.parent
