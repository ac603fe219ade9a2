"""Recovers soft-deleted backups of data lakes, whose data sources cannot be protected again, and resumes stopped ones.

An undeleted backup is in the state ProtectionStopped, with its data, until its protection is resumed
(https://learn.microsoft.com/azure/backup/backup-azure-enhanced-soft-delete-about).
"""

from collections.abc import Iterator
from typing import Final

from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ABSENT, Service
from installer.engine.step import Context
from installer.errors import DeploymentFailed
from installer.json_access import JsonObject, as_text, member
from installer.resource_id import name_of

_VERSION: Final = "2025-07-01"
_STOPPED: Final = "ProtectionStopped"
_POLL_SECONDS: Final = 5.0
_MAX_POLLS: Final = 120
Backups = tuple[tuple[str, str], ...]
"""Resource ids of backup vaults, each with the data source whose backup it has."""


def recover_backups(arm: Arm, context: Context, backups: Backups) -> None:
    """Undelete the backups of the data sources before they are deployed. Their protection is still stopped."""
    service = Service.of_arm(arm.target)
    for vault, source in backups:
        for deleted in _backups_of(service, f"{vault}/deletedBackupInstances", source):
            name = as_text(deleted.get("name"))
            instance = f"{vault}/backupInstances/{name}"
            context.emit("log", f"undeleting the backup {name}, which was deleted", ids=[instance])
            path = f"{vault}/deletedBackupInstances/{name}/undelete?api-version={_VERSION}"
            service.ask("POST", path, doing=f"undelete the backup {name}")
            _until(arm, context, service, instance, stopped=True)


def stopped_backups(arm: Arm, backups: Backups) -> tuple[str, ...]:
    """Resource ids of the backups of the data sources whose protection is stopped. Queries Azure."""
    service = Service.of_arm(arm.target)
    return tuple(
        f"{vault}/backupInstances/{as_text(one.get('name'))}"
        for vault, source in backups
        for one in _backups_of(service, f"{vault}/backupInstances", source)
        if _state(one) == _STOPPED
    )


def resume_backups(arm: Arm, context: Context, backups: Backups) -> None:
    """Resume the protection of stopped backups, once a deployment has given the vaults their roles."""
    service = Service.of_arm(arm.target)
    for instance in stopped_backups(arm, backups):
        name = name_of(instance)
        context.emit("log", f"resuming the protection of {name}", ids=[instance])
        path = f"{instance}/resumeProtection?api-version={_VERSION}"
        service.ask("POST", path, doing=f"resume the protection of {name}")
        _until(arm, context, service, instance, stopped=False)


def _backups_of(service: Service, collection: str, source: str) -> Iterator[JsonObject]:
    """The backups of a data source; none if the vault does not exist."""
    try:
        found = service.every(f"{collection}?api-version={_VERSION}", doing="read the backups")
    except AzureRefused as refused:
        if refused.status != ABSENT:
            raise
        return
    for one in found:
        if as_text(member(one, "properties", "dataSourceInfo", "resourceID")).lower() == source.lower():
            yield one


def _state(instance: JsonObject | None) -> str:
    return as_text(member(instance, "properties", "currentProtectionState"))


def _until(arm: Arm, context: Context, service: Service, instance: str, *, stopped: bool) -> None:
    """Wait until a backup exists and its protection is stopped or not; raises DeploymentFailed when it is not in time."""
    for _ in range(_MAX_POLLS):
        state = _state(service.find(f"{instance}?api-version={_VERSION}"))
        if state and (state == _STOPPED) is stopped:
            return
        context.pause(max(0.1, _POLL_SECONDS / arm.target.speed))
    raise DeploymentFailed(f"backup {name_of(instance)} was not recovered in time")
