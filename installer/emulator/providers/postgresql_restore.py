"""Microsoft.DBforPostgreSQL: restore of a flexible server to a point in time, always as a new server.

Sources: MicrosoftDocs/azure-databases-docs, articles/postgresql/backup-restore/concepts-backup-restore.md (new server of the same
region and configuration without high availability; public access and virtual networks do not mix; firewall rules, private
endpoints and values of server parameters are not copied) and how-to-restore-custom-restore-point.md (the same region and major
version; a time between the earliest restore point and now). Where no code is named in a rule it is assumed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.state.resources import Resource
from installer.json_access import as_object, as_text, member, merged
from installer.resource_id import name_of, normalised_location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

POINT_IN_TIME: Final = "pointintimerestore"
_OTHER_RESTORES: Final = frozenset({"georestore", "revivedropped"})
_DATABASES: Final = "Microsoft.DBforPostgreSQL/flexibleServers/databases"
_DAY: Final = 86_400.0
_DEFAULT_DAYS: Final = 7
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_WRITE_ONLY: Final = ("createMode", "pointInTimeUTC")
"""Members that no response has: the published schema of the type."""
_INHERITED: Final = ("version", "storage", "authConfig", "dataEncryption", "maintenanceWindow")


def earliest_restore(server: Resource, now: float) -> float:
    """Earliest point in time of a server: the first snapshot is taken once it exists, and kept for its retention."""
    days = member(server.desired, "properties", "backup", "backupRetentionDays")
    return max(server.created, now - (days if isinstance(days, int) else _DEFAULT_DAYS) * _DAY)


def shown_backup(context: ProviderContext) -> JsonObject:
    """The earliest point in time, and that it is no replica: the Azure CLI reads that of each server."""
    earliest = instant(earliest_restore(context.resource, context.now))
    return {"backup": {"earliestRestoreDate": earliest}, "replicationRole": "Primary"}


def check_restore(context: ProviderContext) -> None:
    """Refuses a restore that Azure would refuse (ArmError)."""
    mode = context.text("createMode").lower()
    if context.before is not None or mode not in {POINT_IN_TIME, *_OTHER_RESTORES}:
        return
    if mode in _OTHER_RESTORES:
        text = f"The embedded Azure does not restore with the mode '{context.text('createMode')}'."
        raise ArmError(501, "NotImplemented", text, cause="service")
    source = context.resources.get(context.text("sourceServerResourceId"))
    if source is None or source.type.lower() != context.resource.type.lower():
        text = f"The source server '{context.text('sourceServerResourceId')}' was not found."
        raise ArmError(404, "ResourceNotFound", text, cause="service")
    _check_moment(context, source)
    for problem in _differences(context, source):
        raise ArmError(400, "InvalidParameterValue", problem, cause="service")


def _check_moment(context: ProviderContext, source: Resource) -> None:
    """A text that is no RFC 3339 time is an internal error: github.com/hashicorp/terraform-provider-azurerm/issues/18082."""
    text = context.text("pointInTimeUTC")
    if not _RFC_3339.fullmatch(text):
        raise ArmError(
            500, "InternalServerError", "An unexpected error occured while processing the request.", cause="service"
        )
    moment = datetime.fromisoformat(text).astimezone(UTC).timestamp()
    earliest = earliest_restore(source, context.now)
    if not earliest <= moment <= context.now:
        window = f"between '{instant(earliest)}' and '{instant(context.now)}'"
        problem = f"The point in time '{text}' is invalid: a restore of '{source.name}' needs one {window}."
        raise ArmError(400, "InvalidParameterValue", problem, cause="service")


def _differences(context: ProviderContext, source: Resource) -> Iterator[str]:
    """Settings that a restore cannot change; that Azure refuses them instead of ignoring them is assumed.

    The size can be another one: azure-cli 2.91, postgresql/commands/custom_commands.py (flexible_server_restore).
    """
    if context.location != normalised_location(source.location):
        yield f"The location '{context.location}' is invalid: the source server is in '{source.location}'."
    if _is_injected(source) != bool(context.text("network", "delegatedSubnetResourceId")):
        yield "A server with public access cannot be restored to a virtual network, nor the other way round."
    for path in (
        ("properties", "version"),
        ("properties", "storage", "storageSizeGB"),
    ):
        wanted, given = member(source.desired, *path), member(context.resource.desired, *path)
        if given is not None and given != wanted:
            yield f"The value '{given}' of '{path[-1]}' is invalid: the source server has '{wanted}'."
    if as_text(member(context.resource.desired, "properties", "highAvailability", "mode")).lower() not in {
        "",
        "disabled",
    }:
        yield "High availability cannot be enabled while a server is restored."


def _is_injected(server: Resource) -> bool:
    return bool(as_text(member(server.desired, "properties", "network", "delegatedSubnetResourceId")))


def settle_restore(context: ProviderContext) -> None:
    """Give a restored server what its source has: configuration and databases, not administrators, rules or parameters."""
    properties = as_object(context.resource.desired.get("properties"))
    if context.text("createMode").lower() != POINT_IN_TIME:
        return
    source = context.resources.get(context.text("sourceServerResourceId"))
    own: JsonObject = {name: value for name, value in properties.items() if name not in _WRITE_ONLY}
    if source is not None:
        own = merged(_inherited(source), own)
        context.resource.desired = {"sku": source.desired.get("sku"), **context.resource.desired}
        for one in context.resources.children(f"{source.id}/databases", _DATABASES):
            where = f"{context.id}/databases/{name_of(one.id)}"
            context.resources.save(
                Resource(
                    where,
                    _DATABASES,
                    one.name,
                    one.api_version,
                    "Succeeded",
                    context.now,
                    context.now,
                    desired=dict(one.desired),
                )
            )
    context.resource.desired = {**context.resource.desired, "properties": own}
    context.resources.save(context.resource)


def _inherited(source: Resource) -> JsonObject:
    properties = as_object(source.desired.get("properties"))
    found: dict[str, Json] = {name: properties[name] for name in _INHERITED if name in properties}
    return {**found, "backup": properties.get("backup", {}), "highAvailability": {"mode": "Disabled"}}
