"""Admission: what a cluster refuses, in the words of its API server, and what becomes of the pods of a controller."""

from pathlib import Path

import pytest

from installer.emulator.providers.durations import length_of_action
from installer.emulator.providers.kubernetes.pod_security import violations
from installer.json_access import JsonObject, as_object
from installer.jsontypes import Json
from tests.emulator.asgi_client import local
from tests.emulator.in_memory import run
from tests.emulator.providers.kubernetes.test_cluster_commands import cluster, granted, manifest, said

ENFORCED: JsonObject = {"pod-security.kubernetes.io/enforce": "restricted"}
SAFE: JsonObject = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "c",
            "image": "docker.io/x:1",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
}
BARE: JsonObject = {"containers": [{"name": "c", "image": "docker.io/x:1"}]}
BARE_TEXT = (
    'violates PodSecurity "restricted:latest": '
    'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), '
    'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), '
    'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), '
    'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
)


def container(**context: Json) -> JsonObject:
    """A pod whose container has these settings besides the safe ones."""
    (own,) = as_list_of_objects(SAFE["containers"])
    return {**SAFE, "containers": [{**own, "securityContext": {**as_object(own["securityContext"]), **context}}]}


def as_list_of_objects(value: Json) -> list[JsonObject]:
    assert isinstance(value, list)
    return [as_object(one) for one in value]


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (SAFE, ""),
        (BARE, BARE_TEXT),
        ({**SAFE, "hostNetwork": True, "hostPID": True}, "host namespaces (hostNetwork=true, hostPID=true)"),
        (
            {
                **SAFE,
                "volumes": list[Json](
                    [{"name": "v", "hostPath": {"path": "/"}}, {"name": "k", "csi": {"driver": "d"}}]
                ),
            },
            'restricted volume types (volume "v" uses restricted volume type "hostPath")',
        ),
        (container(privileged=True), 'privileged (container "c" must not set securityContext.privileged=true)'),
        (
            container(capabilities={"drop": ["ALL"], "add": ["NET_RAW", "NET_BIND_SERVICE"]}),
            'unrestricted capabilities (container "c" must not include "NET_RAW" in securityContext.capabilities.add)',
        ),
        (container(runAsUser=0), 'runAsUser=0 (container "c" must not set runAsUser=0)'),
        (
            container(runAsNonRoot=False),
            'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false)',
        ),
        (
            container(seccompProfile={"type": "Unconfined"}),
            'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
        ),
        (
            {**SAFE, "containers": [{**as_list_of_objects(SAFE["containers"])[0], "ports": [{"hostPort": 80}]}]},
            'hostPort (container "c" uses hostPort 80)',
        ),
    ],
)
def test_the_level_restricted_names_every_violation(spec: JsonObject, text: str) -> None:
    found = violations(ENFORCED, "enforce", spec)
    assert found == (text if text in {"", BARE_TEXT} else f'violates PodSecurity "restricted:latest": {text}')
    assert violations({}, "enforce", spec) == ""


def test_the_level_baseline_is_about_privileges_only() -> None:
    baseline: JsonObject = {"pod-security.kubernetes.io/enforce": "baseline"}
    assert violations(baseline, "enforce", BARE) == ""
    exposed: JsonObject = {
        **container(capabilities={"add": ["SYS_ADMIN"]}),
        "volumes": [{"name": "v", "hostPath": {"path": "/"}}],
    }
    assert violations(baseline, "enforce", exposed) == (
        'violates PodSecurity "baseline:latest": non-default capabilities (container "c" must not include "SYS_ADMIN" in '
        'securityContext.capabilities.add), hostPath volumes (volume "v")'
    )


def applied(tmp_path: Path, *items: Json, then: str = "kubectl get pods -A") -> tuple[int, str, str]:
    """Exit code and log of applying the objects, and the output of a second command."""
    it = local(tmp_path)
    found: list[tuple[int, str]] = []

    async def story() -> None:
        await cluster(it)
        await granted(it)
        await it.clock.advance(length_of_action("roleTakesEffect"))
        files: dict[str, Json] = {"o.json": {"kind": "List", "items": list(items)}}
        found.append(await said(it, "kubectl apply -f o.json", files))
        found.append(await said(it, then))

    run(story())
    (code, log), (_, output) = found
    return code, log, output


def namespace() -> JsonObject:
    made = manifest("Namespace", "v1", "ff")
    return {**made, "metadata": {"name": "ff", "labels": ENFORCED}}


def test_a_pod_that_violates_the_level_of_its_namespace_is_refused(tmp_path: Path) -> None:
    code, log, _ = applied(tmp_path, namespace(), manifest("Pod", "v1", "p", spec=BARE))
    assert code == 1
    assert log.splitlines()[1] == (
        f'Error from server (Forbidden): error when creating "o.json": pods "p" is forbidden: {BARE_TEXT}'
    )


def test_a_controller_is_accepted_with_a_warning_and_creates_no_pods(tmp_path: Path) -> None:
    deployment = manifest("Deployment", "apps/v1", "d", spec={"replicas": 1, "template": {"spec": BARE}})
    job = manifest("Job", "batch/v1", "j", spec={"template": {"spec": SAFE}})
    code, log, shown = applied(tmp_path, namespace(), deployment, job, then="kubectl get pods -n ff")
    assert code == 0
    assert f"Warning: would {BARE_TEXT.replace('violates', 'violate')}" in log.splitlines()
    assert "deployment.apps/d created" in log
    assert [line.split()[0].rpartition("-")[0] for line in shown.splitlines()[1:]] == ["j"]


def test_a_deployment_reports_why_it_has_no_pods(tmp_path: Path) -> None:
    deployment = manifest("Deployment", "apps/v1", "d", spec={"replicas": 1, "template": {"spec": BARE}})
    _, _, status = applied(tmp_path, namespace(), deployment, then="kubectl get deploy d -n ff -o json")
    assert '"reason": "FailedCreate"' in status
    assert 'pods \\"d-\\" is forbidden: violates PodSecurity \\"restricted:latest\\"' in status


def test_a_service_account_has_to_exist(tmp_path: Path) -> None:
    job = manifest("Job", "batch/v1", "j", spec={"template": {"spec": {**SAFE, "serviceAccountName": "missing"}}})
    pod = manifest("Pod", "v1", "p", spec={**SAFE, "serviceAccountName": "missing"})
    code, log, shown = applied(tmp_path, namespace(), job, pod, then="kubectl get pods -n ff")
    assert code == 1
    text = 'pods "p" is forbidden: error looking up service account ff/missing: serviceaccount "missing" not found'
    assert text in log
    assert shown.startswith("No resources found")


def policy(expression: str, **more: Json) -> list[Json]:
    """A policy on jobs, and its binding to the namespace."""
    rule: Json = {"apiGroups": ["batch"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["jobs"]}
    spec: Json = {
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [{"expression": expression, **more}],
    }
    selector: Json = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ff"}}}
    binding: Json = {"policyName": "guard", "validationActions": ["Deny"], "matchResources": selector}
    version = "admissionregistration.k8s.io/v1"
    return [
        {"apiVersion": version, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "guard"}, "spec": spec},
        {
            "apiVersion": version,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": "guard-here"},
            "spec": binding,
        },
    ]


JOB = manifest("Job", "batch/v1", "j", spec={"template": {"spec": SAFE}})


@pytest.mark.parametrize(
    ("guard", "text"),
    [
        (policy("object.metadata.name != 'j'"), "(Invalid)|failed expression: object.metadata.name != 'j'"),
        (
            policy("object.metadata.name != 'j'", message="no j here", reason="Forbidden"),
            "(Forbidden)|no j here",
        ),
        (
            policy("object.spec.nothing == 1"),
            "(Invalid)|expression 'object.spec.nothing == 1' resulted in error: no such key: nothing",
        ),
    ],
)
def test_a_policy_denies_what_fails_its_expression(tmp_path: Path, guard: list[Json], text: str) -> None:
    reason, _, cause = text.partition("|")
    code, log, _ = applied(tmp_path, namespace(), *guard, JOB)
    assert code == 1
    assert log.splitlines()[-1] == (
        f'Error from server {reason}: error when creating "o.json": jobs.batch "j" is forbidden: '
        f"ValidatingAdmissionPolicy 'guard' with binding 'guard-here' denied request: {cause}"
    )


def test_a_policy_is_about_the_namespaces_of_its_binding(tmp_path: Path) -> None:
    elsewhere: JsonObject = {**JOB, "metadata": {"name": "j", "namespace": "default"}}
    code, log, _ = applied(tmp_path, namespace(), *policy("false"), elsewhere)
    assert (code, log.splitlines()[-1]) == (0, "job.batch/j created")
