"""Commands for the customer's flows as runs: their request, kept in the journal, and their steps."""

import base64
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from installer.errors import UsageError
from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json
from installer.runs.started_runs import FACT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.cloud.arm import Arm
    from installer.engine.step import Step
    from installer.flow_project.project import Project
    from installer.runs.run import Run
    from installer.steps.flow_plan import Command, FlowPlan

_KEY: Final = "flows_key"
CONTEXT_FOLDER: Final = "flow-image"
"""Folder of a run with the build context of an image that the customer pushes."""


@dataclass(frozen=True)
class FlowRequest:
    """A command for the flows of an environment.

    Attributes:
        command: deploy, diff, list or run.
        environment: Name of the environment.
        source: Absolute path of the folder or archive; "" for commands that need none.
        take: Keys of objects to overwrite although another user has made or changed them.
        digest: Digest of the image of another environment to promote.
        image: Image of another registry by digest to import.
        deployment: "flow/deployment" to run.
        parameters: Parameters of the run.

    """

    command: str
    environment: str
    source: str = ""
    take: tuple[str, ...] = ()
    digest: str = ""
    image: str = ""
    deployment: str = ""
    parameters: dict[str, Json] = field(default_factory=dict)

    def to_json(self) -> Json:
        """For the journal."""
        return cast("Json", {**asdict(self), "take": [*self.take]})

    @classmethod
    def from_json(cls, document: Json) -> "FlowRequest":
        """From the journal."""
        given = as_object(document)
        names = ("command", "environment", "source", "digest", "image", "deployment")
        text = {name: as_text(given.get(name)) for name in names}
        take = tuple(as_text(one) for one in as_list(given.get("take")))
        return cls(**text, take=take, parameters=as_object(given.get("parameters")))


def flow_steps(run: "Run", arm: "Arm") -> "Sequence[Step]":
    """The steps of a run for flows. Queries Azure.

    Raises:
        UsageError: The environment is not installed, or the project has problems.

    """
    from installer.estate import keys
    from installer.estate.parameters.context import Installation
    from installer.estate.parameters.images import image_use
    from installer.flow_project.project import read_project
    from installer.prefect_setup.flows.order import RunOrder
    from installer.steps.deployed_outputs import known_outputs
    from installer.steps.flow_plan import FlowPlan, FlowWork

    request = FlowRequest.from_json(run.journal.fact(FACT))
    answers, it = run.facts.answers, Installation(run.facts.answers)
    outputs = known_outputs(arm, answers)
    image = image_use(it, "prefect", request.environment).key
    if keys.runtime(request.environment) not in outputs or image not in outputs:
        raise UsageError(f"{request.environment} is not installed yet; install it first, then deploy its flows")
    project = read_project(request.source) if request.source else None
    folder = run.directory / CONTEXT_FOLDER
    work = FlowWork(
        cast("Command", request.command),
        request.environment,
        project,
        request.take,
        request.digest,
        request.image,
        str(folder),
        RunOrder(request.deployment, run.name, request.parameters) if request.deployment else None,
        _key_of(run),
    )
    plan = FlowPlan(it, arm, outputs, work, run.secrets)
    if project is not None and request.command == "deploy" and not request.digest:
        if request.image:
            _assume_image(run, plan, project, request.image)
        elif it.private_registry:
            _prepare_push(run, plan, project, folder)
    return plan.steps()


def _key_of(run: "Run") -> str:
    """Distinguishes this run from another one that deploys flows; the same in each of its attempts."""
    key = as_text(run.journal.fact(_KEY))
    if not key:
        key = uuid.uuid4().hex
        run.journal.set_facts(**{_KEY: key})
    return key


def _prepare_push(run: "Run", plan: "FlowPlan", project: "Project", folder: Path) -> None:
    """Write the build context for the customer; a rehearsal pushes the image itself, because its registry exists nowhere else."""
    from installer.images.context import packed

    image = plan.image(project.files)
    for name, content in image.context_files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_bytes(content)
    if not plan.arm.target.is_rehearsal:
        return
    tag = image.image.partition(":")[2]
    body: dict[str, Json] = {
        "registry": image.registry,
        "repository": image.repository,
        "tag": tag,
        "context": base64.b64encode(packed(image.context_files)).decode(),
    }
    answer = plan.service.ask("POST", "/rehearsal/images", body, doing="assume the push of the image of the flows")
    run.assume({image.key: as_text(answer.body.get("digest"))})
    text = f"that you build and push the image {image.image}; a real run waits here and asks for its digest"
    run.stream.emit("warning", f"this rehearsal assumes {text}", left=f"Not proved by this rehearsal: {text}")


def _assume_image(run: "Run", plan: "FlowPlan", project: "Project", imported: str) -> None:
    """Give the embedded Azure the files of an image to import: it cannot read a registry outside of it."""
    from installer.images.context import packed

    if not plan.arm.target.is_rehearsal:
        return
    digest = imported.partition("@")[2]
    body: dict[str, Json] = {
        "digest": digest,
        "context": base64.b64encode(packed(plan.image(project.files).context_files)).decode(),
    }
    plan.service.ask("POST", "/rehearsal/images", body, doing="assume the image of the flows")
    text = f"that {imported} was built from these files; a real run reads the files in it"
    run.stream.emit("warning", f"this rehearsal assumes {text}", left=f"Not proved by this rehearsal: {text}")
