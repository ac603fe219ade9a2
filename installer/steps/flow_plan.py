"""The steps of a command for the customer's flows, and their order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from installer.cloud.arm import Arm
from installer.cloud.rest import Service
from installer.cloud.signed_urls import SignedUrls
from installer.engine.step import Context, Step
from installer.errors import PrefectFailed, VerificationFailed
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import ImageKind, deployed_image
from installer.estate.parameters.stage_spec import Outputs
from installer.flow_project.project import Project
from installer.flow_project.target import Target
from installer.images.flow_context import FLOWS_REPOSITORY, IMAGE_PROJECT, PACKAGES
from installer.json_access import as_list, as_text
from installer.jsontypes import Json
from installer.prefect_setup.desired import QUEUE, pool_name
from installer.prefect_setup.flows.order import Deployer, FlowsOrder, Mode, RunOrder
from installer.prefect_setup.payload import flow_list_settings, flow_run_settings, flows_settings
from installer.secret_store import Secrets
from installer.steps.container_app_image import ContainerAppImage
from installer.steps.deployment import run_tag
from installer.steps.flow_image import AwaitFlowImage, BuildFlowImage, FlowImage, ImportFlowImage, PromoteFlowImage
from installer.steps.flow_programs import FlowPrograms
from installer.steps.flows import ApplyFlows, AskProgram, CompareFlows, ReserveFlows, UseFlowImage
from installer.steps.job_program import ProgramStep

Command = Literal["deploy", "diff", "list", "run"]


@dataclass(frozen=True)
class FlowWork:
    """A command for the flows of an environment.

    Attributes:
        environment: Name of the environment.
        project: The files; None for commands that need none.
        take: Keys of objects to overwrite although another user has made or changed them.
        digest: Digest of the image of another environment to promote; "" to provide one.
        imported: Image of another registry by digest to import; "" to build one, or to wait for its push.
        folder: Folder on this machine for the build context of an image that the customer pushes.
        run: The deployment to run.
        key: Distinguishes this run from another one that deploys flows.

    """

    command: Command
    environment: str
    project: Project | None = None
    take: tuple[str, ...] = ()
    digest: str = ""
    imported: str = ""
    folder: str = ""
    run: RunOrder | None = None
    key: str = ""


class _Common(TypedDict):
    """Attributes that every step for the image has."""

    arm: Arm
    service: Service
    it: Installation
    kind: ImageKind
    files: Mapping[str, bytes]
    base: str
    environment: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class FlowPlan:
    """Makes the steps.

    Attributes:
        it: The installation.
        arm: Client of Azure Resource Manager.
        outputs: Outputs of the installed stages.
        work: The command.
        secrets: Has the password of the registry that an image is imported from.

    """

    it: Installation
    arm: Arm
    outputs: Outputs
    work: FlowWork
    secrets: Secrets
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "service", Service.of_arm(self.arm.target))

    def steps(self) -> tuple[Step, ...]:
        """The steps of the command."""
        site = self.it.site(self.work.environment)
        programs = FlowPrograms(self.it, site, self.service, self.outputs)
        return programs.completed(self._steps(programs))

    def _steps(self, programs: FlowPrograms) -> list[Step]:
        name, pool, work = self.work.environment, pool_name(self.work.environment), self.work
        if work.command == "list":
            title = f"Deployments in Prefect · {name}"
            job = programs.job(keys.FLOW_LIST, title, lambda _: flow_list_settings(name, pool))
            return [AskProgram(job, name, PrefectFailed)]
        if work.command == "run" and (run := work.run) is not None:
            title = f"Run of {run.deployment} · {name}"
            job = programs.job(keys.FLOW_RUN, title, lambda _: flow_run_settings(run))
            return [AskProgram(job, name, VerificationFailed)]
        assert work.project is not None  # noqa: S101  the other commands have one
        image = self.image(work.project.files)
        compare = programs.job(
            keys.flow_diff(name),
            f"Changes of the flows · {name}",
            lambda context: self._order(context, "diff", image.recorded()),
            image=lambda _: _reference(image.recorded()) or programs.prefect_image,
        )
        _, _, notes = work.project.describe(Target(name, pool))
        found: list[Step] = [CompareFlows(compare, name, asks=work.command == "deploy", notes=tuple(notes))]
        if work.command == "diff":
            return found
        worker = () if programs.cluster else self._worker(programs, image.key)
        apply = programs.job(
            keys.flows(name),
            f"Flows in Prefect · {name}",
            lambda context: self._order(context, "apply", _digest(context, image)),
            needs=(image.key, *(one.key for one in worker)),
            image=lambda context: _reference(_digest(context, image)),
        )
        return [*found, image, *worker, ApplyFlows(apply, name, self._assumed)]

    def _assumed(self) -> list[str]:
        """Packages of the flows that the machine of a rehearsal does not have: it installs none."""
        if not self.arm.target.is_rehearsal:
            return []
        lines = as_list(self.service.ask("GET", "/rehearsal/assumptions").body.get("value"))
        return [text for line in lines if (text := as_text(line)).startswith(PACKAGES)]

    def image(self, files: Mapping[str, bytes]) -> FlowImage:
        """The step that provides the image: built, imported, pushed by the customer, or that of another environment."""
        work = self.work
        base = f"{self.it.names.registry_host}/{deployed_image(self.it, 'prefect', self.outputs, work.environment)}"
        common = _Common(
            arm=self.arm,
            service=self.service,
            it=self.it,
            kind="prefect",
            files=files,
            base=base,
            environment=work.environment,
            needs=(keys.flow_diff(work.environment),),
        )
        if work.digest:
            return PromoteFlowImage(**common, digest=work.digest, signed=SignedUrls(self.arm.target))
        if work.imported:
            return ImportFlowImage(**common, imported=work.imported, secrets=self.secrets)
        if self.it.private_registry:
            return AwaitFlowImage(**common, folder=work.folder)
        return BuildFlowImage(**common, signed=SignedUrls(self.arm.target))

    def _worker(self, programs: FlowPrograms, image: str) -> tuple[ProgramStep, UseFlowImage]:
        """Steps that change the worker, once no other run can do so."""
        name = self.work.environment
        reserve = programs.job(
            keys.flow_lock(name),
            f"No other deployment of flows · {name}",
            lambda context: self._order(context, "reserve", ""),
            needs=(image,),
        )
        app = ContainerAppImage(self.service, programs.app("containerApps", self.it.names.app(name, "worker")))

        def wanted(context: Context) -> str:
            return f"{self.it.names.registry_host}/{FLOWS_REPOSITORY}@{context.outputs[image]['digest']}"

        title = f"Image of the worker · {name}"
        key, needs = keys.flow_worker(name), (image, reserve.key)
        return ReserveFlows(reserve, name), UseFlowImage(key, title, needs, app.current, app.change, wanted)

    def _order(self, context: Context, mode: Mode, digest: str) -> dict[str, Json]:
        work, name = self.work, self.work.environment
        assert work.project is not None  # noqa: S101  as above
        image = f"{self.it.names.registry_host}/{_reference(digest)}" if digest else ""
        on_kubernetes = self.it.site(name).on_kubernetes
        target = Target(name, pool_name(name), QUEUE, image=image if on_kubernetes else "")
        order = FlowsOrder(
            name,
            mode,
            work.project.mark,
            tuple(work.project.objects(target)),
            digest,
            work.take,
            IMAGE_PROJECT if mode == "apply" else "",
            assumes_packages=self.arm.target.is_rehearsal,
            built_elsewhere=bool(work.imported),
            deployer=Deployer(run_tag(context), work.key),
            seen=None if mode == "diff" else as_text(context.outputs[keys.flow_diff(name)].get("record")),
        )
        return flows_settings(order)


def _digest(context: Context, image: FlowImage) -> str:
    return str(context.outputs[image.key]["digest"])


def _reference(digest: str) -> str:
    return f"{FLOWS_REPOSITORY}@{digest}" if digest else ""
