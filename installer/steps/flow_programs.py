"""Jobs that run the Prefect program for the customer's flows, in the runtime of an environment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from installer.cloud.clusters import ClusterCommands
from installer.cloud.rest import Service
from installer.engine.step import Context, Step
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.images import deployed_image
from installer.estate.parameters.jobs import WorkName, work_of
from installer.estate.parameters.kubernetes import jobs
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.estate.parameters.prefect_api import prefect_url
from installer.estate.parameters.resource_ids import resource_id, workspace_id
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json
from installer.prefect_setup.payload import COMMAND
from installer.steps.cluster import Cluster, RemoveClusterRole
from installer.steps.container_app_job import RunJob, Template, with_program
from installer.steps.container_app_log import ContainerAppLog
from installer.steps.job_program import Job
from installer.steps.kubernetes import ApplyManifests

_LOCAL_SECONDS: Final = 6.0
"""Seconds that the real process of a rehearsal takes (measured)."""
_END_MARKS: Final = ('{"result"', '{"error"')
"""Begin of the last line of the program (installer/prefect_setup/__main__.py)."""
Settings = Callable[[Context], dict[str, Json]]
Image = Callable[[Context], str]


@dataclass(frozen=True)
class FlowPrograms:
    """Makes the jobs of an environment.

    Attributes:
        it: The installation.
        site: The environment.
        arm: Client of Azure Resource Manager.
        outputs: Outputs of the installed stages.

    """

    it: Installation
    site: Site
    arm: Service
    outputs: Outputs

    @property
    def prefect_image(self) -> str:
        """Repository and digest of the Prefect image."""
        return deployed_image(self.it, "prefect", self.outputs, self.site.name)

    @cached_property
    def cluster(self) -> Cluster | None:
        """The cluster of the environment, None for one on Container Apps; the same object for all its steps."""
        names, site = self.it.names, self.site
        if not site.on_kubernetes:
            return None
        where = resource_id(
            site.subscription,
            names.group(site.name),
            "Microsoft.ContainerService/managedClusters",
            names.kubernetes(site.name),
        )
        return Cluster(ClusterCommands(self.arm, where), site.name)

    def completed(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """Steps with jobs, and the one after them that removes the role of a cluster administrator, which a job may need."""
        if self.cluster is None:
            return tuple(steps)
        return (*steps, RemoveClusterRole(self.cluster, self.site.name, tuple(one.key for one in steps)))

    def job(
        self,
        key: str,
        title: str,
        settings: Settings,
        *,
        needs: tuple[str, ...] = (),
        image: Image | None = None,
        work: WorkName = "register",
        command: Sequence[Json] = COMMAND,
    ) -> Job:
        """A job that runs the program in the cluster, or without one as a job of Container Apps.

        Args:
            key: Key of its step.
            title: Title of its step.
            settings: Returns its order.
            needs: Keys of the steps before it.
            image: Returns repository and digest of another image than Prefect's.
            work: The job of the runtime whose identity and settings it has.
            command: Command line of another program.

        """
        chosen = image or (lambda _context: self.prefect_image)
        local = _LOCAL_SECONDS if self.arm.target.is_rehearsal else 0.0
        if self.cluster is not None:
            return ApplyManifests(
                self.cluster,
                key,
                title,
                lambda context: self._manifests(work, key, command, chosen(context), settings(context)),
                needs,
                run_always=True,
                local_seconds=local,
            )
        log = ContainerAppLog(self.arm, workspace_id(self.it))
        return RunJob(
            self.arm,
            self.app("jobs", self.it.names.job(self.site.name, work)),
            key,
            title,
            needs,
            lambda context, template: self._template(template, command, chosen(context), settings(context)),
            run_always=True,
            local_seconds=local,
            output=lambda context, execution: log.output(context, execution, _END_MARKS),
        )

    def app(self, kind: str, name: str) -> str:
        """Resource ID of a container app or a job."""
        return resource_id(self.site.subscription, self.it.names.group(self.site.name), f"Microsoft.App/{kind}", name)

    def _manifests(
        self, work: WorkName, key: str, command: Sequence[Json], image: str, settings: dict[str, Json]
    ) -> list[Manifest]:
        home = Home(self.it, self.site, self.outputs)
        own = replace(work_of(self.it, self.site, self.outputs, work), image=image)
        return jobs.job(home, own, called=key, command=command, settings=settings, forgotten=True)

    def _template(self, template: Template, command: Sequence[Json], image: str, settings: dict[str, Json]) -> Template:
        more = {"PREFECT_API_URL": prefect_url(self.it, self.site, self.outputs), **settings}
        changed = with_program(template, list(command), more)
        containers = changed["containers"]
        for one in containers if isinstance(containers, list) else ():
            if isinstance(one, dict):
                one["image"] = f"{self.it.names.registry_host}/{image}"
        return changed
