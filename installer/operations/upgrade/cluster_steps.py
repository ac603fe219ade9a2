"""Steps of an upgrade of Kubernetes: pause the work pools, upgrade, resume them, prove the environment; one environment after another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from installer.estate import keys
from installer.steps.cluster_upgrade import UpgradeControlPlane, UpgradeNodePool
from installer.steps.job_step import JobStep
from installer.steps.pool_steps import PoolJobs
from installer.steps.workloads import workload_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from installer.cloud.rest import Service
    from installer.engine.step import Outputs, Step
    from installer.estate.parameters.context import Installation, Site
    from installer.operations.upgrade.clusters import ClusterUpgrade


@dataclass(frozen=True)
class ClusterSteps:
    """The steps of an upgrade.

    Attributes:
        it: The installation.
        service: Azure Resource Manager.
        run: Name of the run.
        mark: Differs for each upgrade, so that its jobs run again.
        patience: Seconds to wait for flow runs that are under way.
        recorded: Outputs of the steps that were done.

    """

    it: Installation
    service: Service
    run: str
    mark: str
    patience: float
    recorded: Mapping[str, Outputs]

    def steps(
        self, every: Sequence[Step], upgrades: Sequence[ClusterUpgrade]
    ) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The steps of the installation with those of the upgrade, and the keys of those to run."""
        steps, own, before = list(every), [], ()  # type: list[Step], list[str], tuple[str, ...]
        for one in upgrades:
            pools = PoolJobs(self.it, one.site, self.service, self.mark, self.recorded)
            drain = pools.drain(self.patience, before)
            moved = self._moves(one, drain.key)
            last = moved[-1].key if moved else drain.key
            healthy = _workloads(one.site, steps)
            resume = pools.resume((last, *healthy))
            proof = self._proof(one.site, every, resume.key)
            after = {**dict.fromkeys(healthy, last), keys.remove_cluster_role(one.site.name): resume.key}
            steps = [proof if step.key == proof.key else _placed(step, after) for step in steps]
            steps += [drain, *moved, resume]
            own += [drain.key, *(step.key for step in moved), *healthy, resume.key, proof.key]
            before = (proof.key,)
        return tuple(steps), tuple(own)

    def _moves(self, one: ClusterUpgrade, before: str) -> list[Step]:
        """The upgrades of a cluster, one after another: Azure takes no two at a time."""
        found: list[Step] = []
        for move in one.moves:
            needs = (found[-1].key if found else before,)
            name = one.site.name
            if move.pool:
                key, pool = keys.pool_version(name, move.pool, move.after), f"{one.cluster}/agentPools/{move.pool}"
                found.append(UpgradeNodePool(self.service, pool, move.after, name, key, needs))
            else:
                key = keys.control_plane_version(name, move.after)
                found.append(UpgradeControlPlane(self.service, one.cluster, move.after, name, key, needs))
        return found

    def _proof(self, site: Site, every: Sequence[Step], after: str) -> Step:
        """The acceptance run: the one of the installation was made before the upgrade, so it has another name."""
        key = keys.canary(site.name)
        needs = next(step.needs for step in every if step.key == key)
        marked = workload_steps(self.it, self.service, set(), f"{self.run}-{self.mark}", {})
        found: Any = next(step for step in marked if step.key == key)
        return replace(found, job=replace(found.job, needs=(*needs, after)))  # type: ignore[no-any-return]


def _workloads(site: Site, steps: Sequence[Step]) -> tuple[str, ...]:
    """Steps with what runs in the cluster: it has to be healthy on the new nodes."""
    wanted = [keys.of_environment(name, site.name) for name in ("prefect", "worker", "reporter")]
    present = {step.key for step in steps}
    return tuple(one for one in (*wanted, keys.register(site.name)) if one in present)


def _placed(step: Step, after: Mapping[str, str]) -> Step:
    """A step of the installation, after a step of the upgrade if `after` names one for its key."""
    if step.key not in after:
        return step
    needs, given = (*step.needs, after[step.key]), step  # type: tuple[str, ...], Any
    if isinstance(step, JobStep):
        return replace(given, job=replace(given.job, needs=needs))  # type: ignore[no-any-return]
    return replace(given, needs=needs)  # type: ignore[no-any-return]
