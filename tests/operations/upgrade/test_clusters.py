"""The plan of an upgrade of Kubernetes, and its steps on the embedded Azure: what is planned is what happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from installer.cloud.rest import Method, Response
from installer.engine.runner import Result
from installer.engine.runner import run as run_steps
from installer.engine.schedule import Schedule
from installer.engine.step import Step, Stop
from installer.engine.stream import Stream
from installer.errors import InstallerError, UsageError
from installer.estate.parameters.context import Installation
from installer.operations.upgrade.cluster_steps import ClusterSteps
from installer.operations.upgrade.clusters import ClusterUpgrade, needs_of, plan_clusters, sites_on_kubernetes
from installer.operations.upgrade.model import UpgradePlan
from installer.operations.upgrade.report import rendered
from installer.preflight.rights.permissions import held
from installer.preflight.subject import Subject
from installer.runs.preflight import gate
from installer.secret_store import Secrets
from installer.steps.cluster_upgrade import UpgradeVersion
from installer.steps.plan import installation
from tests.bicep.answers_variants import answers
from tests.operations.status.observed_estate import Seen
from tests.operations.upgrade.old_cluster import CLUSTER, has_version
from tests.preflight.surveyed import LocalService
from tests.steps.step_context import StepMemory, no_answer

if TYPE_CHECKING:
    from installer.jsontypes import Json


class Moving(LocalService):
    """An embedded Azure whose operations end at once; `left`: writes that it takes before the installer is killed."""

    left: int | None = None

    @override
    def reply(self, method: Method, path: str, body: "dict[str, Json] | None", doing: str) -> Response:  # type: ignore[override]
        if method == "PUT":
            if self.left == 0:
                raise KilledError
            self.left = None if self.left is None else self.left - 1
        response = super().reply(method, path, body, doing)
        if method == "PUT":
            self.on_loop(self._azure.done())
        return response


class KilledError(Exception):
    """The process of the installer ends here."""


@dataclass
class Upgrading:
    """An installation whose cluster is upgraded."""

    seen: Seen
    events: list[str] = field(default_factory=list)

    @contextmanager
    def subject(self) -> Iterator[Subject]:
        """The answers with new reads."""
        with self.seen.observed() as observed:
            yield observed.subject

    def plan(self, to: str = "", environment: str = "") -> tuple[UpgradePlan, tuple[ClusterUpgrade, ...]]:
        """The plan now."""
        with self.subject() as subject:
            return plan_clusters(subject, Installation(self.seen.answers), environment, to)

    def all_steps(self, service: LocalService, to: str = "") -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The steps of the installation with those of the upgrade, and the keys of those to run."""
        given, arm = self.seen.answers, self.seen.arm
        first = gate(arm.target, given, None, Secrets())
        every = (first, *installation(given, arm, secrets=Secrets(), run="contoso-1"))
        steps = ClusterSteps(Installation(given), service, "contoso-1", "mark", 60.0, {})
        return steps.steps(every, self.plan(to)[1])

    def run(self, to: str = "", left: int | None = None) -> Result:
        """Run the upgrades alone, without the jobs in the cluster; with `left`, the process ends at a later write."""
        service = Moving(self.seen.estate.azure)
        service.left = left
        upgrades = [one for one in self.all_steps(service, to)[0] if isinstance(one, UpgradeVersion)]
        keys = {one.key for one in upgrades}
        alone = [_alone(one, keys) for one in upgrades]
        stream = Stream()
        stream.listen(lambda event: self.events.append(f"{event.kind} {event.text}"))
        bugs: list[BaseException] = []

        def bug(error: BaseException) -> InstallerError:
            bugs.append(error)
            return InstallerError(repr(error))

        try:
            result = run_steps(
                alone, stream=stream, memory=StepMemory(), stop=Stop(), answering=no_answer, explain_bug=bug, patience=0
            )
        finally:
            service.close()
        for one in bugs:
            if not isinstance(one, KilledError):
                raise one
        return result

    def versions(self) -> set[str]:
        """Versions of the control plane and of each pool, as the plan reads them."""
        with self.subject() as subject:
            where = self.seen.find(CLUSTER)
            pools = subject.arm.service.every(f"{where}/agentPools?api-version=2026-03-01")
            body = subject.arm.service.ask("GET", f"{where}?api-version=2026-03-01").body
            shown = {str(one["properties"]["currentOrchestratorVersion"]) for one in pools}  # type: ignore[index,call-overload]
            assert len(pools) == 2
            return shown | {str(body["properties"]["currentKubernetesVersion"])}  # type: ignore[index,call-overload]


def _alone(step: UpgradeVersion, keys: set[str]) -> UpgradeVersion:
    """The step without those of the jobs before it."""
    kind = type(step)
    needs = tuple(need for need in step.needs if need in keys)
    return kind(step.arm, step.resource, step.version, step.environment, step.key, needs)


def test_a_cluster_with_the_newest_version_has_nothing_to_do(dev: Seen) -> None:
    plan, upgrades = Upgrading(dev).plan()
    assert (plan.changes, upgrades, plan.blocks) == ((), (), False)
    assert "nothing to do" in rendered(plan)


def test_what_is_planned_is_what_happens_and_a_second_plan_has_nothing_to_do(dev: Seen) -> None:
    has_version(dev, "1.34.0")
    upgrading = Upgrading(dev)
    plan, _ = upgrading.plan()
    assert [(one.shown.partition(", ")[2], one.before, one.after) for one in plan.changes] == [
        ("control plane", "1.34.0", "1.35.0"),
        ("node pool system", "1.34.0", "1.35.0"),
        ("node pool flows", "1.34.0", "1.35.0"),
        ("control plane", "1.35.0", "1.36.0"),
        ("node pool system", "1.35.0", "1.36.0"),
        ("node pool flows", "1.35.0", "1.36.0"),
    ]
    assert not plan.blocks
    text = rendered(plan)
    assert "~ dev: aks-ff-contoso-dev, control plane 1.34.0 → 1.35.0" in text
    assert "Azure does not go back to an older version of Kubernetes" in " ".join(text.split())
    before = dev.contents()
    assert upgrading.run().state == "succeeded"
    assert upgrading.versions() == {"1.36.0"}
    assert upgrading.plan()[0].changes == ()
    changed = {key for key, value in dev.contents().items() if before.get(key) != value}
    assert {key.rpartition("/")[2] for key in changed} == {"aks-ff-contoso-dev", "system", "flows"}


def test_only_the_version_that_was_asked_for(dev: Seen) -> None:
    has_version(dev, "1.34.0")
    upgrading = Upgrading(dev)
    assert upgrading.run("1.35").state == "succeeded"
    assert upgrading.versions() == {"1.35.0"}


@pytest.mark.parametrize("left", range(6))
def test_killed_before_any_write_and_started_again_it_comes_to_the_same_end(dev: Seen, left: int) -> None:
    has_version(dev, "1.34.0")
    upgrading = Upgrading(dev)
    assert upgrading.run(left=left).state == "failed"
    assert len(upgrading.plan()[0].changes) == 6 - left
    assert upgrading.run().state == "succeeded"
    assert upgrading.versions() == {"1.36.0"}


def test_a_pool_that_others_left_behind_is_brought_along(dev: Seen) -> None:
    has_version(dev, "1.35.0", flows="1.34.0")
    upgrading = Upgrading(dev)
    first = upgrading.plan()[0].changes[0]
    assert (first.shown, first.after) == ("aks-ff-contoso-dev, node pool flows", "1.35.0")
    assert upgrading.run().state == "succeeded"
    assert upgrading.versions() == {"1.36.0"}


def test_an_older_version_and_one_that_the_region_does_not_offer_are_refused(dev: Seen) -> None:
    has_version(dev, "1.35.0")
    with pytest.raises(UsageError, match=r"dev has 1\.35\.0, and Azure does not go back"):
        Upgrading(dev).plan("1.34")
    with pytest.raises(UsageError, match=r"offers 1\.36\.0, 1\.35\.0, 1\.34\.0, 1\.33\.0"):
        Upgrading(dev).plan("1.39")


def test_a_stopped_cluster_and_one_that_has_left_support_are_in_the_way(dev: Seen) -> None:
    has_version(dev, "1.31.0")
    dev.ask("POST", f"{dev.find(CLUSTER)}/stop?api-version=2026-03-01")
    plan, _ = Upgrading(dev).plan()
    assert [one.what for one in plan.findings if one.severity == "blocks"] == [
        "aks-ff-contoso-dev is stopped",
        "Kubernetes 1.31.0 of aks-ff-contoso-dev has left support",
    ]


@pytest.mark.parametrize(
    ("actions", "missing"),
    [
        (["Microsoft.ContainerService/*", "*/read"], []),
        (
            ["Microsoft.ContainerService/managedClusters/write", "*/read"],
            ["Microsoft.ContainerService/managedClusters/agentPools/write"],
        ),
        (
            ["*/read"],
            [
                "Microsoft.ContainerService/managedClusters/agentPools/write",
                "Microsoft.ContainerService/managedClusters/write",
            ],
        ),
    ],
)
def test_rights_that_are_missing_are_in_the_way(dev: Seen, actions: list[str], missing: list[str]) -> None:
    has_version(dev, "1.35.0")
    upgrades = Upgrading(dev).plan()[1]
    permissions: list[dict[str, Json]] = [
        {"actions": list(actions), "notActions": [], "dataActions": [], "notDataActions": []}
    ]
    needs = list(needs_of(upgrades))
    assert sorted(need.action for need in needs if held(permissions, need) == "no") == missing
    assert {need.scope.rpartition("/")[2] for need in needs} == {"rg-ff-contoso-dev"}


def test_an_environment_without_a_cluster_has_no_upgrade() -> None:
    it = Installation(answers("dev", platform={"runtime": "container_apps"}))
    with pytest.raises(UsageError, match="has no cluster"):
        sites_on_kubernetes(it, "")


def test_pools_are_paused_first_and_resumed_before_a_new_acceptance_run(dev: Seen) -> None:
    has_version(dev, "1.35.0")
    service = LocalService(dev.estate.azure)
    steps, only = Upgrading(dev).all_steps(service)
    order = [step.key for step in Schedule(steps, only)._order if step.key in only]
    assert order[:4] == ["drain-dev", "kubernetes-1.36.0-dev", "nodes-system-1.36.0-dev", "nodes-flows-1.36.0-dev"]
    assert set(order[4:-2]) == {"prefect-dev", "worker-dev", "reporter-dev", "register-dev"}
    assert order[-2:] == ["resume-dev", "canary-dev"]
    (closing,) = [step for step in steps if step.key == "leave-dev"]
    assert {"resume-dev", "canary-dev"} <= set(closing.needs)
    service.close()
