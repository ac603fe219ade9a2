"""The state of an installation in Azure and in the directory before its removal."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.cloud.existence import versions_of
from installer.resource_id import group_of, subscription_of
from installer.shipped_files import compiled_templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.json_access import JsonObject
    from installer.preflight.model import NotChecked

GROUPS_VERSION: Final = "2021-04-01"
LOCKS_VERSION: Final = "2020-05-01"
ROLES_VERSION: Final = "2022-04-01"
DEPLOYMENTS_VERSION: Final = "2025-04-01"
BACKUP_VERSION: Final = "2025-07-01"
NETWORK: Final = "microsoft.network/virtualnetworks"
VAULT: Final = "microsoft.keyvault/vaults"
BACKUP_VAULT: Final = "microsoft.dataprotection/backupvaults"
SCOPE_ENTRY: Final = "Microsoft.Insights/privateLinkScopes/scopedResources"
DATABASE: Final = "microsoft.dbforpostgresql/flexibleservers/databases"
ADMINISTRATOR: Final = "Microsoft.DBforPostgreSQL/flexibleServers/administrators"


@dataclass(frozen=True)
class PublicRecord:
    """A DNS record of a public host name.

    Attributes:
        path: Request path of its record set, "" if its zone is in none of the subscriptions.
        line: The record in zone file notation.
        alone: Whether the record set has no other value.

    """

    path: str
    line: str
    alone: bool = False


@dataclass(frozen=True)
class Existing:
    """State of an installation in Azure and in the directory.

    Attributes:
        groups: Resource groups of the subscriptions, by ID in lower case.
        resources: Resources of the subscriptions, as Azure lists them, by ID in lower case.
        details: Whole bodies by ID in lower case: key vaults, backup vaults, identities, networks, planned resources in no list.
        locks: Locks of the subscriptions.
        assignments: Role assignments of the subscriptions.
        definitions: Custom role definitions of its pipelines.
        deployments: Deployments of the installation at subscription scope.
        nested_deployments: IDs of the deployments that these have sent, those that were sent last first.
        backups: Backup instances by ID of their vault in lower case.
        deleted_backups: The same, soft-deleted ones.
        applications: App registrations that the installer has created.
        records: DNS records of the public host names.
        scope_entries: Resources that are connected to the Azure Monitor private link scopes of the installation.
        peerings: Peerings of the networks of the installation.
        administrators: Microsoft Entra administrators of servers that stay, of which some may go.
        deleted_vaults: Soft-deleted key vaults of the subscriptions.
        deleted_workspaces: Soft-deleted Log Analytics workspaces of the subscriptions, with the IDs that they had.
        not_checked: What could not be read.

    """

    groups: Mapping[str, JsonObject] = field(default_factory=dict)
    resources: Mapping[str, JsonObject] = field(default_factory=dict)
    details: Mapping[str, JsonObject] = field(default_factory=dict)
    locks: tuple[JsonObject, ...] = ()
    assignments: tuple[JsonObject, ...] = ()
    definitions: tuple[JsonObject, ...] = ()
    deployments: tuple[JsonObject, ...] = ()
    nested_deployments: tuple[str, ...] = ()
    backups: Mapping[str, tuple[JsonObject, ...]] = field(default_factory=dict)
    deleted_backups: Mapping[str, tuple[JsonObject, ...]] = field(default_factory=dict)
    applications: tuple[JsonObject, ...] = ()
    records: tuple[PublicRecord, ...] = ()
    scope_entries: tuple[JsonObject, ...] = ()
    peerings: tuple[JsonObject, ...] = ()
    administrators: tuple[JsonObject, ...] = ()
    deleted_vaults: tuple[JsonObject, ...] = ()
    deleted_workspaces: tuple[JsonObject, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()


@cache
def template_versions() -> Mapping[str, str]:
    """API version by resource type in lower case, of all types that the templates have."""
    from json import loads

    found: dict[str, str] = {}
    for path in compiled_templates():
        found |= versions_of(loads(path.read_text(encoding="utf-8")))
    return found


def place_of(resource_id: str) -> str:
    """ID of the group of a resource in lower case, "" if it is in none."""
    group = group_of(resource_id)
    return f"/subscriptions/{subscription_of(resource_id)}/resourcegroups/{group}".lower() if group else ""
