"""Container apps of an environment: Prefect servers and workers, and optionally the web app."""

from typing import Final

from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.images import deployed_image
from installer.estate.parameters.prefect_api import (
    CLIENT_RETRIES,
    HEARTBEAT,
    SERVER_PORT,
    prefect_credential,
    prefect_url,
    web_credentials,
)
from installer.estate.parameters.prefect_server import (
    LIVE_PATH,
    READY_PATH,
    SERVICES_COMMAND,
    SERVICES_REPLICAS,
    for_cloud,
    has_separate_services,
    needs_launcher,
    server_secrets,
    server_settings,
    services_settings,
)
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.stage_spec import Outputs
from installer.images.flow_context import FLOWS_REPOSITORY
from installer.jsontypes import Json

WORKER_PORT: Final = 8080
"""Port of the health check of a Prefect worker."""
RUNS_PER_WORKER: Final = 1
"""Flow runs at a time of one worker, which has the cores and the memory of a node."""
SERVICES: Final = "services"
"""Last part of the name of the app with the background services of several Prefect servers."""
_SERVER_COMMAND: Final[list[Json]] = [
    *("prefect", "server", "start", "--host", "0.0.0.0", "--port", str(SERVER_PORT))  # noqa: S104  in its container
]
_WEB_SERVER_COMMAND: Final[list[Json]] = [
    *("python", "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"),
    *("--host", "0.0.0.0", "--port", str(SERVER_PORT)),  # noqa: S104  in its container
]
"""The same as one process, as `prefect server start` starts it (prefect/cli/_server_utils.py)."""


def web_app(
    it: Installation, site: Site, outputs: Outputs, *, settings: dict[str, Json], health: str, port: int
) -> Json:
    """The web app as a container app."""
    return _app(
        it,
        site,
        "web",
        deployed_image(it, "web", outputs, site.name),
        settings={name: value for name, value in settings.items() if name != "WEBSITES_PORT"},
        secrets=web_credentials(it, site),
        port=port,
        health=health,
        replicas=it.replicas(),
        size=("1", "2Gi"),
    )


def prefect_apps(it: Installation, site: Site, outputs: Outputs) -> list[Json]:
    """Prefect servers (not with Prefect Cloud) and workers; flows run in the workers, which have a dedicated profile."""
    platform = it.answers.platform
    principals, url = principals_of(outputs, site.name), prefect_url(it, site, outputs)
    return [
        *(_servers(it, site, outputs, str(url)) if platform.prefect == "server" else []),
        _app(
            it,
            site,
            "worker",
            _worker_image(it, site, outputs),
            settings={
                "AZURE_CLIENT_ID": principals["worker"].client_id,
                "FLOWFORGE_DATABASE_HOST": it.names.postgres_at(it.postgres(site)),
                "PREFECT_API_URL": url,
                **HEARTBEAT,
                **CLIENT_RETRIES,
            },
            secrets=prefect_credential(it, site),
            # As many as the work pool gives to a worker; with more, one worker could take the runs of all.
            command=_named_by_replica(
                site, f"prefect worker start --pool flowforge-{site.name} --limit {RUNS_PER_WORKER} --with-healthcheck"
            ),
            port=WORKER_PORT,
            health="/health",
            replicas=it.replicas(site.worker_nodes),
            size=("3", "12Gi"),
        ),
    ]


def _named_by_replica(site: Site, command: str) -> list[Json]:
    """The command of a worker whose name is that of the environment and the replica.

    Container Apps has the name of the replica in a variable, which only a shell can put into a command
    (learn.microsoft.com/azure/container-apps/environment-variables, "Built-in environment variables").
    """
    return ["/bin/sh", "-c", f'exec {command} --name "{site.name}-$CONTAINER_APP_REPLICA_NAME"']


def _worker_image(it: Installation, site: Site, outputs: Outputs) -> str:
    """The image of the customer's flows where `flows deploy` has given it to the worker, else that of Prefect."""
    digest = outputs.get(keys.flow_image(site.name), {}).get("digest")
    return f"{FLOWS_REPOSITORY}@{digest}" if digest else deployed_image(it, "prefect", outputs, site.name)


def _servers(it: Installation, site: Site, outputs: Outputs, url: str) -> list[Json]:
    platform, vault, other = it.answers.platform, it.names.key_vault_uri(site.name), needs_launcher(it)
    secrets: dict[str, Json] = {name: f"{vault}secrets/{kept}" for name, kept in server_secrets(it).items()}
    servers = _app(
        it,
        site,
        "prefect",
        deployed_image(it, "prefect", outputs, site.name),
        settings={**server_settings(it, site, outputs, url), **({"PREFECT__SERVER_FINAL": "1"} if other else {})},
        secrets=secrets,
        command=for_cloud(it, _WEB_SERVER_COMMAND) if other else _SERVER_COMMAND,
        port=SERVER_PORT,
        health=LIVE_PATH,
        ready=READY_PATH,
        replicas=platform.prefect_servers,
        size=("1", "2Gi"),
    )
    if not has_separate_services(it):
        return [servers]
    services = _app(
        it,
        site,
        SERVICES,
        deployed_image(it, "prefect", outputs, site.name),
        identity="prefect",
        settings=services_settings(it, site, outputs, url),
        secrets=secrets,
        command=for_cloud(it, SERVICES_COMMAND),
        replicas=SERVICES_REPLICAS,
        size=("1", "2Gi"),
    )
    return [servers, services]


def _app(
    it: Installation,
    site: Site,
    workload: str,
    image: str,
    *,
    settings: dict[str, Json],
    size: tuple[str, str],
    port: int | None = None,
    health: str | None = None,
    ready: str | None = None,
    identity: str | None = None,
    secrets: dict[str, Json] | None = None,
    command: list[Json] | None = None,
    replicas: int = 1,
) -> Json:
    """One app.

    Args:
        it: The installation.
        site: Its environment.
        workload: Last part of its name.
        image: Repository and digest.
        settings: Environment variables.
        size: Virtual cores and memory of a replica.
        port: Port that it listens on; None if it listens on none.
        health: Path that answers while its process lives.
        ready: Path that answers while it can serve, if that is another one.
        identity: Workload whose identity it uses, if that is another one.
        secrets: URI in the key vault by environment variable.
        command: Command instead of that of the image.
        replicas: Number of replicas.

    """
    listens: dict[str, Json] = (
        {} if port is None else {"port": port, "healthPath": health, "readyPath": ready or health}
    )
    return {
        "name": it.names.app(site.name, workload),
        "image": f"{it.names.registry_host}/{image}",
        "identityName": it.names.identity(site.name, identity or workload),
        "command": command or [],
        "settings": settings,
        "secrets": secrets or {},
        "isWeb": workload == "web",
        **listens,
        "served": workload in {"web", "prefect"},
        "replicas": replicas,
        "cores": size[0],
        "memory": size[1],
        "profile": "flows" if workload == "worker" else "Consumption",
    }
