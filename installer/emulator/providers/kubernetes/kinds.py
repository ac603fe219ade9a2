"""Kinds of Kubernetes objects that the emulated clusters know, with the names that kubectl accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Kind:
    """A kind of object.

    Attributes:
        name: The kind in a manifest.
        group: The API group, '' for the core group.
        words: The names that kubectl accepts: singular, plural, short.
        namespaced: Whether its objects belong to a namespace.

    """

    name: str
    group: str
    words: tuple[str, ...]
    namespaced: bool = True

    @property
    def shown(self) -> str:
        """The name that kubectl prints: `deployment.apps`."""
        return self.words[0] + (f".{self.group}" if self.group else "")


CILIUM: Final = "cilium.io"
"""API group that exists in clusters with the data plane of Cilium only."""
NAMESPACE: Final = Kind("Namespace", "", ("namespace", "namespaces", "ns"), namespaced=False)
ACCOUNT: Final = Kind("ServiceAccount", "", ("serviceaccount", "serviceaccounts", "sa"))
KINDS: Final = (
    NAMESPACE,
    ACCOUNT,
    Kind("Service", "", ("service", "services", "svc")),
    Kind("ConfigMap", "", ("configmap", "configmaps", "cm")),
    Kind("Pod", "", ("pod", "pods", "po")),
    Kind("Event", "", ("event", "events", "ev")),
    Kind("Deployment", "apps", ("deployment", "deployments", "deploy")),
    Kind("Job", "batch", ("job", "jobs")),
    Kind("CronJob", "batch", ("cronjob", "cronjobs", "cj")),
    Kind("Role", "rbac.authorization.k8s.io", ("role", "roles")),
    Kind("RoleBinding", "rbac.authorization.k8s.io", ("rolebinding", "rolebindings")),
    Kind("PodDisruptionBudget", "policy", ("poddisruptionbudget", "poddisruptionbudgets", "pdb")),
    Kind("NetworkPolicy", "networking.k8s.io", ("networkpolicy", "networkpolicies", "netpol")),
    Kind(
        "ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io",
        ("validatingadmissionpolicy", "validatingadmissionpolicies"),
        namespaced=False,
    ),
    Kind(
        "ValidatingAdmissionPolicyBinding",
        "admissionregistration.k8s.io",
        ("validatingadmissionpolicybinding", "validatingadmissionpolicybindings"),
        namespaced=False,
    ),
    Kind("CiliumNetworkPolicy", CILIUM, ("ciliumnetworkpolicy", "ciliumnetworkpolicies", "cnp")),
    Kind("SecretProviderClass", "secrets-store.csi.x-k8s.io", ("secretproviderclass", "secretproviderclasses")),
)


def kind_named(word: str) -> Kind | None:
    """The kind for a name such as `deploy`, `deployments.apps` or `Deployment`, or None."""
    plain = word.lower()
    for kind in KINDS:
        if plain in kind.words or any(plain == f"{own}.{kind.group}" for own in kind.words if kind.group):
            return kind
    return None
