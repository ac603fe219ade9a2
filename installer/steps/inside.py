"""What has to be done inside the network of an environment, in its Kubernetes cluster or by its jobs of Container Apps."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from installer.cloud.clusters import ClusterCommands
from installer.cloud.service import Service
from installer.engine.step import Context, Step
from installer.parameters.installation import Installation, Site
from installer.parameters.kubernetes import jobs, prefect
from installer.parameters.kubernetes.objects import Home, Manifest
from installer.parameters.places import resource_id
from installer.parameters.work import WorkName, works
from installer.steps.cluster import Cluster, LayIn, LeaveCluster
from installer.steps.jobs import RunJob

DATA: Final = "data"
OBSERVABILITY: Final = "observability"
_TITLES: Final[dict[WorkName, str]] = {"bootstrap": "Roles in the databases", "migrate": "Tables of FlowForge"}


def bootstrap_key(environment: str) -> str:
    """Key of the step after which the identities of an environment have their roles in the databases."""
    return f"bootstrap-{environment}"


def inside(it: Installation, arm: Service, stages: set[str]) -> Iterator[Step]:
    """The steps of every environment. `stages`: keys of the stages that there are."""
    for site in it.sites:
        yield from _in_cluster(it, site, arm, stages) if site.on_kubernetes else _by_jobs(it, site, arm)


def _by_jobs(it: Installation, site: Site, arm: Service) -> Iterator[Step]:
    group = it.names.group(site.name)
    before: tuple[str, ...] = (f"runtime-{site.name}", DATA)
    for name, title in _TITLES.items():
        job = resource_id(site.subscription, group, "Microsoft.App/jobs", it.names.job(site.name, name))
        step = RunJob(arm, job, f"{name}-{site.name}", f"{title} · {site.name}", before)
        yield step
        before = (step.key,)


def _in_cluster(it: Installation, site: Site, arm: Service, stages: set[str]) -> Iterator[Step]:
    where = resource_id(
        site.subscription,
        it.names.group(site.name),
        "Microsoft.ContainerService/managedClusters",
        it.names.kubernetes(site.name),
    )
    cluster = Cluster(ClusterCommands(arm, where))

    def lay(name: str, title: str, make: Callable[[Home], Sequence[Manifest]], *needs: str) -> LayIn:
        def from_outputs(context: Context) -> Sequence[Manifest]:
            return make(Home(it, site, context.outputs))

        return LayIn(cluster, f"{name}-{site.name}", f"{title} · {site.name}", from_outputs, needs)

    def work(name: WorkName, *needs: str) -> LayIn:
        def make(home: Home) -> Sequence[Manifest]:
            return jobs.job(home, next(one for one in works(it, site, home.outputs) if one.name == name))

        return lay(name, _TITLES[name], make, *needs)

    base = lay("cluster", "Namespace in the cluster", prefect.foundation, f"runtime-{site.name}")
    bootstrap = work("bootstrap", base.key, DATA)
    kept = {f"secrets-{site.name}"} & stages
    running = lay("prefect", "Prefect in the cluster", _prefect, bootstrap.key, *kept)
    steps = (
        base,
        bootstrap,
        work("migrate", bootstrap.key),
        running,
        lay("reporter", "Reporter in the cluster", _reporter, running.key, OBSERVABILITY),
    )
    yield from steps
    yield LeaveCluster(cluster, site.name, tuple(step.key for step in steps))


def _prefect(home: Home) -> list[Manifest]:
    return [*prefect.server(home), *prefect.worker(home)]


def _reporter(home: Home) -> list[Manifest]:
    return jobs.reporter(home, home.outputs[OBSERVABILITY])
