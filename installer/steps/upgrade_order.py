"""Steps around a run that upgrades an installation: backups before tables change, paused work pools while workers change.

On Container Apps a new revision ends the flow runs in its worker (learn.microsoft.com, container-apps/revisions). Clients of Prefect that
are newer than its server may not work (docs.prefect.io/v3/concepts/server): pools are paused by what runs, before anything changes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from installer.cloud.rest import Service
from installer.engine.step import Outputs, Step
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.data import server_of
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.steps.cluster import RemoveClusterRole
from installer.steps.database_backup import BackUpBeforeChange
from installer.steps.job_step import JobStep
from installer.steps.pool_steps import PoolJobs
from installer.steps.promotion import Promotion

SWITCH: Final = "switch to a restored server"
"""Name of an upgrade that changes the database server: the former one is the backup."""
UPGRADE: Final = "upgrade"
"""Fact of the journal of a run that upgrades an installation."""
_CHANGING: Final = ("upgrade", "prefect", "worker", "reporter", "register")
"""Steps of an environment that change what runs flows, or the tables of Prefect; on Container Apps also the stage of the runtime."""


@dataclass(frozen=True)
class Upgrade:
    """The upgrade that a run makes.

    Attributes:
        what: Name of the part on the command line.
        mark: Differs for each upgrade.
        patience: Seconds to wait for flow runs that are under way.
        environment: The environment that it changes, "" for all of them.
        promotion: The promotion that it is, None for another upgrade.

    """

    what: str
    mark: str
    patience: float
    environment: str = ""
    promotion: Promotion | None = None

    @property
    def drains(self) -> bool:
        """Whether it changes what runs flows: the image of the web app does not."""
        return self.what != "images" if self.promotion is None else self.promotion.changes_prefect

    @property
    def backs_up(self) -> bool:
        """Whether each server is backed up before its tables change."""
        return self.what != SWITCH

    def as_json(self) -> Json:
        """As a journal keeps it."""
        promotion = self.promotion.as_json() if self.promotion is not None else None
        more: dict[str, Json] = {"environment": self.environment, "promotion": promotion}
        return {"what": self.what, "mark": self.mark, "patience": self.patience, **more}

    @classmethod
    def of(cls, fact: Json) -> "Upgrade | None":
        """From a journal; None for a run that upgrades nothing."""
        found = as_object(fact)
        patience = found.get("patience")
        if not found:
            return None
        return cls(
            as_text(found.get("what")),
            as_text(found.get("mark")),
            float(patience) if isinstance(patience, int | float) else 0.0,
            as_text(found.get("environment")),
            Promotion.of(found.get("promotion")),
        )


def around(
    upgrade: Upgrade, steps: Sequence[Step], it: Installation, arm: Service, outputs: Mapping[str, Outputs]
) -> tuple[Step, ...]:
    """The steps of an installation with those of its upgrade.

    Args:
        upgrade: What is upgraded.
        steps: The steps of the installation.
        it: The installation.
        arm: Azure Resource Manager.
        outputs: Outputs of the stages and images that are deployed now: the pools are paused by what runs now.

    """
    found, present = list(steps), {step.key for step in steps}
    for site in it.sites:
        if upgrade.environment not in ("", site.name):
            continue
        tables = tables_of(site) & present if upgrade.backs_up else set()
        found = (
            found
            if not tables
            else with_backup(
                found, BackUpBeforeChange(arm, server_of(it, site), site.postgres_size, upgrade.mark), tables
            )
        )
        if upgrade.drains:
            found = _paused(upgrade, found, PoolJobs(it, site, arm, upgrade.mark, outputs), site)
    return tuple(found)


def tables_of(site: Site) -> set[str]:
    """Keys of the steps that migrate tables of an environment; not every installation has both."""
    return {keys.migrate(site.name), keys.prefect_tables(site.name)}


def with_backup(steps: Sequence[Step], backup: BackUpBeforeChange, tables: Collection[str]) -> list[Step]:
    """The steps with a backup of a server, once for all environments on it, before those with these keys."""
    known = [] if backup.key in {step.key for step in steps} else [backup]
    return [*(after_step(step, backup.key) if step.key in tables else step for step in steps), *known]


def _paused(upgrade: Upgrade, steps: Sequence[Step], pools: PoolJobs, site: Site) -> list[Step]:
    """The steps of an environment between a pause of its work pools and their resumption."""
    changing = {keys.of_environment(name, site.name) for name in _CHANGING}
    changing |= set() if site.on_kubernetes else {keys.runtime(site.name)}
    drain = pools.drain(upgrade.patience, (keys.PREFLIGHT,))
    resume = pools.resume(tuple(step.key for step in steps if step.key in changing))
    placed: list[Step] = []
    for step in steps:
        closes = isinstance(step, RemoveClusterRole) and step.environment == site.name
        if step.key in changing:
            placed.append(after_step(step, drain.key))
        elif step.key == keys.canary(site.name) or closes:
            placed.append(after_step(step, resume.key))
        else:
            placed.append(step)
    return [*placed, drain, resume]


def after_step(step: Step, key: str) -> Step:
    """The step after another one."""
    given: Any = step
    if isinstance(step, JobStep):
        return replace(given, job=after_step(step.job, key))  # type: ignore[no-any-return]
    return replace(given, needs=(*step.needs, key))  # type: ignore[no-any-return]
