"""Manifests of Prefect: server, worker and RBAC."""

from typing import Final

from installer.conventions.naming.environment import BOOTSTRAP_ACCOUNT, FLOWS_ACCOUNT
from installer.estate.parameters.kubernetes.objects import Home, Manifest, Program, pod, secret_class
from installer.estate.parameters.prefect_container_apps import (
    PREFECT_AUTH,
    PREFECT_KEY,
    SERVER_COMMAND,
    SERVER_PORT,
    WORKER_PORT,
    prefect_address,
    prefect_url,
    server_settings,
)
from installer.jsontypes import Json

SERVER: Final = "prefect-server"
WORKER: Final = "prefect-worker"
_INTERNAL: Final = "service.beta.kubernetes.io/azure-load-balancer-internal"
_ADDRESS: Final = "service.beta.kubernetes.io/azure-load-balancer-ipv4"
_READ: Final[list[Json]] = ["get", "list", "watch"]


def url_inside(home: Home) -> str:
    """URL of the Prefect API inside the cluster."""
    if home.it.answers.platform.prefect == "cloud":
        return str(prefect_url(home.it, home.site, home.outputs))
    return f"http://{SERVER}.{home.namespace}.svc:{SERVER_PORT}/api"


def kept_for_clients(home: Home) -> dict[str, str]:
    """Secret name in the key vault by environment variable, for clients of the Prefect API."""
    on_server = home.it.answers.platform.prefect == "server"
    return {"PREFECT_API_AUTH_STRING": PREFECT_AUTH} if on_server else {"PREFECT_API_KEY": PREFECT_KEY}


def server(home: Home) -> list[Manifest]:
    """The Prefect server and its internal load balancer; not with Prefect Cloud."""
    platform = home.it.answers.platform
    program = Program(
        SERVER,
        SERVER,
        home.image(platform.prefect_image),
        SERVER_COMMAND,
        server_settings(home.it, home.site, home.outputs),
        {"PREFECT_SERVER_API_AUTH_STRING": PREFECT_AUTH},
        size=("500m", "1Gi"),
        most_cores="2",
        port=SERVER_PORT,
        health="/api/health",
    )
    address = prefect_address(home.it, home.site)
    service = home.manifest(
        "v1",
        "Service",
        SERVER,
        spec={
            "type": "LoadBalancer",
            "selector": {"app.kubernetes.io/name": SERVER},
            "ports": [{"name": "http", "port": SERVER_PORT, "targetPort": SERVER_PORT, "protocol": "TCP"}],
        },
    )
    metadata = service["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101  created above
    metadata["annotations"] = {_INTERNAL: "true", **({_ADDRESS: address} if address else {})}
    return [
        secret_class(home, program, "prefect"),
        *_deployment(home, program, platform.prefect_servers),
        service,
    ]


def worker(home: Home) -> list[Manifest]:
    """The Prefect worker, which creates a pod for each flow run, with permissions in the namespace of flow runs only.

    Permissions: github.com/PrefectHQ/prefect-helm, charts/prefect-worker/templates/role.yaml. It also reads events
    (prefect_kubernetes/worker.py, _log_recent_events). With PREFECT_KUBERNETES_CLUSTER_UID it needs no permission in
    kube-system (_get_cluster_uid).
    """
    platform, flows = home.it.answers.platform, home.to("flows")
    program = Program(
        WORKER,
        WORKER,
        home.image(platform.prefect_image),
        [
            *("prefect", "worker", "start", "--type", "kubernetes"),
            *("--pool", f"flowforge-{home.site.name}", "--with-healthcheck"),
        ],
        {
            "AZURE_CLIENT_ID": home.client_id("worker"),
            "PREFECT_API_URL": url_inside(home),
            "PREFECT_INTEGRATIONS_KUBERNETES_OBSERVER_NAMESPACES": flows.namespace,
            "PREFECT_KUBERNETES_CLUSTER_UID": home.it.names.kubernetes(home.site.name),
        },
        kept_for_clients(home),
        size=("250m", "512Mi"),
        calls_cluster=True,
        port=WORKER_PORT,
        health="/health",
    )
    rules: list[Json] = [
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": [*_READ, "create", "patch", "delete"]},
        {"apiGroups": [""], "resources": ["pods", "pods/log", "pods/status", "events"], "verbs": _READ},
    ]
    authorization = "rbac.authorization.k8s.io"
    return [
        flows.manifest(f"{authorization}/v1", "Role", WORKER, rules=rules),
        flows.manifest(
            f"{authorization}/v1",
            "RoleBinding",
            WORKER,
            roleRef={"apiGroup": authorization, "kind": "Role", "name": WORKER},
            subjects=[{"kind": "ServiceAccount", "name": WORKER, "namespace": home.namespace}],
        ),
        secret_class(home, program, "worker"),
        *_deployment(home, program, home.it.replicas()),
    ]


def former_permissions(home: Home) -> list[Manifest]:
    """Objects of earlier versions, in which flow runs shared the namespace of the services."""
    authorization = "rbac.authorization.k8s.io/v1"
    return [
        home.manifest(authorization, "RoleBinding", WORKER),
        home.manifest(authorization, "Role", WORKER),
        *(home.manifest("v1", "ServiceAccount", account) for account in (FLOWS_ACCOUNT, BOOTSTRAP_ACCOUNT)),
    ]


def _deployment(home: Home, program: Program, replicas: int) -> list[Manifest]:
    """A deployment; with several replicas, they are in different zones, and a drain removes one at a time."""
    selector: Json = {"matchLabels": {"app.kubernetes.io/name": program.name}}
    template = pod(program, spread=replicas > 1)
    spec: Json = {"replicas": replicas, "selector": selector, "template": template}
    found = home.manifest("apps/v1", "Deployment", program.name, spec=spec)
    # A budget for one pod would block every drain: learn.microsoft.com, aks/operator-best-practices-scheduler.
    if replicas == 1:
        return [found]
    budget: Json = {"maxUnavailable": 1, "selector": selector, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    return [found, home.manifest("policy/v1", "PodDisruptionBudget", program.name, spec=budget)]
