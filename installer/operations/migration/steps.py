"""Steps that read which migrations are pending, and those that apply them: the steps of the installation, after a backup."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from installer.engine.step import Step
from installer.errors import InstallerError, PrefectFailed
from installer.estate import keys
from installer.estate.parameters.data import server_of
from installer.estate.parameters.prefect_migrations import pending_command
from installer.steps.database_backup import BackUpBeforeChange
from installer.steps.flows import result_of
from installer.steps.job_program import run_program
from installer.steps.job_step import JobStep
from installer.steps.upgrade_order import tables_of, with_backup

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from installer.cloud.rest import Service
    from installer.engine.step import Context, Outputs
    from installer.estate.parameters.context import Installation
    from installer.jsontypes import Json
    from installer.steps.flow_programs import FlowPrograms
    from installer.steps.job_program import Job

READ: Final = "pending-migrations"


@dataclass(frozen=True)
class ReadMigrations:
    """Reads which migrations the tables of an environment wait for; changes nothing in its databases.

    Attributes:
        environment: The environment.
        web: The step of the installation that migrates the tables of FlowForge.
        listing: The job that lists pending migrations of Prefect; None without a server of Prefect.
        deployed: Outputs of the installed stages.

    """

    environment: str
    web: Step
    listing: Job | None
    deployed: Mapping[str, Outputs]
    needs: tuple[str, ...] = ()
    failure: ClassVar[type[InstallerError]] = PrefectFailed

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.of_environment(READ, self.environment)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Pending migrations · {self.environment}"

    @property
    def usual_seconds(self) -> float:
        """That of its job."""
        return self.listing.usual_seconds if self.listing is not None else 5.0

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Never done before: another one may have migrated since."""
        return None

    def apply(self, context: Context) -> Outputs:
        """Read. Raises PrefectFailed if the job fails."""
        known = replace(context, outputs={**self.deployed, **context.outputs})
        prefect: Json = None
        if self.listing is not None:
            prefect = result_of(run_program(context, self.listing, self.failure))
        return {"web": self.web.check(known) is not None, "prefect": prefect}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """It has only read."""


def reading_steps(every: Sequence[Step], programs: Sequence[FlowPrograms]) -> tuple[Step, ...]:
    """The steps that read; `every`: the steps of the installation."""
    by_key, found = {step.key: step for step in every}, list[Step]()
    for one in programs:
        name = one.site.name
        listing = None
        if keys.prefect_tables(name) in by_key:
            key, title = keys.of_environment(READ, name), f"Pending migrations · {name}"
            listing = one.job(key, title, lambda _: {}, work="upgrade", command=pending_command(one.it))
        read = ReadMigrations(name, by_key[keys.migrate(name)], listing, one.outputs)
        found += one.completed([read])
    return tuple(found)


def migration_steps(
    every: Sequence[Step], it: Installation, service: Service, environments: Collection[str], mark: str
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """The steps of the installation with a backup before those that migrate, and the keys of those to run.

    Args:
        every: The steps of the installation.
        it: The installation.
        service: Azure Resource Manager.
        environments: The environments to migrate.
        mark: Differs for each migration: one that is resumed finds its backup.

    """
    present, found, only = {step.key for step in every}, list(every), list[str]()
    for site in it.sites:
        if site.name not in environments:
            continue
        tables = tables_of(site) & present
        backup = BackUpBeforeChange(service, server_of(it, site), site.postgres_size, mark)
        found = with_backup([_run_always(step) if step.key in tables else step for step in found], backup, tables)
        only += [backup.key, *sorted(tables)]
    return tuple(found), tuple(dict.fromkeys(only))


def _run_always(step: Step) -> Step:
    """The step, run although its job has succeeded before: a restored database may have older tables."""
    given: Any = step
    if isinstance(step, JobStep):
        return replace(given, job=_run_always(step.job))  # type: ignore[no-any-return]
    return replace(given, run_always=True)  # type: ignore[no-any-return]
