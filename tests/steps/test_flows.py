"""Steps for the customer's flows: asked before anything changes, kept objects reported, images built once and promoted."""

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.cloud.signed_urls import SignedUrls
from installer.engine.step import Answering, Context, Outputs, Question, Stop
from installer.errors import (
    DeploymentFailed,
    Interrupted,
    PrefectFailed,
    VerificationFailed,
    WaitingForInput,
)
from installer.estate.parameters.context import Installation
from installer.estate.parameters.resource_ids import workspace_id
from installer.images.flow_context import FLOWS_REPOSITORY
from installer.json_access import member, objects_of
from installer.steps.container_app_image import ContainerAppImage
from installer.steps.container_app_log import ContainerAppLog
from installer.steps.flow_image import AwaitFlowImage, BuildFlowImage, PromoteFlowImage
from installer.steps.flows import ApplyFlows, AskProgram, CompareFlows, UseFlowImage
from installer.steps.kept_flow_image import ReadFlowImage
from tests.bicep.answers_variants import SUBSCRIPTION
from tests.steps.prerequisites import put
from tests.steps.step_context import Attempt
from tests.steps.test_images import installation

if TYPE_CHECKING:
    from installer.jsontypes import Json

FILES = {"prefect.yaml": b"deployments: []\n", "flows.py": b"x = 1\n"}
BASE = f"crff.azurecr.io/flowforge/prefect@sha256:{'ab' * 32}"
DIFF = {"diff": "create", "kind": "variable", "name": "region", "text": "+ variable region"}


@dataclass
class Printing:
    """A job whose program writes lines, or fails with them."""

    lines: list[dict[str, Any]]
    fails: bool = False
    key: str = "flows-diff-dev"
    title: str = "Changes of the flows"
    needs: tuple[str, ...] = ()
    usual_seconds: float = 1.0
    applied: int = field(default=0)

    def log(self, context: Context) -> str:  # noqa: ARG002
        return "\n".join(map(json.dumps, self.lines))

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002
        return None

    def apply(self, context: Context) -> Outputs:
        self.applied += 1
        if self.fails:
            raise DeploymentFailed(self.log(context))
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        pass


def answering(text: str, asked: list[Question]) -> Answering:
    def answer(question: Question, stop: Stop) -> str:
        asked.append(question)
        return text

    return answer


def test_a_deployment_asks_with_the_changes_and_a_diff_does_not() -> None:
    job = Printing([DIFF, {"result": {"changes": 1, "kept": 0, "files": "none -> 1f", "image": ""}}])
    noted = Attempt()
    _, outputs = noted.run(CompareFlows(job, "dev", asks=False, notes=("build is not used",)))
    assert noted.texts("warning") == ["build is not used"]
    assert outputs["lines"] == ["~ files of the flows: none -> 1f", "+ variable region"]
    asked: list[Question] = []
    Attempt(answering=answering("yes", asked)).run(CompareFlows(job, "dev", asks=True))
    assert [(one.key, "+ variable region" in one.text) for one in asked] == [("flows-diff-dev", True)]
    with pytest.raises(Interrupted, match="nothing was changed"):
        Attempt(answering=answering("no", asked)).run(CompareFlows(job, "dev", asks=True))
    with pytest.raises(WaitingForInput):
        Attempt().run(CompareFlows(job, "dev", asks=True))
    same = Printing([{"result": {"changes": 0, "kept": 0, "files": "", "image": ""}}])
    assert Attempt().run(CompareFlows(same, "dev", asks=True))[1]["lines"] == []


def test_objects_of_other_users_are_reported_with_the_command_that_overwrites_them() -> None:
    kept = {"event": "kept", "kind": "variable", "name": "region", "text": "variable region kept: changed in Prefect"}
    attempt = Attempt()
    _, outputs = attempt.run(
        ApplyFlows(Printing([kept, {"event": "created", "kind": "block", "name": "b", "text": "b"}]), "dev")
    )
    assert outputs == {"created": 1, "updated": 0, "unchanged": 0, "kept": 1}
    (warning,) = [event for event in attempt.events if event.kind == "warning"]
    attempt.run(ApplyFlows(Printing([]), "dev", lambda: ["packages: polars"]))
    assert attempt.texts("warning")[-1] == "this rehearsal assumes packages: polars"
    assert str(warning.data["left"]).endswith('flows deploy --take "variable region" overwrites it')


def test_a_program_that_fails_does_so_in_its_words_and_one_without_result_is_no_success() -> None:
    failing = Printing([{"error": "the run x of f/d is Failed: division by zero"}], fails=True)
    with pytest.raises(VerificationFailed, match="division by zero"):
        Attempt().run(AskProgram(failing, "dev", VerificationFailed))
    with pytest.raises(PrefectFailed, match="does not return its output"):
        Attempt().run(AskProgram(Printing([]), "dev", PrefectFailed))
    progress = {"event": "progressed", "kind": "log", "name": "x", "text": "gold: 1"}
    attempt = Attempt()
    _, outputs = attempt.run(AskProgram(Printing([progress, {"result": {"state": "COMPLETED"}}]), "dev", PrefectFailed))
    assert (outputs, attempt.texts("log")) == ({"state": "COMPLETED"}, ["gold: 1"])


@pytest.fixture
def arm(azure: Service) -> Arm:
    Arm(azure.target, SUBSCRIPTION).register("microsoft.containerregistry", SUBSCRIPTION)
    return Arm(azure.target, SUBSCRIPTION)


def build(arm: Arm, it: Installation, files: dict[str, bytes], environment: str = "dev") -> BuildFlowImage:
    return BuildFlowImage(
        arm=arm,
        service=Service.of_arm(arm.target),
        it=it,
        kind="prefect",
        files=files,
        base=BASE,
        environment=environment,
        signed=SignedUrls(arm.target),
    )


def test_the_image_is_built_once_for_the_same_files_and_promoted_by_its_digest(arm: Arm, azure: Service) -> None:
    it = installation(azure, "flowimage", images={}, network={"private_registry": False})
    step, first = build(arm, it, FILES), Attempt()
    assert step.recorded() == ""
    how, outputs = first.run(step)
    assert how == "done"
    assert any(line.endswith(f"FROM {BASE}") for line in first.texts("log"))
    assert Attempt().run(step) == ("was so", outputs)
    assert step.recorded() == outputs["digest"]
    changed = build(arm, it, {**FILES, "flows.py": b"x = 2\n"})
    assert (changed.recorded(), changed.image != step.image) == ("", True)

    def promote(digest: str) -> PromoteFlowImage:
        return PromoteFlowImage(
            arm=arm,
            service=azure,
            it=it,
            kind="prefect",
            files=FILES,
            base=BASE,
            environment="prod",
            signed=SignedUrls(arm.target),
            digest=digest,
        )

    assert Attempt().run(promote(str(outputs["digest"]))) == ("was so", {"digest": outputs["digest"]})
    with pytest.raises(VerificationFailed, match="no longer has flowforge/flows@sha256:"):
        Attempt().run(promote(f"sha256:{'0' * 64}"))


def test_a_private_registry_waits_for_the_push_with_the_commands(arm: Arm, azure: Service) -> None:
    it = installation(azure, "flowpush", images={}, network={"private_registry": True})
    step = AwaitFlowImage(
        arm=arm, service=azure, it=it, kind="prefect", files=FILES, base=BASE, environment="dev", folder="/x/flow-image"
    )
    attempt = Attempt()
    with pytest.raises(WaitingForInput):
        attempt.run(step)
    (question,) = attempt.texts("question")
    assert f"docker build --platform linux/amd64 --tag {it.names.registry_host}/{step.image}" in question
    assert "--file /x/flow-image/Dockerfile /x/flow-image" in question
    assert "from a machine in the network" in question


def test_the_worker_of_container_apps_gets_the_image_and_later_installations_keep_it(azure: Service) -> None:
    it = installation(azure, "flowapps", images={}, network={}, platform={"runtime": "container_apps"})
    site = it.site("dev")
    group = f"/subscriptions/{site.subscription}/resourceGroups/{it.names.group('dev')}"
    put(azure, group, "2025-04-01", location=site.location)
    name = it.names.app("dev", "worker")
    app = f"{group}/providers/Microsoft.App/containerApps/{name}"
    read = ReadFlowImage(azure, it, site)
    assert read.outputs() == {"digest": ""}
    env: Json = [{"name": "A", "value": "1"}]
    container: Json = {"name": "main", "image": "other.example.com/prefect:1", "env": env}
    put(azure, app, "2025-07-01", location=site.location, properties={"template": {"containers": [container]}})
    assert read.outputs() == {"digest": ""}
    image = f"{it.names.registry_host}/{FLOWS_REPOSITORY}@sha256:{'ef' * 32}"
    worker = ContainerAppImage(azure, app)
    step = UseFlowImage("flows-worker-dev", "", (), worker.current, worker.change, lambda _: image)
    assert Attempt().run(step)[0] == "done"
    assert Attempt().run(step)[0] == "was so"
    assert read.outputs() == {"digest": f"sha256:{'ef' * 32}"}
    found = azure.ask("GET", f"{app}?api-version=2025-07-01").body
    (kept,) = objects_of(member(found, "properties", "template", "containers"))
    assert (kept["name"], kept["env"]) == ("main", env)


def test_output_of_a_job_is_read_until_its_last_line_has_arrived(
    azure: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = installation(azure, "flowlog", images={}, network={})
    log = ContainerAppLog(azure, workspace_id(it))
    parts = [[], ["starting"], ["starting", '{"result": {}}']]
    monkeypatch.setattr(ContainerAppLog, "_lines", lambda *_: parts.pop(0))
    step = CompareFlows(Printing([]), "dev", asks=False)
    assert log.output(Attempt().context(step), "job-1", ('{"result"',)).endswith('{"result": {}}')
    assert parts == []
    monkeypatch.undo()
    attempt = Attempt()
    assert log.output(attempt.context(step), "job-1", ('{"result"',)) == ""
    assert "output of the job job-1" in attempt.texts("not-checked")[0]


def test_the_embedded_azure_has_the_output_of_a_job_some_time_after_its_start(azure: Service) -> None:
    it = installation(azure, "flowquery", images={}, network={}, platform={"runtime": "container_apps"})
    Arm(azure.target, SUBSCRIPTION).register("microsoft.operationalinsights", SUBSCRIPTION)
    put(azure, workspace_id(it), "2025-02-01", location=it.location, properties={})
    group = f"/subscriptions/{it.subscription}/resourceGroups/{it.names.platform_group}"
    job = f"{group}/providers/Microsoft.App/jobs/register"
    container: Json = {"name": "main", "image": "other.example.com/prefect:1"}
    put(azure, job, "2025-07-01", location=it.location, properties={"template": {"containers": [container]}})
    execution = str(azure.ask("POST", f"{job}/start?api-version=2025-07-01").body["name"])
    log, step = ContainerAppLog(azure, workspace_id(it)), CompareFlows(Printing([]), "dev", asks=False)
    text = log.output(Attempt().context(step), execution, ("rehearsal",))
    assert text == "rehearsal: nothing was run"
    with pytest.raises(AzureRefused, match="answers only the query"):
        azure.ask("POST", f"{workspace_id(it)}/query?api-version=2017-10-01", {"query": "Heartbeat"})


def test_a_rehearsal_pushes_the_image_that_the_customer_would_build(arm: Arm, azure: Service) -> None:
    it = installation(azure, "flowpushed", images={}, network={"private_registry": True})
    step = build(arm, it, FILES)
    push: dict[str, Json] = {
        "registry": step.registry,
        "repository": step.repository,
        "tag": step.image.partition(":")[2],
    }
    context = base64.b64encode(step.archive()).decode()
    digest = str(azure.ask("POST", "/rehearsal/images", {**push, "context": context}).body["digest"])
    assert step.exists(Attempt().context(step), digest)
    with pytest.raises(AzureRefused, match="source context"):
        azure.ask("POST", "/rehearsal/images", {**push, "context": base64.b64encode(b"x").decode()})
