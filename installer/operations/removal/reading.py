"""Reads the state of an installation before its removal. Queries Azure and the directory; read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.existence import PARALLEL_READS
from installer.cloud.graph import Graph
from installer.cloud.rest import ABSENT, ACCESS_DENIED
from installer.conventions.naming import INSTALLATION_TAG
from installer.estate.parameters.app_registration import unique_name
from installer.estate.parameters.context import Installation
from installer.json_access import as_text, member
from installer.operations.removal.existing import (
    ADMINISTRATOR,
    BACKUP_VAULT,
    BACKUP_VERSION,
    DEPLOYMENTS_VERSION,
    GROUPS_VERSION,
    LOCKS_VERSION,
    NETWORK,
    ROLES_VERSION,
    SCOPE_ENTRY,
    VAULT,
    Existing,
    PublicRecord,
    place_of,
    template_versions,
)
from installer.operations.removal.pipelines import LISTED, is_definition, is_record
from installer.preflight.model import NotChecked
from installer.resource_id import parse_id, subscription_of
from installer.steps.plan import name_steps
from installer.waiting import Workers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from installer.cloud.rest import Service
    from installer.json_access import JsonObject
    from installer.operations.removal.extent import Extent

_DELETED_VAULTS: Final = "providers/Microsoft.KeyVault/deletedVaults?api-version=2024-11-01"
_DELETED_WORKSPACES: Final = "providers/Microsoft.OperationalInsights/deletedWorkspaces?api-version=2025-07-01"
_SCOPE: Final = "microsoft.insights/privatelinkscopes"
_IDENTITY: Final = "microsoft.managedidentity/userassignedidentities"
_DETAILED: Final = frozenset({VAULT, BACKUP_VAULT, NETWORK, _IDENTITY})
"""Types whose properties the forecast needs, which a list of resources does not have."""
_GROUP: Final = "microsoft.resources/resourcegroups"
_DEPLOYMENT: Final = "microsoft.resources/deployments"
_UNKNOWN: Final = "not-known-yet"
"""Part of a planned ID that only a run knows."""


class _Reader:
    """Reads lists and resources; what the account may not read is recorded."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.not_checked: list[NotChecked] = []

    def every(self, path: str, what: str) -> list[JsonObject]:
        """A list, empty if it cannot be read or its parent does not exist."""
        try:
            return self._service.every(path, doing=f"read the {what}")
        except AzureRefused as refused:
            if refused.status == ABSENT:
                return []
            self._unread(refused, what)
            return []

    def find(self, resource_id: str, version: str) -> JsonObject | None:
        """A resource; None if it does not exist or cannot be read."""
        try:
            return self._service.find(f"{resource_id}?api-version={version}", doing=f"read {resource_id}")
        except AzureRefused as refused:
            self._unread(refused, resource_id)
            return None

    def _unread(self, refused: AzureRefused, what: str) -> None:
        if refused.status not in ACCESS_DENIED:
            raise refused
        self.not_checked.append(NotChecked(what, "this account may not read it"))


def subscriptions_of(extent: Extent) -> tuple[str, ...]:
    """Subscriptions with resources of the installation, those of existing networks and zones included."""
    it = Installation(extent.answers)
    named = (it.subscription, *(site.subscription for site in it.sites))
    planned = (subscription_of(one.id) for one in extent.everything.values())
    return tuple(dict.fromkeys(one.lower() for one in (*named, *planned) if one))


def read(extent: Extent, arm: Service, graph: Service) -> Existing:
    """Everything that the forecast needs. Raises AzureRefused, but for what the account may not read."""
    reader = _Reader(arm)
    arm.prepare()
    with Workers(PARALLEL_READS, "removal") as pool:

        def lists(path: str, what: str, among: Iterable[str]) -> list[JsonObject]:
            pages = pool.map(lambda one: reader.every(f"/subscriptions/{one}/{path}", what), among)
            return [item for page in pages for item in page]

        everywhere = subscriptions_of(extent)
        groups = lists(f"resourcegroups?api-version={GROUPS_VERSION}", "resource groups", everywhere)
        listed = lists(f"resources?api-version={GROUPS_VERSION}", "resources", everywhere)
        role = f"providers/Microsoft.Authorization/roleAssignments?api-version={ROLES_VERSION}"
        lock = f"providers/Microsoft.Authorization/locks?api-version={LOCKS_VERSION}"
        history = f"providers/Microsoft.Resources/deployments?api-version={DEPLOYMENTS_VERSION}"
        resources = {as_text(one.get("id")).lower(): one for one in listed}
        places = {as_text(one.get("id")).lower(): one for one in groups}

        def goes(key: str, kind: str) -> bool:
            one = resources[key]
            if extent.is_of_pipelines(key, one):
                return _type(one) == kind
            tagged = member(one, "tags", INSTALLATION_TAG) == extent.prefix
            return _type(one) == kind and tagged and extent.takes(key, one, places.get(place_of(key), {}))

        planned = _unlisted(extent, resources)
        wanted = {
            **{key: template_versions().get(kind, "") for kind in _DETAILED for key in resources if goes(key, kind)},
            **planned,
        }
        bodies = pool.map(lambda one: reader.find(*one), wanted.items())
        details = {key: body for key, body in zip(wanted, bodies, strict=True) if body is not None}
        vaults = [key for key in details if _type(details[key]) == BACKUP_VAULT]
        backups = pool.map(lambda one: tuple(reader.every(_backups(one, "backupInstances"), "backups")), vaults)
        deleted = pool.map(
            lambda one: tuple(reader.every(_backups(one, "deletedBackupInstances"), "deleted backups")), vaults
        )
        scopes = [key for key, one in resources.items() if _type(one) == _SCOPE and _is_tagged(extent, one)]
        networks = [key for key in resources if goes(key, NETWORK)]
        servers = [*_servers_that_stay(extent)]
        administrators = pool.map(lambda one: reader.every(_administrators(one), "administrators"), servers)
        peerings = pool.map(lambda one: reader.every(_peerings(one), "peerings"), networks)
        entries = pool.map(lambda one: reader.every(_entries(one), "connected resources"), scopes)
        records = [
            one
            for one in lists(history, "deployments", everywhere[:1])
            if _is_tagged(extent, one) or is_record(extent, one)
        ]
        definitions = lists(LISTED, "role definitions", everywhere) if extent.takes_pipelines else []
        sent = [one for one in records if extent.sent(as_text(one.get("name")))]
        # Records in groups that go are deleted with these.
        outside = {key for key, one in places.items() if not extent.owns_group(one)}
        return Existing(
            groups=places,
            resources=resources,
            details=details,
            locks=tuple(lists(lock, "locks", everywhere)),
            assignments=tuple(lists(role, "role assignments", everywhere)),
            definitions=tuple(one for one in definitions if is_definition(extent, one)),
            deployments=tuple(records),
            nested_deployments=_nested(reader, pool, sent, {"", *outside}),
            backups=dict(zip(vaults, backups, strict=True)),
            deleted_backups=dict(zip(vaults, deleted, strict=True)),
            applications=_applications(extent, Graph(graph), reader),
            records=tuple(_records(extent, arm)),
            scope_entries=tuple(entry for page in entries for entry in page),
            peerings=tuple(peering for page in peerings for peering in page),
            administrators=tuple(one for page in administrators for one in page),
            deleted_vaults=tuple(lists(_DELETED_VAULTS, "deleted key vaults", everywhere)),
            deleted_workspaces=tuple(lists(_DELETED_WORKSPACES, "deleted Log Analytics workspaces", everywhere)),
            not_checked=tuple(reader.not_checked),
        )


def _nested(reader: _Reader, pool: Workers, records: list[JsonObject], places: Collection[str]) -> tuple[str, ...]:
    """Deployments that others have sent, at any level, from the operations of these; only in these groups, "" for none."""
    found: dict[str, str] = {}
    pending = [as_text(one.get("id")) for one in records]
    while pending:
        paths = [f"{one}/operations?api-version={DEPLOYMENTS_VERSION}" for one in pending]
        sent = [
            as_text(member(operation, "properties", "targetResource", "id"))
            for page in pool.map(lambda path: reader.every(path, "operations of deployments"), paths)
            for operation in page
            if as_text(member(operation, "properties", "targetResource", "resourceType")).lower() == _DEPLOYMENT
        ]
        pending = [one for one in dict.fromkeys(sent) if one.lower() not in found and place_of(one) in places]
        found |= {one.lower(): one for one in pending}
    present = pool.map(lambda one: reader.find(one, DEPLOYMENTS_VERSION), found.values())
    return tuple(one for one, body in zip(found.values(), present, strict=True) if body is not None)[::-1]


def _type(body: JsonObject) -> str:
    return as_text(body.get("type")).lower()


def _is_tagged(extent: Extent, one: JsonObject) -> bool:
    return member(one, "tags", INSTALLATION_TAG) == extent.prefix


def _unlisted(extent: Extent, resources: Mapping[str, JsonObject]) -> dict[str, str]:
    """Planned resources that go, in groups that stay or in no group, and that no list of resources has, with their API versions.

    Role assignments have another list.
    """
    own = {key for key, one in extent.planned.items() if one.type.lower() == _GROUP}
    found: dict[str, str] = {}
    for key, one in extent.planned.items():
        kind, parsed = one.type.lower(), parse_id(one.id)
        above = parsed.parent.id.lower() if parsed is not None and parsed.parent is not None else ""
        with_parent = above in extent.planned and _is_tagged(extent, resources.get(above, {}))
        if place_of(one.id) in own or kind.startswith("microsoft.authorization/") or kind == _GROUP:
            continue
        if _UNKNOWN not in one.id and key not in resources and not with_parent:
            found[key] = one.api_version
    return found


def _servers_that_stay(extent: Extent) -> Iterator[str]:
    """PostgreSQL servers that stay, with administrators that go; names of these have object IDs that no answer has."""
    found = (parse_id(one.id) for one in extent.planned.values() if one.type.lower() == ADMINISTRATOR.lower())
    servers = dict.fromkeys(one.parent.id for one in found if one is not None and one.parent is not None)
    yield from (one for one in servers if one.lower() in extent.rest)


def _administrators(server: str) -> str:
    return f"{server}/administrators?api-version={template_versions()[ADMINISTRATOR.lower()]}"


def _peerings(network: str) -> str:
    return f"{network}/virtualNetworkPeerings?api-version={template_versions()[f'{NETWORK}/virtualnetworkpeerings']}"


def _entries(scope: str) -> str:
    return f"{scope}/scopedResources?api-version={template_versions()[SCOPE_ENTRY.lower()]}"


def _backups(vault: str, kind: str) -> str:
    return f"{vault}/{kind}?api-version={BACKUP_VERSION}"


def _applications(extent: Extent, graph: Graph, reader: _Reader) -> tuple[JsonObject, ...]:
    """App registrations that the installer has created."""
    found: list[JsonObject] = []
    it = Installation(extent.answers)
    for environment in extent.environments if it.registers else ():
        try:
            app = graph.by_name(unique_name(it, environment))
        except AzureRefused as refused:
            if refused.status not in ACCESS_DENIED:
                raise
            reader.not_checked.append(
                NotChecked(f"the app registration of {environment}", "this account has no rights in the directory")
            )
            continue
        if app is not None:
            found.append(app)
    return tuple(found)


def _records(extent: Extent, arm: Service) -> Iterator[PublicRecord]:
    """DNS records that point to the ingress; none while the address of the ingress is not known."""
    for step in name_steps(Installation(extent.answers), arm):
        if step.environment not in extent.environments:
            continue
        for record, zone, values in step.compare():
            if zone is None:
                yield PublicRecord("", record.line)
            elif record.value in values:
                yield PublicRecord(step.path(zone, record), record.line, alone=len(values) == 1)
