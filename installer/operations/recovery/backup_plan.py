"""Reads what could be restored, and plans backups on demand. Queries Azure; read-only.

PostgreSQL: MicrosoftDocs/azure-databases-docs, articles/postgresql/backup-restore/concepts-backup-restore.md (a backup on demand is
not offered for Burstable servers, at most 7 exist, and it is kept for the retention of the server). Data lakes:
learn.microsoft.com/azure/backup/azure-data-lake-storage-backup-support-matrix (vaulted backup, restored to another account only).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.parameters.protection import KEPT_DAYS, backups
from installer.json_access import as_text, member
from installer.operations.recovery.backup_model import KINDS, Backups, Kind, Part, RestorePoint
from installer.operations.recovery.database_server import SERVERS, VERSION, read_server, server_id
from installer.operations.recovery.prefect_part import prefect_parts
from installer.operations.recovery.prefect_rights import job_needs
from installer.preflight.commands import in_subscription
from installer.preflight.model import Finding, NotChecked, WayOut, sorted_out
from installer.preflight.moments import moment_of
from installer.preflight.reads import NotVisible, listing, resource
from installer.preflight.rights.check import judged
from installer.preflight.rights.needs import Need
from installer.resource_id import group_of, name_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.json_access import JsonObject
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

BACKUP_VERSION: Final = "2025-07-01"
INSTANCES: Final = "Microsoft.DataProtection/backupVaults/backupInstances"
MAX_ON_DEMAND: Final = 7
_ON_DEMAND: Final = "Customer On-Demand"
_PROTECTED: Final = "ProtectionConfigured"
_WHY: Final = "take backups on demand"


def backups_of(subject: Subject, environment: str, mark: str, files: Path, kinds: tuple[Kind, ...] = KINDS) -> Backups:
    """The backups of an installation.

    Args:
        subject: The installation.
        environment: One of its environments, "" for all.
        mark: Name of a backup on demand.
        files: Folder for backups in files, with a subfolder for each environment.
        kinds: Kinds of parts; by default all.

    """
    if environment:
        server_id(subject.it, environment)  # an unknown one is refused
    wanted = (environment,) if environment else subject.it.environments
    parts: list[Part] = []
    entries: list[Entry] = []
    reads: Mapping[Kind, Iterator[Part | NotChecked]] = {
        "postgres": _servers(subject, wanted, mark),
        "lake": _lakes(subject, wanted),
        "prefect": iter(prefect_parts(subject, wanted, mark, files)),
    }
    for kind in kinds:
        for found in reads[kind]:
            if isinstance(found, Part):
                parts.append(found)
            else:
                entries.append(found)
    for part in parts:
        entries += _too_many(part)
    entries += judged(subject, (*needs_of(parts), *_needs_of_jobs(subject, parts)))
    return Backups(tuple(parts), tuple(_beside(subject)), *sorted_out(entries))


def _servers(subject: Subject, wanted: tuple[str, ...], mark: str) -> Iterator[Part | NotChecked]:
    for identity in dict.fromkeys(server_id(subject.it, name) for name in wanted):
        first = next(name for name in wanted if server_id(subject.it, name) == identity)
        try:
            server = read_server(subject.it, subject.arm, first)
            found = subject.arm.every(
                listing(f"{identity}/backups?api-version={VERSION}", f"the backups of {server.name}")
            )
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
            continue
        points = [
            RestorePoint(
                moment_of(as_text(member(one, "properties", "completedTime"))),
                f"{as_text(one.get('name'))}{' (on demand)' if _is_on_demand(one) else ''}",
            )
            for one in found
        ]
        burstable = server.tier.lower() == "burstable"
        now = subject.now()
        yield Part(
            "postgres",
            identity,
            server.name,
            server.environments,
            f"automatic backups, kept for {counted(server.retention_days, 'day')}",
            server.earliest(now),
            now,
            tuple(sorted(points, key=lambda one: -one.at)),
            "" if burstable else f"{identity}/backups/{mark}",
            "Azure takes no backups on demand of servers in the tier Burstable" if burstable else "",
        )


def _is_on_demand(backup: JsonObject) -> bool:
    return member(backup, "properties", "backupType") == _ON_DEMAND


def _lakes(subject: Subject, wanted: tuple[str, ...]) -> Iterator[Part | NotChecked]:
    for site, (vault, lake) in zip(subject.it.sites, backups(subject.it), strict=True):
        if site.name not in wanted:
            continue
        name, instance = name_of(lake), f"{vault}/backupInstances/{name_of(lake)}"
        if not subject.answers.monitoring.storage_backup:
            reason = "the answer Data lake backup is no"
            yield Part("lake", lake, name, (site.name,), "soft delete only", why_not=reason)
            continue
        try:
            found = subject.arm.find(resource(f"{instance}?api-version={BACKUP_VERSION}", f"the backup of {name}"))
            path = f"{instance}/recoveryPoints?api-version={BACKUP_VERSION}"
            listed = subject.arm.every(listing(path, f"the recovery points of {name}")) if found else []
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
            continue
        points = [
            RestorePoint(moment_of(as_text(member(one, "properties", "recoveryPointTime"))), as_text(one.get("name")))
            for one in listed
        ]
        state = as_text(member(found, "properties", "currentProtectionState")) or "missing"
        yield Part(
            "lake",
            lake,
            name,
            (site.name,),
            f"a copy each day in {name_of(vault)}, kept for {counted(KEPT_DAYS, 'day')}; restored to another account only",
            points=tuple(sorted(points, key=lambda one: -one.at)),
            action=instance if state == _PROTECTED else "",
            why_not=""
            if state == _PROTECTED
            else f"its protection is {state}; a new run of the same answers sets it up",
        )


def _beside(subject: Subject) -> Iterator[str]:
    if subject.answers.platform.prefect == "server":
        yield "Prefect: its flow runs, their logs and the values of its secrets are only in the database prefect of each environment"
    else:
        yield "Prefect: its flow runs and the values of its secrets are kept by Prefect Cloud only"
    yield "Key vaults: deleted secrets can be recovered during soft delete; there is no other backup of them"
    yield "Kubernetes, container apps and web apps: nothing in them is data; a run deploys them again"


def _too_many(part: Part) -> Iterator[Finding]:
    """A server with the maximum of backups on demand."""
    own = [one for one in part.points if one.name.endswith(" (on demand)")]
    if part.kind != "postgres" or not part.action or len(own) < MAX_ON_DEMAND:
        return
    oldest = own[-1].name.removesuffix(" (on demand)")
    where = f"{in_subscription(part.id)} -g {group_of(part.id)} -s {part.name}"
    yield Finding(
        "blocks",
        f"{part.name} has {len(own)} backups on demand",
        part.id,
        f"Azure keeps at most {MAX_ON_DEMAND} of a server",
        (WayOut(f"delete the oldest one: az postgres flexible-server backup delete {where} -n {oldest}"),),
        "OnDemandBackupLimitReached",
    )


def needs_of(parts: list[Part]) -> tuple[Need, ...]:
    """The actions that backups on demand need, each at the group of what it is on."""
    actions = {"postgres": f"{SERVERS}/backups/write", "lake": f"{INSTANCES}/backup/action"}
    found = []
    for part in parts:
        if part.action and part.kind in actions:
            scope = f"/subscriptions/{subscription_of(part.action)}/resourceGroups/{group_of(part.action)}"
            found.append(Need(actions[part.kind], scope, _WHY, place=scope, target=part.action))
    return tuple(found)


def _needs_of_jobs(subject: Subject, parts: list[Part]) -> Iterator[Need]:
    """The actions of the jobs that read objects of Prefect."""
    for part in parts:
        if part.kind == "prefect":
            yield from job_needs(subject.it, subject.it.site(part.environments[0]), _WHY)
