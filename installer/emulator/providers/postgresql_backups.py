"""Microsoft.DBforPostgreSQL: on-demand backups of flexible servers, listed beside those that the service takes each day.

Sources: MicrosoftDocs/azure-databases-docs, articles/postgresql/backup-restore/how-to-perform-backups.md (InternalServerError for a
name that exists and while another one is taken) and concepts-backup-restore.md (not for Burstable, at most 7, kept for the
retention of the server; "Limitations": not with Premium SSD v2; none of stopped servers). Codes of the latter are assumed. A request has no body: Azure/azure-sdk-for-js,
backupsAutomaticAndOnDemandCreateSample.js. The embedded Azure lists no automatic backups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.providers.power_state import DATABASE
from installer.emulator.providers.provider import ProviderHooks
from installer.json_access import as_text, member
from installer.resource_id import name_of, parent_id_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject

_BACKUPS: Final = "Microsoft.DBforPostgreSQL/flexibleServers/backups"
MAX_ON_DEMAND: Final = 7


def _check(context: ProviderContext) -> None:
    others = context.resources.children(f"{parent_id_of(context.id)}/backups", _BACKUPS)
    if context.before is not None or any(one.under_way for one in others):
        text = "An unexpected error occured while processing the request."
        raise ArmError(500, "InternalServerError", text, cause="service")
    server = context.resources.get(parent_id_of(context.id))
    if server is None:
        return
    if why := _unsupported(server):
        text = f"On-demand backups are not supported for server '{name_of(server.id)}' {why}."
        raise ArmError(400, "OperationNotSupported", text, cause="service")
    if len(others) >= MAX_ON_DEMAND:
        text = f"Server '{name_of(server.id)}' has {MAX_ON_DEMAND} on-demand backups, the maximum."
        raise ArmError(400, "OnDemandBackupLimitReached", text, cause="service")


def _unsupported(server: Resource) -> str:
    """Why a server has no on-demand backups at the moment, "" if it has."""
    if as_text(member(server.desired, "sku", "tier")).lower() == "burstable":
        return "in tier 'Burstable'"
    if as_text(member(server.desired, "properties", "storage", "type")).lower() == "premiumv2_lrs":
        return "with storage of the kind Premium SSD v2"
    if as_text(member(server.computed, "properties", *DATABASE.path)) == DATABASE.off:
        return "while it is stopped"
    return ""


def _taken(context: ProviderContext) -> JsonObject:
    return {
        "properties": {
            "backupType": "Customer On-Demand",
            "completedTime": instant(context.now),
            "source": "Full",
        }
    }


HOOKS = {_BACKUPS: ProviderHooks(check=_check, computed=_taken)}
