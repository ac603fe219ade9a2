"""Jobs inside the network: run once, followed to their end, never begun twice, and run again when they changed."""

import pytest

from installer.cloud.rest import Response, Service
from installer.errors import DeploymentFailed
from installer.estate.parameters.context import Installation
from installer.jsontypes import Json
from installer.steps.container_app_job import RunJob, Template, with_program
from installer.steps.job_program import ProgramStep
from installer.steps.workloads import workload_steps
from tests.bicep.answers_variants import answers
from tests.steps.prerequisites import put
from tests.steps.step_context import GROUPS, Attempt

VERSION = "2025-07-01"


def built(azure: Service, prefix: str, image: str = "docker.io/library/x:1") -> RunJob:
    """An environment with its bootstrap job, and the step that runs it."""
    it = Installation(answers("dev", prefix=prefix, platform={"runtime": "container_apps"}))
    program = next(iter(workload_steps(it, azure, set(), "x-1", {})))
    assert isinstance(program, ProgramStep)
    step = program.job
    assert isinstance(step, RunJob)
    assert step.key == "bootstrap-dev"
    put(azure, f"{GROUPS}/{it.names.group('dev')}", "2025-04-01", location="swedencentral")
    changed(azure, step, image)
    return step


def changed(azure: Service, step: RunJob, image: str) -> None:
    container: Json = {"name": "job", "image": image, "command": ["flowforge", "bootstrap"]}
    properties: Json = {
        "configuration": {"triggerType": "Manual", "replicaTimeout": 60},
        "template": {"containers": [container]},
    }
    put(azure, step.job, VERSION, location="swedencentral", properties=properties)


def executions(azure: Service, step: RunJob) -> int:
    return len(azure.every(f"{step.job}/executions?api-version={VERSION}"))


def test_a_job_runs_once_and_again_after_a_change(azure: Service) -> None:
    step = built(azure, "joba")
    state, outputs = Attempt().run(step)
    assert (state, executions(azure, step)) == ("done", 1)
    assert Attempt().run(step) == ("was so", outputs)
    changed(azure, step, "docker.io/library/x:2")
    assert Attempt().run(step)[0] == "done"
    assert executions(azure, step) == 2


def test_one_that_runs_already_is_followed(azure: Service) -> None:
    step = built(azure, "jobb")
    begun = azure.ask("POST", f"{step.job}/start?api-version={VERSION}").body
    state, outputs = Attempt().run(step)
    assert outputs == {"execution": begun["name"]}
    assert executions(azure, step) == 1
    assert state in {"done", "was so"}


class Failing:
    """An Azure in which executions end badly."""

    class target:  # noqa: N801  a stub of the target
        """Passes quickly."""

        speed = 100_000.0

    def __init__(self) -> None:
        self.begun: list[dict[str, Json]] = []

    def ask(self, method: str, path: str, body: Template | None = None, *, doing: str = "") -> Response:  # noqa: ARG002
        """Starts one, or shows the job."""
        template: Template = {"containers": [{"image": "x"}]}
        if method == "POST":
            shown: Json = {"status": "Failed", "startTime": "1", "template": template}
            self.begun.append({"name": "run-1", "properties": shown})
            return Response(202)
        return Response(200, {"properties": {"template": template}})

    def every(self, path: str, *, doing: str = "") -> list[dict[str, Json]]:  # noqa: ARG002  the service's
        """The started executions."""
        return self.begun


def test_a_failed_job_is_reported_with_the_location_of_its_log() -> None:
    failing: Service = Failing()  # type: ignore[assignment]  # a partial stub
    step = RunJob(failing, f"{GROUPS}/rg/providers/Microsoft.App/jobs/job-x", "bootstrap-dev", "t", ())
    with pytest.raises(DeploymentFailed, match=r"job-x ended as failed(.|\n)*ContainerAppConsoleLogs"):
        Attempt().run(step)


def test_a_program_replaces_the_command_of_a_job() -> None:
    own: Json = [{"name": "A", "value": "1"}, {"name": "KEPT", "secretRef": "kept"}]
    container: Json = {
        "name": "job",
        "image": "x",
        "command": ["flowforge"],
        "env": own,
        "resources": {"cpu": 0.5, "memory": "1Gi", "ephemeralStorage": "2Gi"},
        "probes": [],
    }
    changed = with_program({"containers": [container]}, ["python"], {"A": "2"})["containers"]
    assert changed == [
        {
            "name": "job",
            "image": "x",
            "command": ["python"],
            "env": [{"name": "KEPT", "secretRef": "kept"}, {"name": "A", "value": "2"}],
            "resources": {"cpu": 0.5, "memory": "1Gi"},
        }
    ]
