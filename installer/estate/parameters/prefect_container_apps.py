"""Container apps of an environment: Prefect server, Prefect worker, and optionally the web app."""

from typing import Final

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

PREFECT_AUTH: Final = "prefect-auth"
"""Name in the key vault of the credential of the Prefect API."""
PREFECT_KEY: Final = "prefect-cloud-key"
"""Name in the key vault of the Prefect Cloud API key."""
PREFECT_TLS_KEY: Final = "prefect-tls-key"
"""Name in the key vault of the private key of a Prefect server in a cluster."""
PREFECT_CERTIFICATE: Final = "prefect-certificate"
"""Name in the key vault of the certificate of a Prefect server in a cluster, which its clients trust."""
SERVER: Final = "prefect-server"
"""Name of the Prefect server and its service in a cluster."""
SERVER_PORT: Final = 4200
"""Port of the Prefect server in its container."""
WORKER_PORT: Final = 8080
"""Port of the health check of a Prefect worker."""
SERVER_COMMAND: Final[list[Json]] = [
    *("prefect", "server", "start", "--host", "0.0.0.0", "--port", str(SERVER_PORT))  # noqa: S104  in its container
]
WEB_CERTIFICATE: Final = "FLOWFORGE_PREFECT_CERTIFICATE"
"""Environment variable of the web app with the certificate of the Prefect server."""
_REDIS_PORT: Final = "10000"
_POSTGRES_PORT: Final = 5432
_CLOUD_API: Final = "https://api.prefect.cloud/api"


def prefect_url(it: Installation, site: Site, outputs: Outputs) -> str | None:
    """URL of the Prefect API of an environment; None if it is not known in advance."""
    platform = it.answers.platform
    if platform.prefect == "cloud":
        return f"{_CLOUD_API}/accounts/{platform.cloud_account}/workspaces/{platform.cloud_workspace}"
    if site.on_kubernetes:
        address = prefect_address(it, site)
        return f"https://{address}:{SERVER_PORT}/api" if address else None
    return f"https://{it.names.app(site.name, 'prefect')}.{outputs[f'runtime-{site.name}']['defaultDomain']}/api"


def prefect_address(it: Installation, site: Site) -> str | None:
    """IP address of the internal load balancer of Prefect: the last one in the subnet of the nodes.

    None where the subnet is not of our making, and without Kubernetes.
    """
    if not site.on_kubernetes or it.answers.network.mode in {"public", "existing"}:
        return None
    return it.addresses.network(site.name).subnet("nodes").last


def has_certificate(it: Installation, site: Site) -> bool:
    """Whether the Prefect server ends TLS itself: in a cluster, because Container Apps do that for their apps."""
    return site.on_kubernetes and it.answers.platform.prefect == "server"


def prefect_hosts(it: Installation, site: Site) -> tuple[str, ...]:
    """Names and addresses of the Prefect server in a cluster."""
    address = prefect_address(it, site)
    name = f"{SERVER}.{it.names.namespace(site.name)}.svc"
    return (name, address) if address else (name,)


def web_credentials(it: Installation, site: Site) -> dict[str, Json]:
    """Environment variables of the web app with secrets, and their URIs in the key vault."""
    found = prefect_credential(it, site)
    if has_certificate(it, site):
        found[WEB_CERTIFICATE] = f"{it.names.key_vault_uri(site.name)}secrets/{PREFECT_CERTIFICATE}"
    return found


def prefect_credential(it: Installation, site: Site) -> dict[str, Json]:
    """Environment variable with the credential of the Prefect API, and its secret URI in the key vault."""
    kept = (
        {"PREFECT_API_AUTH_STRING": PREFECT_AUTH}
        if it.answers.platform.prefect == "server"
        else {"PREFECT_API_KEY": PREFECT_KEY}
    )
    return {name: f"{it.names.key_vault_uri(site.name)}secrets/{secret}" for name, secret in kept.items()}


def server_settings(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    """Environment variables of a Prefect server: passwordless database, and Redis for several replicas."""
    names, client = it.names, principals_of(outputs, site.name)["prefect"]
    user, host = names.identity(site.name, "prefect"), names.postgres_at(it.postgres(site))
    database = f"{host}:{_POSTGRES_PORT}/{names.database(site.name, 'prefect')}?ssl=require"
    settings: dict[str, Json] = {
        "AZURE_CLIENT_ID": client.client_id,
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{user}@{database}",
        "PREFECT_PLUGINS_ENABLED": "true",
        "PREFECT_INTEGRATIONS_AZURE_POSTGRES_MANAGED_IDENTITY_ENABLED": "true",
        "PREFECT_INTEGRATIONS_AZURE_POSTGRES_MANAGED_IDENTITY_CLIENT_ID": client.client_id,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    if it.answers.platform.prefect_servers == 1:
        return settings
    return {
        **settings,
        "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_REDIS_MESSAGING_HOST": f"{names.redis(site.name)}.{site.location}.{names.answers_at.redis}",
        "PREFECT_REDIS_MESSAGING_PORT": _REDIS_PORT,
        "PREFECT_REDIS_MESSAGING_SSL": "true",
        "PREFECT_REDIS_MESSAGING_USERNAME": client.object_id,
    }


def web_app(it: Installation, site: Site, settings: dict[str, Json], health: str, port: int) -> Json:
    """The web app as a container app."""
    return _app(
        it,
        site,
        "web",
        it.answers.platform.web_image,
        settings={name: value for name, value in settings.items() if name != "WEBSITES_PORT"},
        secrets=web_credentials(it, site),
        port=port,
        health=health,
        replicas=it.replicas(),
        size=("1", "2Gi"),
    )


def prefect_apps(it: Installation, site: Site, outputs: Outputs) -> list[Json]:
    """Prefect server (not with Prefect Cloud) and worker; flows run in the worker, which has a dedicated profile."""
    platform, vault = it.answers.platform, it.names.key_vault_uri(site.name)
    principals, url = principals_of(outputs, site.name), prefect_url(it, site, outputs)
    on_server = platform.prefect == "server"
    found: list[Json] = []
    if on_server:
        found.append(
            _app(
                it,
                site,
                "prefect",
                platform.prefect_image,
                settings=server_settings(it, site, outputs),
                secrets={"PREFECT_SERVER_API_AUTH_STRING": f"{vault}secrets/{PREFECT_AUTH}"},
                command=SERVER_COMMAND,
                port=SERVER_PORT,
                health="/api/health",
                replicas=platform.prefect_servers,
                size=("1", "2Gi"),
            )
        )
    found.append(
        _app(
            it,
            site,
            "worker",
            platform.prefect_image,
            settings={"AZURE_CLIENT_ID": principals["worker"].client_id, "PREFECT_API_URL": url},
            secrets=prefect_credential(it, site),
            command=["prefect", "worker", "start", "--pool", f"flowforge-{site.name}", "--with-healthcheck"],
            port=WORKER_PORT,
            health="/health",
            replicas=it.replicas(site.worker_nodes),
            size=("3", "12Gi"),
        )
    )
    return found


def _app(
    it: Installation,
    site: Site,
    workload: str,
    image: str,
    *,
    settings: dict[str, Json],
    port: int,
    health: str,
    size: tuple[str, str],
    secrets: dict[str, Json] | None = None,
    command: list[Json] | None = None,
    replicas: int = 1,
) -> Json:
    """One app. `size`: virtual cores and memory of a replica."""
    return {
        "name": it.names.app(site.name, workload),
        "image": f"{it.names.registry_host}/{image}",
        "identityName": it.names.identity(site.name, workload),
        "command": command or [],
        "settings": settings,
        "secrets": secrets or {},
        "isWeb": workload == "web",
        "port": port,
        "served": workload != "worker",
        "healthPath": health,
        "replicas": replicas,
        "cores": size[0],
        "memory": size[1],
        "profile": "flows" if workload == "worker" else "Consumption",
    }
