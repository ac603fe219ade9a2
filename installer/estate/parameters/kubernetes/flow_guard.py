"""Admission policies of the namespace of flow runs: which service account and which privileges their pods may have.

The creator of a flow run chooses the manifest of its pods, so a work pool is no boundary. The level of Pod Security
refuses such pods, too, but only after their job was accepted; the policy on jobs gives Prefect the reason at once.
Semantics and fields: kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy.
"""

from typing import Final

from installer.conventions.naming.environment import FLOWS_ACCOUNT
from installer.estate.parameters.kubernetes.objects import Home, Manifest, labels
from installer.jsontypes import Json

_API: Final = "admissionregistration.k8s.io/v1"
_GUARDED: Final = {"jobs": ("batch", "object.spec.template.spec"), "pods": ("", "object.spec")}
"""API group and path of the pod spec by kind."""
_HOST: Final = ("hostNetwork", "hostPID", "hostIPC")


def flow_guard(home: Home) -> list[Manifest]:
    """A policy with its binding for jobs, and one for pods, whatever creates them."""
    return [manifest for resource in _GUARDED for manifest in _guard(home, resource)]


def _guard(home: Home, resource: str) -> list[Manifest]:
    group, path = _GUARDED[resource]
    name = f"flowforge-flow-{resource}"
    operations: list[Json] = ["CREATE", "UPDATE"]
    rule: Json = {"apiGroups": [group], "apiVersions": ["v1"], "operations": operations, "resources": [resource]}
    policy: Json = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [
            {"expression": expression, "message": message, "reason": "Forbidden"}
            for expression, message in _rules(path).items()
        ],
    }
    selector: Json = {"matchLabels": {"kubernetes.io/metadata.name": home.to("flows").namespace}}
    binding: Json = {
        "policyName": name,
        "validationActions": ["Deny"],
        "matchResources": {"namespaceSelector": selector},
    }
    return [
        _global("ValidatingAdmissionPolicy", name, policy),
        _global("ValidatingAdmissionPolicyBinding", name, binding),
    ]


def _global(kind: str, name: str, spec: Json) -> Manifest:
    return {"apiVersion": _API, "kind": kind, "metadata": {"name": name, "labels": labels(name)}, "spec": spec}


def _rules(path: str) -> dict[str, str]:
    """Message by expression, for the pod spec at a path."""
    account = f"has({path}.serviceAccountName) && {path}.serviceAccountName == '{FLOWS_ACCOUNT}'"
    host = " && ".join(f"(!has({path}.{name}) || !{path}.{name})" for name in _HOST)
    volumes = f"!has({path}.volumes) || {path}.volumes.all(volume, !has(volume.hostPath))"
    unprivileged = (
        "!has(one.securityContext) || !has(one.securityContext.privileged) || !one.securityContext.privileged"
    )
    containers = " && ".join(
        f"(!has({path}.{name}) || {path}.{name}.all(one, {unprivileged}))" for name in ("containers", "initContainers")
    )
    return {
        account: f"pods of flow runs use the service account {FLOWS_ACCOUNT}",
        host: "pods of flow runs use no host namespaces",
        volumes: "pods of flow runs mount no folders of their node",
        containers: "containers of flow runs are not privileged",
    }
