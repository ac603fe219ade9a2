"""Namespaces of an environment with their Pod Security level, service accounts and network policies."""

from typing import Final

from installer.conventions.naming.environment import SERVICE_ACCOUNTS
from installer.estate.parameters.kubernetes.flow_guard import flow_guard
from installer.estate.parameters.kubernetes.objects import Home, Manifest, labels
from installer.estate.parameters.prefect_api import SERVER, SERVER_PORT, public_host
from installer.jsontypes import Json

_SECURITY: Final[dict[str, Json]] = {
    f"pod-security.kubernetes.io/{mode}{suffix}": value
    for mode in ("enforce", "audit", "warn")
    for suffix, value in (("", "restricted"), ("-version", "latest"))
}
"""Labels: kubernetes.io/docs/concepts/security/pod-security-admission."""
NAME_LABEL: Final = "kubernetes.io/metadata.name"
_METADATA_ENDPOINT: Final = "169.254.169.254/32"
"""Instance metadata: learn.microsoft.com/azure/aks/imds-restriction."""
_PRIVATE_RANGES: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
_NETWORKING: Final = "networking.k8s.io/v1"


def foundation(home: Home) -> list[Manifest]:
    """The permanent namespaces, the guard of flow runs, service accounts of managed identities, network policies."""
    parts = [home, home.to("flows")]
    workloads = home.it.workloads(home.site)
    accounts = [
        home.to(part).account(account, workload)
        for part, names in SERVICE_ACCOUNTS.items()
        for account, workload in names.items()
        if workload in workloads
    ]
    return [
        *(namespace(part) for part in parts),
        *flow_guard(home),
        *accounts,
        *(policy for part in parts for policy in isolation(part)),
        *([_clients_of_prefect(home)] if home.it.answers.platform.prefect == "server" else []),
    ]


def namespace(home: Home) -> Manifest:
    """The namespace, which accepts unprivileged pods only."""
    metadata: Json = {"name": home.namespace, "labels": {**labels(home.namespace), **_SECURITY}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def isolation(home: Home) -> list[Manifest]:
    """Network policies of a namespace: no pod is called unless another policy allows it; no pod reads the metadata.

    The second one is a policy of Cilium, because a NetworkPolicy that denies one address has to allow all others, and its
    address ranges select neither pods nor nodes (learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium). Without
    enableDefaultDeny it would deny all other addresses, too (docs.cilium.io, security/policy).
    """
    closed: Json = {"podSelector": {}, "policyTypes": ["Ingress"]}
    no_metadata: Json = {
        "endpointSelector": {},
        "enableDefaultDeny": {"ingress": False, "egress": False},
        "egressDeny": [{"toCIDR": [_METADATA_ENDPOINT]}],
    }
    return [
        home.manifest(_NETWORKING, "NetworkPolicy", "default-deny-ingress", spec=closed),
        home.manifest("cilium.io/v2", "CiliumNetworkPolicy", "no-instance-metadata", spec=no_metadata),
    ]


def _clients_of_prefect(home: Home) -> Manifest:
    """Callers of the Prefect server: pods of both namespaces, and addresses outside the cluster.

    The address ranges select no pods; which addresses reach the nodes is decided by the networks around, and for a public
    load balancer by the annotations of the service.
    """
    flows: Json = {NAME_LABEL: home.to("flows").namespace}
    ranges = ("0.0.0.0/0",) if public_host(home.it, home.site) else _PRIVATE_RANGES
    outside: list[Json] = [{"ipBlock": {"cidr": cidr}} for cidr in ranges]
    callers: list[Json] = [{"podSelector": {}}, {"namespaceSelector": {"matchLabels": flows}}, *outside]
    spec: Json = {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": SERVER}},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": callers, "ports": [{"protocol": "TCP", "port": SERVER_PORT}]}],
    }
    return home.manifest(_NETWORKING, "NetworkPolicy", SERVER, spec=spec)
