"""The Prefect API of an environment: its URL, its credentials, and their names in the key vault."""

from collections.abc import Mapping
from typing import Final

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.stage_spec import Outputs
from installer.job_program.heartbeats import HEARTBEAT_SECONDS
from installer.jsontypes import Json

PREFECT_AUTH: Final = "prefect-auth"
"""Name in the key vault of the credential of the Prefect API."""
PREFECT_KEY: Final = "prefect-cloud-key"
"""Name in the key vault of the Prefect Cloud API key."""
PREFECT_TLS_KEY: Final = "prefect-tls-key"
"""Name in the key vault of the private key of a Prefect server in a cluster."""
PREFECT_CERTIFICATE: Final = "prefect-certificate"
"""Name in the key vault of the certificate of a Prefect server in a cluster, which its clients trust."""
PREFECT_REDIS: Final = "prefect-redis-url"
"""Name in the key vault of the URL of the Redis of several Prefect servers, with its access key."""
SERVER: Final = "prefect-server"
"""Name of the Prefect server and its service in a cluster."""
SERVER_PORT: Final = 4200
"""Port of the Prefect server in its container."""
WEB_CERTIFICATE: Final = "FLOWFORGE_PREFECT_CERTIFICATE"
"""Environment variable of the web app with the certificate of the Prefect server."""
HEARTBEAT: Final[Mapping[str, Json]] = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS)}
"""Setting of workers, which flow runs inherit: seconds between reports of a run that it lives (prefect_setup/lost_runs.py)."""
CLIENT_RETRIES: Final[Mapping[str, Json]] = {"PREFECT_CLIENT_RETRY_EXTRA_CODES": "500,504"}
"""Setting of workers, which flow runs inherit: status codes after which a client tries again, beside 408, 429, 502 and 503
(prefect/client/base.py). A server returns 500 while its database fails over or does not respond in time, a gateway 504."""
CLOUD_API: Final = "https://api.prefect.cloud/api"
"""URL of the API of Prefect Cloud."""


def prefect_url(it: Installation, site: Site, outputs: Outputs) -> str | None:
    """URL of the Prefect API of an environment; None if it is not known in advance."""
    platform = it.answers.platform
    if platform.prefect == "cloud":
        return f"{CLOUD_API}/accounts/{platform.cloud_account}/workspaces/{platform.cloud_workspace}"
    if site.on_kubernetes:
        host = prefect_address(it, site) or public_host(it, site)
        return f"https://{host}:{SERVER_PORT}/api" if host else None
    return f"https://{it.names.app(site.name, 'prefect')}.{outputs[f'runtime-{site.name}']['defaultDomain']}/api"


def prefect_address(it: Installation, site: Site) -> str | None:
    """IP address of the internal load balancer of Prefect: the last one in the subnet of the nodes.

    None where the subnet is not of our making, and without Kubernetes.
    """
    if not site.on_kubernetes or it.answers.network.mode in {"public", "existing"}:
        return None
    return it.addresses.network(site.name).subnet("nodes").last


def public_host(it: Installation, site: Site) -> str | None:
    """Public name of Prefect in a cluster; None unless the installation has public endpoints.

    The web app is in no network then, so that it could not reach an internal load balancer. The name is that of the DNS label of
    the service: cloud-provider-azure.sigs.k8s.io/topics/loadbalancer.
    """
    if not (it.public and site.on_kubernetes and it.answers.platform.prefect == "server"):
        return None
    return f"{it.names.prefect_label(site.name)}.{site.location}.{it.names.answers_at.public_names}"


def has_certificate(it: Installation, site: Site) -> bool:
    """Whether the Prefect server ends TLS itself: in a cluster, because Container Apps do that for their apps."""
    return site.on_kubernetes and it.answers.platform.prefect == "server"


def prefect_hosts(it: Installation, site: Site) -> tuple[str, ...]:
    """Names and addresses of the Prefect server in a cluster."""
    outside = prefect_address(it, site) or public_host(it, site)
    name = f"{SERVER}.{it.names.namespace(site.name)}.svc"
    return (name, outside) if outside else (name,)


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
