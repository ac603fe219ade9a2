"""Steps that run inside the network of an environment, in its Kubernetes cluster or as Container Apps jobs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from installer.cloud.clusters import ClusterCommands
from installer.cloud.rest import Service
from installer.engine.step import Context, Step
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.jobs import Work, WorkName, works
from installer.estate.parameters.kubernetes import jobs, prefect
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.estate.parameters.prefect_container_apps import SERVER_PORT, prefect_url
from installer.estate.parameters.resource_ids import resource_id
from installer.jsontypes import Json
from installer.prefect_setup.desired import PrefectPlace, describe
from installer.prefect_setup.model import Estate
from installer.prefect_setup.payload import COMMAND, to_apply, to_prove
from installer.steps.container_app_job import RunJob, Template, with_program
from installer.steps.kubernetes import ApplyManifests, Cluster, LeaveCluster, service_address
from installer.steps.prefect import Canary, Register

_REGISTER: Final = "Prefect work pools, blocks, deployments"
_CANARY: Final = "Acceptance run"
_HERE: Final = {"prefect": 12.0, "worker": 3.0, "register": 8.0, "canary": 8.0}
"""Seconds that the real processes of a rehearsal take on an idle machine with two cores (measured)."""
_TITLES: Final[dict[WorkName, str]] = {"bootstrap": "Roles in the databases", "migrate": "Tables of FlowForge"}


def workload_steps(it: Installation, arm: Service, stages: set[str], run: str) -> Iterator[Step]:
    """The steps of every environment.

    Args:
        it: the installation.
        arm: client of Azure Resource Manager.
        stages: keys of the stages of the installation.
        run: name of the run, for the canary.

    """
    for site in it.sites:
        orders = Orders(it, site, arm, run)
        yield from _in_cluster(orders, stages) if site.on_kubernetes else _by_jobs(orders)


@dataclass(frozen=True)
class Orders:
    """Settings of the Prefect program in an environment, and the URL of Prefect for users."""

    it: Installation
    site: Site
    arm: Service
    run: str

    def here(self, name: str) -> float:
        """Seconds that the real processes of a rehearsal take for a step; 0 in a real cloud."""
        return _HERE.get(name, 0.0) if self.arm.target.is_rehearsal else 0.0

    def to_apply(self) -> dict[str, Json]:
        """Settings to register the Prefect objects."""
        place = PrefectPlace.on_this_machine() if self.arm.target.is_rehearsal else PrefectPlace.on_azure()
        every = describe(self.it.answers, place)
        return to_apply(Estate(tuple(one for one in every.environments if one.name == self.site.name)))

    def to_prove(self) -> dict[str, Json]:
        """Settings to run the canary."""
        return to_prove(self.site.name, self.run)

    def address(self, context: Context) -> str:
        """URL of the Prefect UI, on this machine in a rehearsal; "" if unknown."""
        if self.arm.target.is_rehearsal:
            return str(self.arm.ask("GET", "/rehearsal/prefect").body.get("address", ""))
        url = prefect_url(self.it, self.site, context.outputs)
        return "" if url is None or self.it.answers.platform.prefect == "cloud" else url.removesuffix("/api")


def _by_jobs(orders: Orders) -> Iterator[Step]:
    it, site = orders.it, orders.site
    group = it.names.group(site.name)

    def job(name: str) -> str:
        return resource_id(site.subscription, group, "Microsoft.App/jobs", it.names.job(site.name, name))

    before: tuple[str, ...] = (keys.runtime(site.name), keys.DATA)
    for name, title in _TITLES.items():
        step = RunJob(orders.arm, job(name), keys.of_environment(name, site.name), f"{title} · {site.name}", before)
        yield step
        before = (step.key,)

    def instead(settings: Callable[[], dict[str, Json]]) -> Callable[[Context, Template], Template]:
        def changed(context: Context, template: Template) -> Template:
            more = {"PREFECT_API_URL": prefect_url(it, site, context.outputs), **settings()}
            return with_program(template, COMMAND, more)

        return changed

    key = keys.register(site.name)
    built = keys.control_plane(site.name)
    register = RunJob(
        orders.arm,
        job("register"),
        key,
        f"{_REGISTER} · {site.name}",
        (built, keys.bootstrap(site.name)),
        instead(orders.to_apply),
        again=True,
        here=orders.here("register"),
    )
    yield Register(register, site.name, orders.address)
    canary = RunJob(
        orders.arm,
        job("register"),
        keys.canary(site.name),
        f"{_CANARY} · {site.name}",
        (key,),
        instead(orders.to_prove),
        here=orders.here("canary"),
    )
    yield Canary(canary, site.name)


def _in_cluster(orders: Orders, stages: set[str]) -> Iterator[Step]:
    it, site = orders.it, orders.site
    where = resource_id(
        site.subscription,
        it.names.group(site.name),
        "Microsoft.ContainerService/managedClusters",
        it.names.kubernetes(site.name),
    )
    cluster = Cluster(ClusterCommands(orders.arm, where))

    def lay(name: str, title: str, make: Callable[[Home], Sequence[Manifest]], *needs: str) -> ApplyManifests:
        def from_outputs(context: Context) -> Sequence[Manifest]:
            return make(Home(it, site, context.outputs))

        return ApplyManifests(
            cluster,
            keys.of_environment(name, site.name),
            f"{title} · {site.name}",
            from_outputs,
            needs,
            here=orders.here(name),
        )

    def work(name: WorkName, *needs: str) -> ApplyManifests:
        return lay(name, _TITLES[name], lambda home: jobs.job(home, _work(home, name)), *needs)

    def program(
        name: str, title: str, settings: Callable[[], dict[str, Json]], *needs: str, again: bool
    ) -> ApplyManifests:
        def make(home: Home) -> Sequence[Manifest]:
            more = {"PREFECT_API_URL": prefect.url_inside(home), **settings()}
            own = _work(home, "register")
            # A canary job is of no use to the next run; a reconciling job is read again by its name.
            return jobs.job(home, own, called=name, command=COMMAND, settings=more, forgotten=not again)

        return replace(lay(name, title, make, *needs), again=again)

    def address(context: Context) -> str:
        """As for every runtime; in an existing network the address is only known now, so the web app needs a setting."""
        if prefect_url(it, site, context.outputs) is not None:
            return orders.address(context)
        server = service_address(cluster, context, it.names.namespace(site.name), prefect.SERVER)
        url = f"http://{server}:{SERVER_PORT}" if server else ""
        if url:
            told = f"PREFECT_API_URL={url}/api"
            context.emit(
                "warning",
                f"the web app of {site.name} needs the address of Prefect: {told}",
                left=f"Web app of {site.name}: add the setting {told}",
            )
        return orders.address(context) or url

    base = lay("cluster", "Namespace in the cluster", prefect.foundation, keys.runtime(site.name))
    bootstrap = work("bootstrap", base.key, keys.DATA)
    kept = {keys.secrets(site.name)} & stages
    running = lay("prefect", "Prefect server in the cluster", prefect.server, bootstrap.key, *kept)
    cloud = it.answers.platform.prefect == "cloud"
    there = (bootstrap.key, *kept) if cloud else (running.key,)
    worker = lay("worker", "Prefect worker in the cluster", prefect.worker, *there)
    register = program("register", _REGISTER, orders.to_apply, *there, again=True)
    canary = program("canary", _CANARY, orders.to_prove, register.key, worker.key, again=False)
    steps: tuple[Step, ...] = (
        base,
        bootstrap,
        work("migrate", bootstrap.key),
        *([] if cloud else [running]),
        worker,
        Register(register, site.name, address),
        Canary(canary, site.name),
        lay("reporter", "Reporter in the cluster", _reporter, *there, keys.OBSERVABILITY),
    )
    yield from steps
    yield LeaveCluster(cluster, site.name, tuple(step.key for step in steps))


def _work(home: Home, name: WorkName) -> Work:
    return next(one for one in works(home.it, home.site, home.outputs) if one.name == name)


def _reporter(home: Home) -> list[Manifest]:
    return jobs.reporter(home, home.outputs[keys.OBSERVABILITY])
