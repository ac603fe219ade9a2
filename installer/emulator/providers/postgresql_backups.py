"""Microsoft.DBforPostgreSQL: on-demand backups of flexible servers.

Source: MicrosoftDocs/azure-databases-docs, articles/postgresql/backup-restore/concepts-backup-restore.md ("On-demand Backups",
"Limitations", and that no backups are made of stopped servers); REST API Backups Automatic And On Demand - Create, whose request has
no body, and BackupType (Full, Customer On-Demand). Codes and texts of refusals are assumed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.providers.power_state import DATABASE
from installer.emulator.providers.provider import ProviderHooks
from installer.json_access import as_text, member
from installer.resource_id import parent_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject

_TYPE: Final = "Microsoft.DBforPostgreSQL/flexibleServers/backups"
_MOST: Final = 7


def _check(context: ProviderContext) -> None:
    """Refuses a backup that the server does not support (ArmError)."""
    server = context.resources.get(parent_id_of(context.id))
    for problem in _problems(context, server) if server is not None else ():
        raise ArmError(400, "OnDemandBackupNotSupported", problem, cause="service")


def _problems(context: ProviderContext, server: Resource) -> Iterator[str]:
    if as_text(member(server.desired, "sku", "tier")).lower() == "burstable":
        yield "On-demand backups are not supported in the Burstable tier."
    if as_text(member(server.desired, "properties", "storage", "type")).lower() == "premiumv2_lrs":
        yield "On-demand backups are not supported with Premium SSD v2 storage."
    if as_text(member(server.computed, "properties", *DATABASE.path)) == DATABASE.off:
        yield "On-demand backups are not supported while the server is stopped."
    others = [one for one in context.resources.children(server.id, _TYPE) if one.key != context.resource.key]
    if len(others) >= _MOST:
        yield f"The server has {_MOST} on-demand backups, the most that it keeps. Delete one of them first."


def _backup(context: ProviderContext) -> JsonObject:
    completed = datetime.fromtimestamp(context.now, UTC).isoformat(timespec="seconds")
    return {"properties": {"backupType": "Customer On-Demand", "completedTime": completed, "source": "Full"}}


HOOKS = {_TYPE: ProviderHooks(check=_check, computed=_backup)}
