"""Steps that run inside the network of an environment, in its Kubernetes cluster or as Container Apps jobs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from installer.cloud.clusters import ClusterCommands
from installer.cloud.rest import Service
from installer.engine.step import Context, Step
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.images import image_use
from installer.estate.parameters.jobs import Work, WorkName, work_of
from installer.estate.parameters.kubernetes import former_objects, jobs, namespaces, prefect
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.estate.parameters.prefect_api import SERVER, SERVER_PORT, prefect_hosts, prefect_url
from installer.estate.parameters.resource_ids import resource_id
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json
from installer.prefect_setup.environment_variable import has_metrics, metrics_subject
from installer.prefect_setup.payload import COMMAND
from installer.steps.acceptance_results import HopMetrics
from installer.steps.cluster import Cluster, RemoveClusterRole, service_address
from installer.steps.container_app_job import RunJob, Template, with_program
from installer.steps.database_access import DatabaseAccess, RemoveDatabaseAccess, RunAdministratorJob
from installer.steps.job_program import ProgramStep
from installer.steps.kubernetes import ApplyManifests
from installer.steps.prefect import Canary, Register
from installer.steps.program_settings import ProgramSettings
from installer.steps.switchover import BeforeSwitchover

_REGISTER: Final = "Prefect work pools, blocks, deployments"
_CANARY: Final = "Acceptance run"
_TITLES: Final[dict[WorkName, str]] = {
    "bootstrap": "Roles in the databases",
    "upgrade": "Tables of Prefect",
    "check": "Web app image checked",
    "migrate": "Tables of FlowForge",
}


def workload_steps(
    it: Installation, arm: Service, stages: set[str], run: str, ready: Mapping[str, str]
) -> Iterator[Step]:
    """The steps of every environment.

    Args:
        it: the installation.
        arm: client of Azure Resource Manager.
        stages: keys of the stages of the installation.
        run: name of the run, for the canary.
        ready: by stage, the step after which its resources can be reached, if it is not the stage itself.

    """
    for site in it.sites:
        program_settings = ProgramSettings(it, site, arm, run, ready)
        yield from _in_cluster(program_settings, stages) if site.on_kubernetes else _by_jobs(program_settings)


def _by_jobs(program_settings: ProgramSettings) -> Iterator[Step]:
    it, site = program_settings.it, program_settings.site
    group = it.names.group(site.name)

    def job(name: str) -> str:
        return resource_id(site.subscription, group, "Microsoft.App/jobs", it.names.job(site.name, name))

    before: tuple[str, ...] = (keys.runtime(site.name), program_settings.reachable(keys.DATA))
    cloud = it.answers.platform.prefect == "cloud"
    for name, title in ((name, title) for name, title in _TITLES.items() if name != "upgrade" or not cloud):
        key, seconds = keys.of_environment(name, site.name), program_settings.local_seconds(name)
        step = RunJob(program_settings.arm, job(name), key, f"{title} · {site.name}", before, local_seconds=seconds)
        yield _job_step(it, site, name, step)
        before = (step.key,)

    def instead(settings: Callable[[Outputs], dict[str, Json]]) -> Callable[[Context, Template], Template]:
        def changed(context: Context, template: Template) -> Template:
            more = {"PREFECT_API_URL": prefect_url(it, site, context.outputs), **settings(context.outputs)}
            return with_program(template, COMMAND, more)

        return changed

    key = keys.register(site.name)
    built = keys.control_plane(site.name)
    register = RunJob(
        program_settings.arm,
        job("register"),
        key,
        f"{_REGISTER} · {site.name}",
        (built, keys.bootstrap(site.name)),
        instead(program_settings.registration_settings),
        run_always=True,
        local_seconds=program_settings.local_seconds("register"),
    )
    yield Register(register, site.name, program_settings.address)
    canary = RunJob(
        program_settings.arm,
        job("register"),
        keys.canary(site.name),
        f"{_CANARY} · {site.name}",
        (key,),
        instead(program_settings.canary_settings),
        local_seconds=program_settings.local_seconds("canary"),
    )
    measured = HopMetrics(program_settings.arm, metrics_subject(it, site), site.name, program_settings.run)
    yield Canary(canary, site.name, measured if has_metrics(it) else None)


def _in_cluster(program_settings: ProgramSettings, stages: set[str]) -> Iterator[Step]:
    it, site = program_settings.it, program_settings.site
    where = resource_id(
        site.subscription,
        it.names.group(site.name),
        "Microsoft.ContainerService/managedClusters",
        it.names.kubernetes(site.name),
    )
    cluster = Cluster(ClusterCommands(program_settings.arm, where), site.name)

    def manifests_step(
        name: str, title: str, make: Callable[[Home], Sequence[Manifest]], *needs: str
    ) -> ApplyManifests:
        def from_outputs(context: Context) -> Sequence[Manifest]:
            return make(Home(it, site, context.outputs))

        return ApplyManifests(
            cluster,
            keys.of_environment(name, site.name),
            f"{title} · {site.name}",
            from_outputs,
            needs,
            local_seconds=program_settings.local_seconds(name),
        )

    def work(name: WorkName, *needs: str) -> ApplyManifests:
        return manifests_step(name, _TITLES[name], lambda home: jobs.job(home, _work(home, name)), *needs)

    def program(
        name: str, title: str, settings: Callable[[Outputs], dict[str, Json]], *needs: str, run_always: bool
    ) -> ApplyManifests:
        def make(home: Home) -> Sequence[Manifest]:
            own = _work(home, "register")
            # A canary job is of no use to the next run; a reconciling job is read again by its name.
            return jobs.job(
                home, own, called=name, command=COMMAND, settings=settings(home.outputs), forgotten=not run_always
            )

        return replace(manifests_step(name, title, make, *needs), run_always=run_always)

    def address(context: Context) -> str:
        """As for every runtime; in an existing network the address is only known now, so the web app needs a setting."""
        if prefect_url(it, site, context.outputs) is not None:
            return program_settings.address(context)
        server = service_address(cluster, context, it.names.namespace(site.name), SERVER)
        (host,) = prefect_hosts(it, site)
        if server:
            needed = f"the setting PREFECT_API_URL=https://{host}:{SERVER_PORT}/api, and {host} in its DNS for {server}"
            context.emit(
                "warning",
                f"the web app of {site.name} needs {needed}",
                left=f"Web app of {site.name}: add {needed}",
            )
        return program_settings.address(context) or (f"https://{server}:{SERVER_PORT}" if server else "")

    base = manifests_step(
        "cluster",
        "Namespaces in the cluster",
        namespaces.foundation,
        program_settings.reachable(keys.runtime(site.name)),
    )
    access = DatabaseAccess(
        program_settings.arm,
        cluster,
        resource_id(
            site.subscription,
            it.names.group(site.name),
            "Microsoft.ManagedIdentity/userAssignedIdentities",
            it.names.identity(site.name, "dbadmin"),
        ),
        it.names.namespace(site.name, "setup"),
    )
    title, image = _TITLES["bootstrap"], image_use(it, "prefect", site.name).key
    bootstrap = RunAdministratorJob(
        manifests_step("bootstrap", title, _administrator_job, base.key, image, program_settings.reachable(keys.DATA)),
        manifests_step("bootstrap", title, lambda home: jobs.record_of(home, _administrator_job(home))),
        access,
    )
    checked = BeforeSwitchover(work("check", base.key, image_use(it, "web", site.name).key), it, site.name)
    closing = RemoveDatabaseAccess(access, site.name, (bootstrap.key,))
    kept = {keys.secrets(site.name)} & stages
    cloud = it.answers.platform.prefect == "cloud"
    tables = () if cloud else (work("upgrade", bootstrap.key),)
    running = replace(
        manifests_step(
            "prefect", "Prefect server in the cluster", prefect.server, *(step.key for step in tables), *kept
        ),
        former=lambda context: former_objects.former_services(Home(it, site, context.outputs)),
    )
    ready = (bootstrap.key, *kept) if cloud else (running.key,)
    worker = replace(
        manifests_step("worker", "Prefect worker in the cluster", prefect.worker, *ready),
        former=lambda context: former_objects.former_permissions(Home(it, site, context.outputs)),
    )
    register = program("register", _REGISTER, program_settings.registration_settings, *ready, run_always=True)
    canary = program("canary", _CANARY, program_settings.canary_settings, register.key, worker.key, run_always=False)
    steps: tuple[Step, ...] = (
        base,
        bootstrap,
        checked,
        BeforeSwitchover(work("migrate", bootstrap.key, checked.key), it, site.name),
        *([] if cloud else [*tables, running]),
        worker,
        Register(register, site.name, address),
        Canary(canary, site.name),
        manifests_step("reporter", "Reporter in the cluster", _reporter, *ready, keys.OBSERVABILITY),
        closing,
    )
    yield from steps
    yield RemoveClusterRole(cluster, site.name, tuple(step.key for step in steps))


def _job_step(it: Installation, site: Site, name: WorkName, job: RunJob) -> Step:
    """The step of a one-time job on Container Apps."""
    if name == "bootstrap":
        return ProgramStep(job, site.name)
    return BeforeSwitchover(job, it, site.name) if name in {"check", "migrate"} else job


def _work(home: Home, name: WorkName) -> Work:
    return work_of(home.it, home.site, home.outputs, name)


def _administrator_job(home: Home) -> list[Manifest]:
    return jobs.administrator_job(home, _work(home, "bootstrap"))


def _reporter(home: Home) -> list[Manifest]:
    return jobs.reporter(home, home.outputs[keys.OBSERVABILITY])
