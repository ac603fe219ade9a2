"""Parameters of stage 6, secrets, of one environment: secrets in its key vault."""

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.controlplane import CLIENT_SECRET
from installer.estate.parameters.prefect_api import (
    PREFECT_AUTH,
    PREFECT_CERTIFICATE,
    PREFECT_KEY,
    PREFECT_TLS_KEY,
    has_certificate,
    prefect_hosts,
)
from installer.estate.parameters.principals import Workload
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json


def kept_secrets(it: Installation, _outputs: Outputs, environment: str) -> dict[str, Json]:
    """The key vault; names and values are added when the deployment is sent."""
    return {
        "subscriptionId": it.site(environment).subscription,
        "resourceGroupName": it.names.group(environment),
        "keyVaultName": it.names.key_vault(environment),
    }


def secret_sources(it: Installation, site: Site) -> dict[str, str]:
    """Source of each secret of an environment by name: the answer with its reference, or how it is made."""
    on_server = it.answers.platform.prefect == "server"
    found = {PREFECT_AUTH: f"generated:prefect-{site.name}"} if on_server else {PREFECT_KEY: "platform.cloud_key"}
    if has_certificate(it, site):
        pair = " ".join((f"prefect-{site.name}", *prefect_hosts(it, site)))
        found |= {PREFECT_TLS_KEY: f"tls-key:{pair}", PREFECT_CERTIFICATE: f"tls-certificate:{pair}"}
    return found | ({CLIENT_SECRET: "sign_on.client_secret"} if it.answers.sign_on.method == "secret" else {})


def secret_readers(it: Installation, site: Site) -> dict[str, tuple[Workload, ...]]:
    """Workloads that read each secret: clients and server of the Prefect API, and the web app for sign-on."""
    readers: dict[str, tuple[Workload, ...]] = {
        PREFECT_AUTH: ("web", "prefect", "worker"),
        PREFECT_TLS_KEY: ("prefect",),
        PREFECT_CERTIFICATE: ("web", "prefect", "worker"),
        PREFECT_KEY: ("web", "worker"),
        CLIENT_SECRET: ("web",),
    }
    return {secret: readers[secret] for secret in secret_sources(it, site)}
