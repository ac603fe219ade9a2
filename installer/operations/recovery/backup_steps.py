"""Steps of backups on demand; each is done once its restore point exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from installer.durations import usual_seconds
from installer.errors import DeploymentFailed, VerificationFailed
from installer.json_access import as_text, member
from installer.operations.recovery.backup_plan import BACKUP_VERSION
from installer.operations.recovery.database_server import SERVERS, VERSION
from installer.operations.recovery.prefect_steps import backup_prefect
from installer.operations.recovery.restore_model import Write
from installer.operations.recovery.writing import LIMIT_SECONDS, POLL_SECONDS, is_done, written
from installer.preflight.moments import moment_of, shown_moment
from installer.steps.flow_programs import FlowPrograms
from installer.steps.polling import is_under_way, poll

if TYPE_CHECKING:
    from installer.cloud.rest import Service
    from installer.engine.step import Context, Outputs, Step
    from installer.jsontypes import Json
    from installer.operations.recovery.backup_model import Backups, Part

ProgramsOf: TypeAlias = Callable[[str], FlowPrograms]
"""Makes the jobs in the network of an environment."""
RULE: Final = "BackupDaily"
"""Backup rule of the policy in bicep/modules/backup-vault.bicep."""
CLOCK_SECONDS: Final = 300.0
"""Chosen: difference between the clock of this machine and that of Azure."""


@dataclass(frozen=True)
class BackUpServer:
    """Takes a backup of a PostgreSQL server. Azure accepts no second one of the same name, nor at the same time."""

    service: Service
    part: Part
    needs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """One for each server."""
        return f"backup-{self.part.name}"

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"PostgreSQL backed up · {self.part.name}"

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return usual_seconds(f"{SERVERS}/backups") / self.service.target.speed

    @property
    def _write(self) -> Write:
        return Write(self.part.action, f"{SERVERS}/backups", VERSION, {})

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when the backup exists."""
        return {} if is_done(self.service, self._write) else None

    def apply(self, context: Context) -> Outputs:
        """Take it."""
        written(self.service, context, self._write, method_body=False)
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Raises VerificationFailed unless Azure shows when it was completed."""
        found = self.service.find(self._write.path) or {}
        at = moment_of(as_text(member(found, "properties", "completedTime")))
        if not at:
            raise VerificationFailed(f"Azure does not show a completed backup of {self.part.name}")
        context.emit("log", f"{self.part.name} can be restored to {shown_moment(at)}")


@dataclass(frozen=True)
class BackUpLake:
    """Takes a backup of a data lake.

    Attributes:
        since: Time of the command, in seconds since the epoch: an older recovery point is not its own.

    """

    service: Service
    part: Part
    since: float
    needs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """One for each data lake."""
        return f"backup-{self.part.name}"

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Data lake backed up · {self.part.name}"

    @property
    def usual_seconds(self) -> float:
        """Estimated: it depends on the size of the lake."""
        return 600.0 / self.service.target.speed

    def _newest(self) -> float:
        path = f"{self.part.action}/recoveryPoints?api-version={BACKUP_VERSION}"
        found = self.service.every(path, doing=f"read the recovery points of {self.part.name}")
        times = (moment_of(as_text(member(one, "properties", "recoveryPointTime"))) for one in found)
        return max(times, default=0.0)

    def _is_new(self, at: float) -> bool:
        return at >= self.since - CLOCK_SECONDS

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when a recovery point is as new as the command."""
        return {} if self._is_new(self._newest()) else None

    def apply(self, context: Context) -> Outputs:
        """Ask for it, and wait until its recovery point exists. Raises DeploymentFailed, AzureRefused."""
        before = context.memory.recall(self.key)
        location = ""
        if before is None or before.state != "begun":
            context.remember("begun", name=self.part.name)
            body: dict[str, Json] = {"backupRuleOptions": {"ruleName": RULE, "triggerOption": {}}}
            path = f"{self.part.action}/backup?api-version={BACKUP_VERSION}"
            location = self.service.ask("POST", path, body, doing=f"back up {self.part.name}").location
        for _ in poll(context, interval=POLL_SECONDS, limit=LIMIT_SECONDS, speed=self.service.target.speed):
            if is_under_way(self.service, location, f"back up {self.part.name}"):
                continue
            location = ""
            if self._is_new(self._newest()):
                return {}
        raise DeploymentFailed(
            f"no recovery point of {self.part.name} was made in time; its backup job is in the portal"
        )

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Raises VerificationFailed without the recovery point."""
        if not self._is_new(at := self._newest()):
            raise VerificationFailed(f"Azure does not show a new recovery point of {self.part.name}")
        context.emit("log", f"{self.part.name} can be restored to {shown_moment(at)}, to another account")


def backup_steps(found: Backups, service: Service, since: float, programs: ProgramsOf) -> tuple[Step, ...]:
    """The steps, one for each part of which a backup can be taken.

    Args:
        found: The parts.
        service: Azure Resource Manager.
        since: Time of the command.
        programs: Makes the jobs of an environment.

    """
    steps: list[Step] = []
    for one in found.wanted:
        if one.kind == "prefect":
            steps += backup_prefect(programs(one.environments[0]), Path(one.action))
        else:
            steps.append(BackUpServer(service, one) if one.kind == "postgres" else BackUpLake(service, one, since))
    return tuple(steps)
