"""Step: an on-demand backup of a PostgreSQL server, before a run changes tables in it.

Sources: MicrosoftDocs/azure-databases-docs, articles/postgresql/backup-restore/concepts-backup-restore.md ("On-demand Backups": kept for
the retention of the server, seven at most, none in the Burstable tier; "Point-in-time recovery": every server can be restored to a
moment within its retention, as a new server); REST API Backups Automatic And On Demand - Create, which has no body.
"""

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.conventions.sizing import postgres_tier
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed, VerificationFailed
from installer.estate import keys
from installer.json_access import as_text, member
from installer.resource_id import group_of, name_of, subscription_of
from installer.steps.polling import poll

VERSION: Final = "2025-08-01"
BACKUPS: Final = "Microsoft.DBforPostgreSQL/flexibleServers/backups/write"
"""Action of a backup."""
_POLL_SECONDS: Final = 15.0
_LIMIT_SECONDS: Final = 3600.0


@dataclass(frozen=True)
class BackUpBeforeChange:
    """Makes a backup of a server.

    Attributes:
        arm: Client of Azure Resource Manager.
        server: Resource ID.
        size: Compute size, which decides whether the server has on-demand backups.
        mark: Differs for each operation: a resumed one finds its backup.
        needs: Keys of the steps before it.

    """

    arm: Service
    server: str
    size: str
    mark: str
    needs: tuple[str, ...] = (keys.PREFLIGHT,)
    estimated_seconds: ClassVar[float] = 120.0

    @property
    def key(self) -> str:
        """One for each server."""
        return keys.backup(name_of(self.server))

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Backup of {name_of(self.server)}"

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return self.estimated_seconds / self.arm.target.speed

    @property
    def backup(self) -> str:
        """Resource ID of the backup."""
        return f"{self.server}/backups/flowforge-{self.mark}"

    def check(self, context: Context) -> Outputs | None:
        """Done when the backup is complete, or when this operation has noted the time before its change in place of one."""
        if completed := self._completed() if has_backups(self.size) else "":
            return {"completed": completed}
        record = context.memory.recall(self.key)
        if record is None or (record.state, record.name) != ("done", self.backup):
            return None
        return {"moment": record.outputs["moment"]} if "moment" in record.outputs else None

    def apply(self, context: Context) -> Outputs:
        """Ask for the backup and wait. Where the service has none, the restore to this moment takes its place.

        Raises DeploymentFailed, or AzureRefused.
        """
        context.remember("begun", name=self.backup)
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        if not has_backups(self.size):
            return self._restorable(context, moment, "the Burstable tier has no on-demand backups")
        try:
            self.arm.ask("PUT", f"{self.backup}?api-version={VERSION}", doing=f"back up {name_of(self.server)}")
        except AzureRefused as refused:
            if refused.unreached or refused.transient or refused.status != _REFUSED:
                raise
            return self._restorable(context, moment, str(refused).splitlines()[0])
        for _ in poll(context, interval=_POLL_SECONDS, limit=_LIMIT_SECONDS, speed=self.arm.target.speed):
            if completed := self._completed():
                context.emit("resource.finished", "complete", resource=name_of(self.backup), type="backup")
                return {"completed": completed}
        raise DeploymentFailed(
            f"the backup {name_of(self.backup)} is not complete after {_LIMIT_SECONDS / 60:.0f} minutes"
        )

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Read the backup again, if there is one."""
        if "completed" in outputs and not self._completed():
            raise VerificationFailed(f"the backup {name_of(self.backup)} is not listed")

    def _completed(self) -> str:
        """Time at which the backup was complete, "" while it is not."""
        found = self.arm.find(f"{self.backup}?api-version={VERSION}", doing=f"read {name_of(self.backup)}") or {}
        return as_text(member(found, "properties", "completedTime"))

    def _restorable(self, context: Context, moment: str, why: str) -> Outputs:
        """No backup was made: names the moment to which the server can be restored from its automatic backups."""
        context.emit(
            "not-checked",
            f"on-demand backup of {name_of(self.server)}: {why}; to return: {restore(self.server, moment)}",
        )
        return {"moment": moment}


_REFUSED: Final = 400


def has_backups(size: str) -> bool:
    """Whether servers of a compute size have on-demand backups."""
    return postgres_tier(size) != "Burstable"


def restore(server: str, moment: str) -> str:
    """The command that restores a server to a moment, as a new server beside it."""
    name = name_of(server)
    words = ("az", "postgres", "flexible-server", "restore", "--subscription", subscription_of(server))
    more = ("--resource-group", group_of(server), "--name", f"{name}-restored", "--source-server", name)
    return shlex.join((*words, *more, "--restore-time", moment))
