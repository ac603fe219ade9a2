"""Steps of a backup of Prefect's objects in files, and of their restore: jobs in the network of an environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from installer.conventions.counts import counted
from installer.errors import InstallerError, PrefectFailed, VerificationFailed
from installer.json_access import as_list, as_object, as_text
from installer.operations.recovery.prefect_files import PrefectBackup, read_backup, write_backup
from installer.prefect_setup.backup.order import BackupOrder, from_lines
from installer.prefect_setup.payload import backup_settings
from installer.steps.flows import result_of
from installer.steps.job_program import ProgramStep, run_program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from installer.engine.step import Context, Outputs, Step
    from installer.jsontypes import Json
    from installer.steps.flow_programs import FlowPrograms
    from installer.steps.job_program import Line

RESTORE: Final = "restore-prefect"
COMPARE: Final = "restore-prefect-compare"


@dataclass(frozen=True)
class BackUpPrefect(ProgramStep):
    """Writes the objects of the Prefect server of an environment to files.

    Attributes:
        path: Folder of the backup.
        installation: Prefix of the installation.

    """

    path: Path
    installation: str
    failure: ClassVar[type[InstallerError]] = PrefectFailed

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when the folder exists: it is complete once it has its name."""
        return {} if self.path.exists() else None

    def apply(self, context: Context) -> Outputs:
        """Read the objects, and write the files. Raises PrefectFailed, or UsageError if they cannot be written."""
        objects = from_lines(run_program(context, self.job, self.failure))
        backup = PrefectBackup(self.path, self.environment, self.installation, self.path.name, objects)
        write_backup(backup)
        context.emit("log", f"{counted(len(objects), 'object')} of Prefect of {self.environment} are in {self.path}")
        for name, secrets in backup.secrets.items():
            text = f"block {name} of {self.environment}: {', '.join(secrets)} is a secret, which no backup has"
            context.emit("warning", text, left=f"{text}; keep it where you can give it again after a restore")
        return {"objects": len(objects)}

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Read the files again. Raises VerificationFailed if they have other objects."""
        found = len(read_backup(self.path).objects)
        if "objects" in outputs and found != outputs["objects"]:
            raise VerificationFailed(f"{self.path} has {found} objects instead of {outputs['objects']}")


@dataclass(frozen=True)
class ComparePrefect(ProgramStep):
    """Compares the Prefect server of an environment with a backup. Its outputs have the lines of what differs."""

    failure: ClassVar[type[InstallerError]] = PrefectFailed

    def apply(self, context: Context) -> Outputs:
        """Compare. Raises PrefectFailed."""
        lines = run_program(context, self.job, self.failure)
        names = ("diff", "kind", "name", "text", "secrets")
        found: list[Json] = [{name: line.get(name) for name in names} for line in lines if "diff" in line]
        return {"numbers": result_of(lines), "lines": found}


@dataclass(frozen=True)
class RestorePrefect(ProgramStep):
    """Restores objects of a backup. The program compares again, also after the last change."""

    failure: ClassVar[type[InstallerError]] = PrefectFailed

    def emit_lines(self, context: Context, lines: Sequence[Line]) -> None:
        """Emit an event for each object that was changed, and what has to be given again."""
        for line in lines:
            event, text = line.get("event"), as_text(line.get("text"))
            if event in ("created", "updated", "removed"):
                name = f"{as_text(line.get('kind'))} {as_text(line.get('name'))}"
                context.emit("resource.finished", text, resource=name, change=event)
            if secrets := ", ".join(as_text(one) for one in as_list(line.get("secrets"))):
                block = f"block {as_text(line.get('name'))} of {self.environment}"
                left = f"{block}: give {secrets} again, a secret that no backup has"
                context.emit("warning", f"{block} is without {secrets}", left=left)

    def outputs(self, lines: Sequence[Line]) -> Outputs:
        """Numbers of objects by what was done with them."""
        return as_object(result_of(lines))


def backup_prefect(programs: FlowPrograms, path: Path) -> tuple[Step, ...]:
    """The steps of a backup in files."""
    name = programs.site.name
    job = programs.job(
        f"backup-prefect-{name}",
        f"Objects of Prefect in files · {name}",
        lambda _context: backup_settings(BackupOrder("read")),
    )
    return programs.completed([BackUpPrefect(job, name, path, programs.it.names.prefix)])


def restore_prefect(programs: FlowPrograms, order: BackupOrder) -> tuple[Step, ...]:
    """The steps of a comparison with a backup, or of a restore."""
    name = programs.site.name
    compares = order.mode == "compare"
    key, title = (COMPARE, "Prefect compared with the backup") if compares else (RESTORE, "Objects of Prefect restored")
    job = programs.job(f"{key}-{name}", f"{title} · {name}", lambda _context: backup_settings(order))
    return programs.completed([ComparePrefect(job, name) if compares else RestorePrefect(job, name)])
