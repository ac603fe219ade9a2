"""Consequences of a removal beside the resources: lost data, names that stay blocked, and what others have to remove. Pure.

Sources: learn.microsoft.com, key-vault/general/soft-delete-overview (key vaults); REST API Log Analytics, Workspaces - Delete (the name
of a workspace is kept for 14 days); learn.microsoft.com/graph/api/application-delete (app registrations can be restored for 30 days).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.integrations import INTEGRATIONS
from installer.conventions.naming import LAYERS
from installer.estate.parameters.context import Installation
from installer.estate.resource_type_names import type_name
from installer.json_access import as_object, as_text, member
from installer.operations.removal.existing import DATABASE, VAULT
from installer.operations.removal.model import BlockedName, Kept
from installer.operations.removal.obstacles import day
from installer.resource_id import name_of, parent_id_of, parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.estate.bodies import PlannedBody
    from installer.json_access import JsonObject
    from installer.operations.removal.existing import Existing
    from installer.operations.removal.extent import Extent

_DAY: Final = 86_400
_VAULT_DAYS: Final = 90
_WORKSPACE_DAYS: Final = 14
_APPLICATION_DAYS: Final = 30
_RECOVER: Final = "an installation with the same names in the same region recovers it with its content"
_WORKSPACE: Final = "microsoft.operationalinsights/workspaces"
REPLACED: Final = "the other environments use it; the run that follows replaces it, then delete it"
_LOST: Final = {
    "microsoft.storage/storageaccounts": f"all files of the data lake, in the containers {', '.join(LAYERS)} and others",
    "microsoft.dbforpostgresql/flexibleservers": "all databases, with the history of Prefect and the data of FlowForge",
    DATABASE: "all its data, with that of Prefect or FlowForge in this environment",
    VAULT: "all secrets and keys, unless the vault is recovered in time",
    _WORKSPACE: "all logs and traces, unless the workspace is recovered in time",
    "microsoft.containerregistry/registries": "all images",
    "microsoft.cache/redisenterprise": "messages that no server has read yet",
}
"""Data of a type that goes with its resource."""
_OPTIONAL: Final = {one.type.lower(): "everything that is defined and kept in it" for one in INTEGRATIONS.values()}


def lost_data(going: Sequence[JsonObject], existing: Existing) -> Iterator[str]:
    """A sentence for each resource with data."""
    for one in going:
        if lost := _LOST.get(_type(one)) or _OPTIONAL.get(_type(one)):
            yield f"{_name(one)}: {lost}"
    for vault, backups in existing.backups.items():
        if backups and any(as_text(one.get("id")).lower() == vault for one in going):
            yield f"{vault.rpartition('/')[2]}: all backups"


def blocked_names(going: Sequence[JsonObject], existing: Existing, now: float) -> Iterator[BlockedName]:
    """Names that Azure keeps for some time."""
    for one in going:
        resource_id, name = as_text(one.get("id")), as_text(one.get("name"))
        if _type(one) == VAULT:
            body = existing.details.get(resource_id.lower(), {})
            days = member(body, "properties", "softDeleteRetentionInDays")
            protected = member(body, "properties", "enablePurgeProtection") is True
            purge = "" if protected else f"; or purge it: az keyvault purge -n {name}"
            until = day(now + (days if isinstance(days, int) else _VAULT_DAYS) * _DAY)
            yield BlockedName(resource_id, f"{name} (Key vault)", until, f"{_RECOVER}{purge}")
        if _type(one) == _WORKSPACE:
            until = day(now + _WORKSPACE_DAYS * _DAY)
            yield BlockedName(resource_id, f"{name} (Log Analytics workspace)", until, _RECOVER)
    for app in existing.applications:
        until = day(now + _APPLICATION_DAYS * _DAY)
        name = as_text(app.get("displayName"))
        yield BlockedName(
            as_text(app.get("id")),
            f"{name} (App registration)",
            until,
            "it can be restored until then in Microsoft Entra ID",
        )


def names_of_deleted(existing: Existing, extent: Extent) -> Iterator[BlockedName]:
    """Names that Azure keeps since an earlier removal."""
    for one in existing.deleted_vaults:
        facts = as_object(one.get("properties"))
        vault = as_text(facts.get("vaultId"))
        if vault.lower() in extent.planned or extent.is_tagged(facts):
            until = as_text(facts.get("scheduledPurgeDate"))[:10]
            yield BlockedName(vault, f"{name_of(vault)} (Key vault)", until, _RECOVER)
    for one in existing.deleted_workspaces:
        workspace = as_text(one.get("id"))
        if workspace.lower() in extent.planned or extent.is_tagged(one):
            until = f"{_WORKSPACE_DAYS} days after its deletion"
            yield BlockedName(workspace, f"{name_of(workspace)} (Log Analytics workspace)", until, _RECOVER)


def kept_beside(extent: Extent, existing: Existing) -> Iterator[Kept]:
    """Things beside the resources that the installer does not remove, and who can."""
    answers = extent.answers
    it = Installation(answers)
    if not it.registers and answers.sign_on.method != "later":
        yield Kept("", "the app registration of the sign-on", "the installer has not created it")
    if answers.platform.prefect == "cloud":
        why = "work pools, blocks and deployments stay in its workspace; delete them there"
        yield Kept("", "objects in Prefect Cloud", why)
    for record in existing.records:
        if not record.alone:
            yield Kept("", f"DNS record {record.line}", "ask the owner of the zone to delete it")
    for server in dict.fromkeys(
        parent_id_of(one.id) for one in extent.planned.values() if _is_shared_database(one, extent)
    ):
        why = "without their identities no sign-in uses them; an administrator of the server can drop them"
        yield Kept("", f"roles of {extent.environment} in PostgreSQL on {name_of(server)}", why)
    for key, one in extent.replaced.items():
        if key in existing.resources:
            yield Kept(one.id, f"{one.name} ({type_name(one.type)})", REPLACED, own=True)
    network = answers.network
    for name, value in (("hub", network.hub_id), *(entry.split("=", 1) for entry in network.spoke_ids)):
        if value and (not extent.environment or name == extent.environment):
            yield Kept(value, f"{name_of(value)} (Virtual network)", f"it is the existing network of {name}")


def _is_shared_database(one: PlannedBody, extent: Extent) -> bool:
    return bool(extent.environment) and one.type.lower() == DATABASE and parent_id_of(one.id).lower() in extent.rest


def _name(one: JsonObject) -> str:
    """Name of a resource, with those that it is nested in."""
    parsed = parse_id(as_text(one.get("id")))
    return parsed.name if parsed is not None else as_text(one.get("name"))


def _type(one: JsonObject) -> str:
    return as_text(one.get("type")).lower()
