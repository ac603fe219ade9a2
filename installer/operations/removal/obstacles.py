"""Obstacles to a removal: locks of others, deployments that run, and backup vaults with backups. Pure.

A deleted backup remains in its vault for the retention of soft delete, and the vault until then
(learn.microsoft.com, backup/backup-azure-enhanced-soft-delete-about and backup/backup-azure-delete-vault). An immutable vault
keeps its backups until they expire (learn.microsoft.com, backup/backup-azure-immutable-vault-concept).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.answers.model import ENVIRONMENTS
from installer.estate.changes import moved_databases
from installer.invocation import command as typed
from installer.json_access import as_text, member
from installer.operations.removal.existing import BACKUP_VAULT
from installer.operations.removal.model import Forecast, Kept
from installer.operations.removal.networks import used_networks
from installer.preflight.model import Finding, WayOut
from installer.resource_id import contains, extended_id_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.json_access import JsonObject
    from installer.operations.removal.existing import Existing
    from installer.operations.removal.extent import Extent

_DAY: Final = 86_400
_DEFAULT_DAYS: Final = 14
_RUNNING: Final = frozenset({"running", "accepted", "creating", "updating", "deleting", "ready"})
_ABOVE_DELETES: Final = frozenset({"cannotdelete", "readonly"})


def day(moment: float) -> str:
    """A date as people write it in files: 2026-12-15."""
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def kept_backups(own: Mapping[str, JsonObject], existing: Existing, now: float) -> Iterator[Kept]:
    """Backup vaults that stay: with backups that Azure deletes later, or that it does not delete at all."""
    for key, listed in own.items():
        if as_text(listed.get("type")).lower() != BACKUP_VAULT:
            continue
        body = existing.details.get(key, {})
        present, deleted = existing.backups.get(key, ()), existing.deleted_backups.get(key, ())
        settings = member(body, "properties", "securitySettings")
        immutable = as_text(member(settings, "immutabilitySettings", "state")).lower() in ("locked", "unlocked")
        soft = member(settings, "softDeleteSettings")
        what = f"{as_text(listed.get('name'))} (Backup vault)"
        if immutable and present:
            yield Kept(as_text(listed.get("id")), what, "it is immutable: its backups stay until they expire", own=True)
            continue
        days = member(soft, "retentionDurationInDays")
        keeps = as_text(member(soft, "state")).lower() != "off"
        dates = [as_text(member(one, "properties", "deletionInfo", "scheduledPurgeTime"))[:10] for one in deleted]
        if present and keeps:
            dates.append(day(now + (days if isinstance(days, int) else _DEFAULT_DAYS) * _DAY))
        if dates:
            why = "Azure keeps its deleted backups, which can be restored until then; afterwards uninstall removes it"
            yield Kept(as_text(listed.get("id")), what, why, max(dates), own=True)


def obstacles(forecast: Forecast, extent: Extent, existing: Existing, own: Mapping[str, JsonObject]) -> Forecast:
    """The forecast with findings for what is in the way.

    Args:
        forecast: The forecast.
        extent: What is removed.
        existing: What exists.
        own: Resources that go, by ID in lower case.

    """
    return replace(
        forecast,
        findings=(
            *_locks(forecast, existing),
            *_running(existing),
            *_moved(extent, existing),
            *used_networks(own, existing),
        ),
    )


def _moved(extent: Extent, existing: Existing) -> Iterator[Finding]:
    """Databases of another environment that the remaining answers expect on another server: a run moves none."""
    if extent.remaining is None:
        return
    for one in moved_databases(extent.answers, extent.remaining):
        if one.server.id.lower() in existing.resources:
            yield Finding(
                "blocks",
                f"without {extent.environment}, the databases of {one.environment} are expected on {one.after}",
                one.server.id,
                f"they are on {one.server.name}, and a run does not move them",
                (WayOut(f"add another environment first: {typed(f'environment add {_another(extent)}')}"),),
                "DatabasesMove",
            )


def _another(extent: Extent) -> str:
    """An environment that the installation does not have."""
    present = extent.answers.subscription.environments
    return next((one for one in ENVIRONMENTS if one not in present), "")


def _locks(forecast: Forecast, existing: Existing) -> Iterator[Finding]:
    """Locks of others on something that goes, above it or below it.

    Source: azure-docs, azure-resource-manager/management/lock-resources.md: a lock on a part of a resource or group refuses the
    deletion of the whole.
    """
    removed = {one.id.lower() for one in forecast.locks}
    ids = [one.id for one in (*forecast.outside, *forecast.backups)]
    ids += [one.id for group in forecast.groups for one in group.items]
    ids += [group.id for group in forecast.groups if group.whole]
    for lock in existing.locks:
        resource_id, scope = as_text(lock.get("id")), extended_id_of(as_text(lock.get("id")))
        level = as_text(member(lock, "properties", "level")).lower()
        if resource_id.lower() in removed or level not in _ABOVE_DELETES:
            continue
        if any(contains(scope, one) or contains(one, scope) for one in ids):
            yield Finding(
                "blocks",
                f"the lock {as_text(lock.get('name'))} of others protects {name_of(scope) or scope}",
                scope,
                "Azure deletes nothing that it protects",
                (WayOut(f"ask its owner to remove it: az lock delete --ids {resource_id}"),),
                "ScopeLocked",
            )


def _running(existing: Existing) -> Iterator[Finding]:
    for one in existing.deployments:
        if as_text(member(one, "properties", "provisioningState")).lower() in _RUNNING:
            yield Finding(
                "blocks",
                f"the deployment {as_text(one.get('name'))} of this installation is running",
                as_text(one.get("id")),
                "it would create again what is deleted",
                (WayOut("wait until it ends, or stop its run and cancel the deployment"),),
                "DeploymentActive",
            )
