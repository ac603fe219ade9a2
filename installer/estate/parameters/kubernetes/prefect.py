"""Manifests of Prefect: servers, background services, workers and RBAC."""

from typing import Final

from installer.conventions.naming.environment import FLOWS_ACCOUNT
from installer.estate.parameters.kubernetes.objects import (
    Home,
    Manifest,
    Program,
    file_of,
    pod,
)
from installer.estate.parameters.kubernetes.vault_copies import marked, secret_class, vault_secrets
from installer.estate.parameters.prefect_api import (
    CLIENT_RETRIES,
    HEARTBEAT,
    PREFECT_AUTH,
    PREFECT_CERTIFICATE,
    PREFECT_KEY,
    PREFECT_TLS_KEY,
    SERVER,
    SERVER_PORT,
    prefect_address,
    prefect_url,
    public_host,
)
from installer.estate.parameters.prefect_container_apps import WORKER_PORT
from installer.estate.parameters.prefect_server import (
    LIVE_PATH,
    READY_PATH,
    SERVICES_COMMAND,
    SERVICES_REPLICAS,
    for_cloud,
    has_separate_services,
    server_secrets,
    server_settings,
    services_settings,
)
from installer.jsontypes import Json

WORKER: Final = "prefect-worker"
SERVICES: Final = "prefect-services"
"""Deployment of the background services of several Prefect servers."""
_POD_NAME: Final = "POD_NAME"
_INTERNAL: Final = "service.beta.kubernetes.io/azure-load-balancer-internal"
_ADDRESS: Final = "service.beta.kubernetes.io/azure-load-balancer-ipv4"
_LABEL: Final = "service.beta.kubernetes.io/azure-dns-label-name"
_SERVICE_TAGS: Final = "service.beta.kubernetes.io/azure-allowed-service-tags"
_IP_RANGES: Final = "service.beta.kubernetes.io/azure-allowed-ip-ranges"
"""Annotations: cloud-provider-azure.sigs.k8s.io/topics/loadbalancer."""
CERTIFICATE_FILE: Final = "PREFECT_API_SSL_CERT_FILE"
"""Setting of Prefect with the file of the certificates that a client trusts."""
_SERVER_COMMAND: Final[list[Json]] = [
    *("python", "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"),
    *("--host", "0.0.0.0", "--port", str(SERVER_PORT)),  # noqa: S104  in its pod
    *("--ssl-keyfile", file_of(PREFECT_TLS_KEY), "--ssl-certfile", file_of(PREFECT_CERTIFICATE)),
]
"""Prefect's command line has no options for TLS, its web server has."""
_READ: Final[list[Json]] = ["get", "list", "watch"]


def url_inside(home: Home) -> str:
    """URL of the Prefect API inside the cluster."""
    if home.it.answers.platform.prefect == "cloud":
        return str(prefect_url(home.it, home.site, home.outputs))
    return f"https://{SERVER}.{home.it.names.namespace(home.site.name)}.svc:{SERVER_PORT}/api"


def certificate_files(home: Home) -> tuple[str, ...]:
    """Secrets that become files for clients of the Prefect API: the certificate that they trust."""
    return (PREFECT_CERTIFICATE,) if home.it.answers.platform.prefect == "server" else ()


def client_settings(home: Home) -> dict[str, Json]:
    """Environment variables for clients of the Prefect API."""
    trusted: dict[str, Json] = {CERTIFICATE_FILE: file_of(PREFECT_CERTIFICATE)} if certificate_files(home) else {}
    return {"PREFECT_API_URL": url_inside(home), **trusted}


def kept_for_clients(home: Home) -> dict[str, str]:
    """Secret name in the key vault by environment variable, for clients of the Prefect API."""
    on_server = home.it.answers.platform.prefect == "server"
    return {"PREFECT_API_AUTH_STRING": PREFECT_AUTH} if on_server else {"PREFECT_API_KEY": PREFECT_KEY}


def server(home: Home) -> list[Manifest]:
    """The Prefect server and its internal load balancer; not with Prefect Cloud."""
    platform = home.it.answers.platform
    url = prefect_url(home.it, home.site, home.outputs) or url_inside(home)
    program = Program(
        SERVER,
        SERVER,
        home.deployed_image("prefect"),
        for_cloud(home.it, _SERVER_COMMAND),
        # As `prefect server start` does for its web server (prefect/cli/_server_utils.py).
        {**server_settings(home.it, home.site, home.outputs, url), "PREFECT__SERVER_FINAL": "1"},
        server_secrets(home.it),
        size=("500m", "1Gi"),
        most_cores="2",
        files=(PREFECT_TLS_KEY, PREFECT_CERTIFICATE),
        port=SERVER_PORT,
        scheme="HTTPS",
        health=LIVE_PATH,
        ready=READY_PATH,
    )
    service = home.manifest(
        "v1",
        "Service",
        SERVER,
        spec={
            "type": "LoadBalancer",
            # Only nodes with a server take calls. One that forwards them would hide the caller, and Azure's health probe,
            # from the network policy (kubernetes.io/docs/tutorials/services/source-ip; docs.cilium.io, policy/caveats).
            "externalTrafficPolicy": "Local",
            "selector": {"app.kubernetes.io/name": SERVER},
            "ports": [{"name": "https", "port": SERVER_PORT, "targetPort": SERVER_PORT, "protocol": "TCP"}],
        },
    )
    metadata = service["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101  created above
    metadata["annotations"] = _place(home)
    return [
        secret_class(home, program, "prefect"),
        *_deployment(home, program, platform.prefect_servers),
        *(_services(home, url) if has_separate_services(home.it) else []),
        service,
    ]


def _place(home: Home) -> dict[str, Json]:
    """Where the load balancer is: inside the network, or public with a name, for callers of the web app's service only."""
    address = prefect_address(home.it, home.site)
    if public_host(home.it, home.site) is None:
        return {_INTERNAL: "true", **({_ADDRESS: address} if address else {})}
    on_service = home.it.answers.platform.control_plane == "app_service"
    callers: dict[str, Json] = {_SERVICE_TAGS: "AppService" if on_service else "AzureCloud"}
    ranges = home.it.answers.platform.api_ranges
    if ranges:
        callers[_IP_RANGES] = ",".join(ranges)
    return {_LABEL: home.it.names.prefect_label(home.site.name), **callers}


def _services(home: Home, url: str) -> list[Manifest]:
    """Background services, which have no web server to probe; they end when one of them fails to start."""
    program = Program(
        SERVICES,
        SERVER,
        home.deployed_image("prefect"),
        for_cloud(home.it, SERVICES_COMMAND),
        services_settings(home.it, home.site, home.outputs, url),
        server_secrets(home.it),
        size=("250m", "1Gi"),
        most_cores="2",
    )
    return [secret_class(home, program, "prefect"), *_deployment(home, program, SERVICES_REPLICAS)]


def worker(home: Home) -> list[Manifest]:
    """The Prefect worker, which creates a pod for each flow run, with permissions in the namespace of flow runs only.

    Permissions: github.com/PrefectHQ/prefect-helm, charts/prefect-worker/templates/role.yaml. It also reads events
    (prefect_kubernetes/worker.py, _log_recent_events). With PREFECT_KUBERNETES_CLUSTER_UID it needs no permission in
    kube-system (_get_cluster_uid).
    """
    flows = home.to("flows")
    program = Program(
        WORKER,
        WORKER,
        home.deployed_image("prefect"),
        [
            *("prefect", "worker", "start", "--type", "kubernetes"),
            *("--pool", f"flowforge-{home.site.name}", "--with-healthcheck"),
            # Prefect's pages and logs name environment and pod. Kubernetes replaces $(NAME) in a command
            # (kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container).
            *("--name", f"{home.site.name}-$({_POD_NAME})"),
        ],
        {
            "AZURE_CLIENT_ID": home.client_id("worker"),
            "FLOWFORGE_DATABASE_HOST": home.it.names.postgres_at(home.it.postgres(home.site)),
            **client_settings(home),
            "PREFECT_INTEGRATIONS_KUBERNETES_OBSERVER_NAMESPACES": flows.namespace,
            "PREFECT_KUBERNETES_CLUSTER_UID": home.it.names.kubernetes(home.site.name),
            **HEARTBEAT,
            **CLIENT_RETRIES,
            **_secret_of_jobs(home),
        },
        kept_for_clients(home),
        size=("250m", "512Mi"),
        calls_cluster=True,
        files=certificate_files(home),
        port=WORKER_PORT,
        health="/health",
        from_pod={_POD_NAME: "metadata.name"},
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
        # Pods of flow runs get it by mounting it (desired.py); no right to secrets is needed for that.
        vault_secrets(flows, FLOWS_ACCOUNT, kept_for_clients(flows), certificate_files(flows), "worker"),
        *_deployment(home, program, home.it.replicas()),
    ]


def _secret_of_jobs(home: Home) -> dict[str, Json]:
    """Settings that make jobs of flow runs refer to a secret, instead of having the credential of the worker in clear.

    prefect_kubernetes/settings.py and worker.py (_create_job).
    """
    (name, kept), *_ = kept_for_clients(home).items()
    prefix = f"PREFECT_INTEGRATIONS_KUBERNETES_WORKER_{name.removeprefix('PREFECT_')}"
    flows = home.to("flows")
    copy = flows.copy_name(FLOWS_ACCOUNT, (*kept_for_clients(flows).values(), *certificate_files(flows)))
    return {f"{prefix}_SECRET_NAME": copy, f"{prefix}_SECRET_KEY": kept}


def _deployment(home: Home, program: Program, replicas: int) -> list[Manifest]:
    """A deployment; with several replicas, they are in different zones, and a drain removes one at a time."""
    selector: Json = {"matchLabels": {"app.kubernetes.io/name": program.name}}
    template = pod(marked(home, program), spread=replicas > 1)
    spec: Json = {"replicas": replicas, "selector": selector, "template": template}
    found = home.manifest("apps/v1", "Deployment", program.name, spec=spec)
    # A budget for one pod would block every drain: learn.microsoft.com, aks/operator-best-practices-scheduler.
    if replicas == 1:
        return [found]
    budget: Json = {"maxUnavailable": 1, "selector": selector, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    return [found, home.manifest("policy/v1", "PodDisruptionBudget", program.name, spec=budget)]
