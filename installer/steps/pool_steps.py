"""Steps that pause the work pools of an environment until no flow run is under way, and resume them: jobs in its network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from installer.cloud.clusters import ClusterCommands
from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs, Step
from installer.errors import InstallerError, PrefectFailed
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.jobs import Work, work_of
from installer.estate.parameters.kubernetes import jobs
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.estate.parameters.prefect_api import prefect_url
from installer.estate.parameters.resource_ids import resource_id
from installer.jsontypes import Json
from installer.prefect_setup.payload import COMMAND, drain_settings, resume_settings
from installer.steps.cluster import Cluster
from installer.steps.container_app_job import RunJob, Template, with_program
from installer.steps.job_program import ProgramStep
from installer.steps.kubernetes import ApplyManifests

_LOCAL_SECONDS: Final = 8.0


@dataclass(frozen=True)
class PoolStep(ProgramStep):
    """Runs the program that pauses or resumes the pools."""

    failure: ClassVar[type[InstallerError]] = PrefectFailed


_TITLES: Final = {"drain": "Work pools paused, flow runs ended", "resume": "Work pools resumed"}


@dataclass(frozen=True)
class PoolJobs:
    """Jobs of an environment that pause and resume its pools.

    Attributes:
        it: The installation.
        site: The environment.
        service: Azure Resource Manager.
        mark: Differs for each operation.
        recorded: Outputs of steps of earlier attempts: the first job comes before those that would return them again.

    """

    it: Installation
    site: Site
    service: Service
    mark: str
    recorded: Mapping[str, Outputs]

    def drain(self, patience: float, needs: tuple[str, ...] = ()) -> Step:
        """The step before a change; `patience`: seconds to wait for flow runs that are under way, `needs`: steps before it."""
        return self._step("drain", drain_settings(patience, self.mark), needs)

    def resume(self, readers: tuple[str, ...]) -> Step:
        """The step after those with these keys, which make the change."""
        return self._step("resume", resume_settings(self.mark), readers)

    def _step(self, name: str, settings: dict[str, Json], needs: tuple[str, ...] = ()) -> Step:
        make = self._in_cluster if self.site.on_kubernetes else self._on_apps
        return PoolStep(make(name, settings, needs), self.site.name)

    def _where(self, kind: str, name: str) -> str:
        return resource_id(self.site.subscription, self.it.names.group(self.site.name), kind, name)

    def _outputs(self, name: str, context: Context) -> dict[str, Outputs]:
        """Outputs of the steps: pools are paused by the image that runs, though a step may have provided another one already."""
        return {**context.outputs, **self.recorded} if name == "drain" else {**self.recorded, **context.outputs}

    @property
    def _local_seconds(self) -> float:
        return _LOCAL_SECONDS if self.service.target.is_rehearsal else 0.0

    def _in_cluster(self, name: str, settings: dict[str, Json], needs: tuple[str, ...]) -> ApplyManifests:
        cluster = self._where("Microsoft.ContainerService/managedClusters", self.it.names.kubernetes(self.site.name))

        def make(context: Context) -> list[Manifest]:
            home = Home(self.it, self.site, self._outputs(name, context))
            return jobs.job(home, _registration(home), called=name, command=COMMAND, settings=settings, forgotten=True)

        return ApplyManifests(
            Cluster(ClusterCommands(self.service, cluster), self.site.name),
            keys.of_environment(name, self.site.name),
            f"{_TITLES[name]} · {self.site.name}",
            make,
            needs,
            run_always=True,
            local_seconds=self._local_seconds,
        )

    def _on_apps(self, name: str, settings: dict[str, Json], needs: tuple[str, ...]) -> RunJob:
        def changed(context: Context, template: Template) -> Template:
            url = prefect_url(self.it, self.site, self._outputs(name, context))
            return with_program(template, COMMAND, {"PREFECT_API_URL": url, **settings})

        return RunJob(
            self.service,
            self._where("Microsoft.App/jobs", self.it.names.job(self.site.name, "register")),
            keys.of_environment(name, self.site.name),
            f"{_TITLES[name]} · {self.site.name}",
            needs,
            changed,
            run_always=True,
            local_seconds=self._local_seconds,
        )


def _registration(home: Home) -> Work:
    return work_of(home.it, home.site, home.outputs, "register")
