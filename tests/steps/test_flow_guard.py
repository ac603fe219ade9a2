"""Flow runs in a cluster: the pod that a work pool asks for is accepted, and one with another identity is refused."""

import json

import pytest

from installer.cloud.rest import Service
from installer.estate.parameters.context import Installation
from installer.estate.parameters.kubernetes.objects import Manifest
from installer.json_access import JsonObject, as_object, merged
from installer.jsontypes import Json
from installer.prefect_setup.client.objects import base_job_template
from installer.prefect_setup.desired import FlowRunLocation, describe
from installer.steps.cluster import Cluster
from installer.steps.kubernetes import ApplyManifests
from tests.bicep.stage_requests import at
from tests.steps.step_context import Attempt
from tests.steps.test_kubernetes import OUTPUTS, built, steps_of

ACCOUNT = "pods of flow runs use the service account flowforge-flows"


def flow_run_job(it: Installation, **chosen: Json) -> Manifest:
    """The job that a worker creates for a flow run, from the template of the work pool and chosen variables."""
    (environment,) = describe(it.answers, FlowRunLocation.on_azure("flowforge/prefect@sha256:1")).environments
    template = base_job_template(environment.pool)
    variables = as_object(as_object(template["variables"])["properties"])
    values = {name: as_object(one).get("default") for name, one in variables.items()} | {"name": "run", **chosen}
    job = as_object(filled(as_object(template["job_configuration"])["job_manifest"], values))
    container = as_object(at(job, "spec", "template", "spec", "containers", 0))
    container["env"] = [{"name": name, "value": value} for name, value in as_object(container["env"]).items()]
    return {**job, "metadata": {"name": "run-1", "namespace": as_object(job["metadata"])["namespace"]}}


def filled(value: Json, values: JsonObject) -> Json:
    """A template with the values of its placeholders; as in Prefect, what has no value is left out."""
    if isinstance(value, dict):
        found = {key: filled(one, values) for key, one in value.items()}
        return {key: one for key, one in found.items() if one is not None}
    if isinstance(value, list):
        return [filled(one, values) for one in value]
    if isinstance(value, str) and value.startswith("{{ ") and value.endswith(" }}"):
        return values.get(value[3:-3])
    return value.replace("{{ name }}", str(values["name"])) if isinstance(value, str) else value


def guarded(azure: Service, prefix: str) -> tuple[Installation, Cluster, Attempt, ApplyManifests]:
    """An environment whose namespaces exist."""
    it = built(azure, prefix)
    base = steps_of(azure, it)[0]
    assert isinstance(base, ApplyManifests)
    attempt = Attempt(outputs=dict(OUTPUTS))
    attempt.run(base)
    return it, base.cluster, attempt, base


def with_pod(job: Manifest, **spec: Json) -> Manifest:
    """The job with other settings of its pod."""
    return merged(job, {"spec": {"template": {"spec": {**spec}}}})


def test_the_job_of_a_flow_run_is_accepted_with_limits_and_stays_on_its_node(azure: Service) -> None:
    it, cluster, attempt, base = guarded(azure, "fga")
    job = flow_run_job(it, service_account_name="prefect-server")
    assert "prefect-server" not in json.dumps(job), "the service account is no variable"
    result = cluster.run(attempt.context(base), "kubectl apply -f flowforge.json", [job])
    assert (result.code, result.log.strip()) == (0, "job.batch/run-1 created"), "no warning either"
    pods = cluster.run(attempt.context(base), "kubectl get pods -n flowforge-dev-flows -o json").log
    (pod,) = json.loads(pods)["items"]
    (container,) = pod["spec"]["containers"]
    assert {key: set(value) for key, value in container["resources"].items()} == {
        "requests": {"cpu", "memory"},
        "limits": {"cpu", "memory"},
    }
    annotations = at(job, "spec", "template", "metadata", "annotations")
    assert annotations == {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"serviceAccountName": "flowforge-bootstrap"}, ACCOUNT),
        ({"serviceAccountName": "default"}, ACCOUNT),
        ({"hostNetwork": True}, "pods of flow runs use no host namespaces"),
        ({"hostPID": True}, "pods of flow runs use no host namespaces"),
        (
            {"volumes": [{"name": "root", "hostPath": {"path": "/"}}]},
            "pods of flow runs mount no folders of their node",
        ),
        (
            {"containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]},
            "containers of flow runs are not privileged",
        ),
        (
            {"initContainers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]},
            "containers of flow runs are not privileged",
        ),
    ],
)
def test_a_flow_run_that_wants_more_is_refused_with_the_reason(
    azure: Service, change: dict[str, Json], message: str
) -> None:
    it, cluster, attempt, base = guarded(azure, "fgb")
    job = with_pod(flow_run_job(it), **change)
    result = cluster.run(attempt.context(base), "kubectl apply -f flowforge.json", [job])
    assert result.code == 1
    assert not result.forbidden, "the account has its role"
    assert result.log.splitlines()[-1] == (
        'Error from server (Forbidden): error when creating "flowforge.json": jobs.batch "run-1" is forbidden: '
        "ValidatingAdmissionPolicy 'flowforge-flow-jobs' with binding 'flowforge-flow-jobs' denied request: "
        f"{message}"
    )


def test_pods_of_other_controllers_are_guarded_too(azure: Service) -> None:
    it, cluster, attempt, base = guarded(azure, "fgc")
    template = as_object(as_object(with_pod(flow_run_job(it), serviceAccountName="default")["spec"])["template"])
    deployment: Manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": it.names.namespace("dev", "flows")},
        "spec": {"replicas": 1, "template": template},
    }
    context = attempt.context(base)
    assert cluster.run(context, "kubectl apply -f flowforge.json", [deployment]).code == 0
    shown = cluster.run(context, "kubectl get deployment d -n flowforge-dev-flows -o json").log
    assert "ValidatingAdmissionPolicy 'flowforge-flow-pods' with binding" in shown
