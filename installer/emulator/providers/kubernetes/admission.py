"""Admission of objects and of the pods that controllers create: fields, service accounts, Pod Security, admission policies.

Texts: kubernetes/kubernetes, plugin/pkg/admission/serviceaccount/admission.go, staging/src/k8s.io/pod-security-admission and
staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.emulator.providers.kubernetes.cel import evaluate
from installer.emulator.providers.kubernetes.cel_operations import CelError
from installer.emulator.providers.kubernetes.pod_security import violations
from installer.emulator.providers.kubernetes.pods import namespace_of, template_of
from installer.emulator.providers.kubernetes.strict_fields import refusal_of_fields
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from installer.jsontypes import Json

POLICY: Final = "ValidatingAdmissionPolicy"
BINDING: Final = "ValidatingAdmissionPolicyBinding"
_NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""Label that every namespace has: kubernetes.io/docs/reference/labels-annotations-taints."""
_DEFAULT_ACCOUNT: Final = "default"


@dataclass(frozen=True)
class Refusal:
    """A refused request: the reason of its status, and its message."""

    reason: str
    message: str


@dataclass(frozen=True)
class Admission:
    """Checks new objects of a cluster.

    Attributes:
        objects: All objects of a kind.

    """

    objects: Callable[[str], Sequence[JsonObject]]

    def refusal(self, manifest: JsonObject, resource: str, group: str) -> Refusal | None:
        """Why an object is refused, or None.

        Args:
            manifest: The object.
            resource: Plural name of its kind.
            group: Its API group.

        """
        name = as_text(member(manifest, "metadata", "name"))
        full = f"{resource}.{group}" if group else resource
        if text := refusal_of_fields(manifest):
            return Refusal("BadRequest", text)
        for reason, text in self._denials(manifest, resource, group):
            return Refusal(reason, f'{full} "{name}" is forbidden: {text}')
        if manifest.get("kind") == "Pod" and (text := self._pod_text(namespace_of(manifest), manifest)):
            return Refusal("Forbidden", f'pods "{name}" is forbidden: {text}')
        return None

    def refusal_of_pods(self, owner: JsonObject) -> str:
        """Why the controller of an object cannot create its pods, or ''."""
        name, place, template = as_text(member(owner, "metadata", "name")), namespace_of(owner), template_of(owner)
        pod: JsonObject = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**as_object(template.get("metadata")), "namespace": place, "generateName": f"{name}-"},
            "spec": {"serviceAccountName": _DEFAULT_ACCOUNT, **as_object(template.get("spec"))},
        }
        text = self._pod_text(place, pod) or next((text for _, text in self._denials(pod, "pods", "")), "")
        return f'pods "{name}-" is forbidden: {text}' if text else ""

    def warnings(self, owner: JsonObject) -> list[str]:
        """Warnings of the API server when an object with a pod template is written."""
        spec = as_object(template_of(owner).get("spec"))
        labels = self._labels(namespace_of(owner))
        found = [violations(labels, mode, spec) for mode in ("warn", "enforce")] if spec else []
        return [f"would {text.replace('violates', 'violate', 1)}" for text in found if text][:1]

    def _pod_text(self, place: str, pod: JsonObject) -> str:
        account = as_text(member(pod, "spec", "serviceAccountName"), _DEFAULT_ACCOUNT)
        known = {_identity(one) for one in self.objects("ServiceAccount")}
        if account != _DEFAULT_ACCOUNT and (place, account) not in known:
            return f'error looking up service account {place}/{account}: serviceaccount "{account}" not found'
        return violations(self._labels(place), "enforce", as_object(pod.get("spec")))

    def _labels(self, namespace: str) -> JsonObject:
        found = next((one for one in self.objects("Namespace") if member(one, "metadata", "name") == namespace), {})
        return {**as_object(member(found, "metadata", "labels")), _NAME_LABEL: namespace}

    def _denials(self, manifest: JsonObject, resource: str, group: str) -> Iterator[tuple[str, str]]:
        """Reasons and texts of the policies that deny an object."""
        policies = {
            as_text(member(one, "metadata", "name")): as_object(one.get("spec")) for one in self.objects(POLICY)
        }
        for binding in self.objects(BINDING):
            name, spec = as_text(member(binding, "metadata", "name")), as_object(binding.get("spec"))
            policy_name = as_text(spec.get("policyName"))
            policy = policies.get(policy_name)
            if policy is None or "Deny" not in as_list(spec.get("validationActions")):
                continue
            if not (_constrains(policy, resource, group) and self._selects(spec, namespace_of(manifest))):
                continue
            for reason, text in _failures(policy, manifest):
                yield reason, f"{POLICY} '{policy_name}' with binding '{name}' denied request: {text}"

    def _selects(self, binding: JsonObject, namespace: str) -> bool:
        wanted = as_object(member(binding, "matchResources", "namespaceSelector", "matchLabels"))
        labels = self._labels(namespace)
        return all(labels.get(key) == value for key, value in wanted.items())


def _identity(one: JsonObject) -> tuple[str, str]:
    return namespace_of(one), as_text(member(one, "metadata", "name"))


def _constrains(policy: JsonObject, resource: str, group: str) -> bool:
    """Whether the rules of a policy are about the creation of objects of a kind."""
    return any(
        resource in as_list(rule.get("resources"))
        and group in as_list(rule.get("apiGroups"))
        and ({"CREATE", "*"} & {as_text(one) for one in as_list(rule.get("operations"))})
        for rule in objects_of(member(policy, "matchConstraints", "resourceRules"))
    )


def _failures(policy: JsonObject, manifest: JsonObject) -> Iterator[tuple[str, str]]:
    values: dict[str, Json] = {"object": manifest, "oldObject": None}
    for validation in objects_of(policy.get("validations")):
        expression = as_text(validation.get("expression"))
        try:
            passed = evaluate(expression, values) is True
        except CelError as problem:
            if as_text(policy.get("failurePolicy"), "Fail") == "Fail":
                yield "Invalid", f"expression '{expression}' resulted in error: {problem}"
            continue
        if not passed:
            text = as_text(validation.get("message")) or f"failed expression: {expression}"
            yield as_text(validation.get("reason"), "Invalid"), text
