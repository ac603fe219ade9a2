"""Jobs of flow runs, as the real worker for Kubernetes makes them from our work pools with the environment of its pod."""

import json
import subprocess
from pathlib import Path
from typing import Final

import kubernetes_validate
import pytest

from installer.emulator.prefect.local import image_python
from installer.emulator.providers.kubernetes.pod_security import LABEL, violations
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.kubernetes import prefect
from installer.estate.parameters.kubernetes.objects import Home
from installer.json_access import as_object, objects_of
from installer.jsontypes import Json
from installer.prefect_setup.client.objects import base_job_template
from installer.prefect_setup.desired import FlowRunLocation, describe
from installer.steps.server_certificates import key_and_certificate
from tests.bicep.answers_variants import OTHER, Page, answers
from tests.bicep.stage_requests import at
from tests.estate.test_kubernetes_schemas import VERSIONS
from tests.prefect_setup.manifest_process import container_of, environment_of

SECRET: Final = "flowforge:canary-of-a-credential"
CLOUD: Final[Page] = {"prefect": "cloud", "cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:KEY"}
POD_FIELDS: Final = frozenset(
    {
        *("automountServiceAccountToken", "containers", "restartPolicy", "securityContext", "serviceAccountName"),
        *("volumes", "tolerations", "nodeSelector", "imagePullSecrets"),
    }
)
"""The fields of a pod spec that a job of a flow run may need (kubernetes.io, reference of PodSpec)."""
MAKE_JOB: Final = """
import asyncio, json, sys
from uuid import uuid4
import prefect_kubernetes.worker as kubernetes
from prefect.client.schemas.objects import FlowRun

class Jobs:
    def __init__(self, client):
        pass
    async def create_namespaced_job(self, namespace, manifest):
        print(json.dumps(manifest))

async def main():
    kubernetes.BatchV1Api = Jobs
    made = kubernetes.KubernetesWorkerJobConfiguration.from_template_and_values(json.load(sys.stdin), {})
    configuration = await made
    configuration.prepare_for_flow_run(FlowRun(flow_id=uuid4(), name="run"))
    await kubernetes.KubernetesWorker("pool")._create_job(configuration, None)

asyncio.run(main())
"""


def job_of_a_flow_run(platform: Page, home: Path) -> tuple[Home, dict[str, Json]]:
    """The job that the worker sends to the cluster."""
    given = answers("dev", platform=platform)
    it = Installation(given)
    own = Home(it, it.site("dev"), PLACEHOLDER_OUTPUTS)
    vault = {"prefect-auth": SECRET, "prefect-cloud-key": SECRET}
    container = container_of(prefect.worker(own), prefect.WORKER)
    trusted: dict[str, str] = {}
    if given.platform.prefect == "server":
        trusted[prefect.CERTIFICATE_FILE] = str(home / "certificate")
        (home / "certificate").write_text(key_and_certificate(["prefect"])[1], encoding="ascii")
    environment = environment_of(container, home, vault=vault, local=trusted)
    (dev,) = describe(given, FlowRunLocation.on_azure("flowforge/prefect@sha256:1")).environments
    made = subprocess.run(
        [image_python(), "-c", MAKE_JOB],
        input=json.dumps(base_job_template(dev.pool)),
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert made.returncode == 0, made.stderr
    return own, as_object(json.loads(made.stdout.splitlines()[-1]))


@pytest.fixture(scope="module", params=[{}, CLOUD], ids=["server", "cloud"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, Json]]:
    return job_of_a_flow_run(request.param, tmp_path_factory.mktemp("job"))


def test_a_job_refers_to_the_credential_that_its_pod_brings_from_the_vault(made: tuple[Home, dict[str, Json]]) -> None:
    home, job = made
    assert SECRET not in json.dumps(job)
    pod = as_object(at(job, "spec", "template", "spec"))
    (container,) = objects_of(pod["containers"])
    (reference,) = [at(one, "valueFrom", "secretKeyRef") for one in objects_of(container["env"]) if "value" not in one]
    mounted = {
        at(one, "csi", "volumeAttributes", "secretProviderClass") for one in objects_of(pod["volumes"]) if "csi" in one
    }
    flows = home.to("flows").namespace
    (vault,) = [
        one
        for one in prefect.worker(home)
        if one["kind"] == "SecretProviderClass" and at(one["metadata"], "namespace") == flows
    ]
    assert at(vault["metadata"], "name") in mounted
    (copied,) = objects_of(at(vault["spec"], "secretObjects"))
    keys = [one["key"] for one in objects_of(copied["data"])]
    assert (at(reference, "name"), [at(reference, "key")]) == (copied["secretName"], keys)
    assert at(job, "metadata", "namespace") == flows


def test_a_job_meets_the_restricted_level_and_writes_to_its_temporary_folder_only(
    made: tuple[Home, dict[str, Json]],
) -> None:
    pod = as_object(at(made[1], "spec", "template", "spec"))
    assert violations({f"{LABEL}enforce": "restricted"}, "enforce", pod) == ""
    (container,) = objects_of(pod["containers"])
    assert at(container["securityContext"], "readOnlyRootFilesystem") is True
    writable = [one["mountPath"] for one in objects_of(container["volumeMounts"]) if not one.get("readOnly")]
    assert writable == ["/tmp"]  # noqa: S108  in its container


@pytest.mark.parametrize("version", VERSIONS)
def test_a_job_is_valid_in_strict_validation(made: tuple[Home, dict[str, Json]], version: str) -> None:
    assert kubernetes_validate.validate(made[1], version, strict=True) == version


def test_a_job_has_a_size_and_an_end_and_only_fields_that_it_needs(made: tuple[Home, dict[str, Json]]) -> None:
    spec = as_object(at(made[1], "spec"))
    assert spec.keys() - {"template"} == {"backoffLimit", "completions", "parallelism", "ttlSecondsAfterFinished"}
    assert at(spec, "ttlSecondsAfterFinished") == 24 * 3600
    assert as_object(at(spec, "template", "spec")).keys() <= POD_FIELDS
    sizes = as_object(at(spec, "template", "spec", "containers", 0, "resources"))
    assert {name: set(as_object(size)) for name, size in sizes.items()} == {
        "requests": {"cpu", "memory"},
        "limits": {"cpu", "memory"},
    }
    evict = "cluster-autoscaler.kubernetes.io/safe-to-evict"
    assert at(spec, "template", "metadata", "annotations", evict) == "false"
