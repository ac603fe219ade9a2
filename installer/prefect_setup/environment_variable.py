"""The variable of an environment in Prefect: what its flows read to find the layers, the database, the vault and the metrics.

Nothing in it is secret: sign-in is by the identity of the workload.
"""

from typing import Final

from installer.conventions.naming import LAYERS
from installer.database_setup.plan import ACCEPTANCE_SCHEMA
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.prefect_api import PREFECT_AUTH, PREFECT_KEY
from installer.estate.parameters.resource_ids import resource_id
from installer.prefect_setup.model import Variable

STORAGE_AUDIENCE: Final = "https://storage.azure.com"
"""Audience of tokens for storage accounts, the same in every cloud."""


def environment_variable(it: Installation, site: Site) -> Variable:
    """The variable `flowforge_ENVIRONMENT`."""
    names, environment = it.names, site.name
    value = {
        "environment": environment,
        **{layer: f"{names.blob_endpoint(environment)}{layer}" for layer in LAYERS},
        "database_host": names.postgres_at(it.postgres(site)),
        "database": names.database(environment, "flowforge"),
        "database_user": names.identity(environment, "worker"),
        "database_audience": names.answers_at.postgres_audience,
        "database_schema": ACCEPTANCE_SCHEMA,
        "storage_audience": STORAGE_AUDIENCE,
        "vault": names.key_vault_uri(environment),
        "vault_secret": PREFECT_AUTH if it.answers.platform.prefect == "server" else PREFECT_KEY,
        **_metrics(it, site),
    }
    return Variable(f"flowforge_{environment}", value, ("flowforge", environment))


def metrics_subject(it: Installation, site: Site) -> str:
    """Resource ID of the lake, which the custom metrics of an environment are about."""
    account = it.names.storage_account(site.name)
    return resource_id(site.subscription, it.names.group(site.name), "Microsoft.Storage/storageAccounts", account)


def has_metrics(it: Installation) -> bool:
    """Whether the cloud has an endpoint for custom metrics."""
    return bool(it.names.answers_at.metrics)


def _metrics(it: Installation, site: Site) -> dict[str, str]:
    """Endpoint of the region of the lake, and the lake; nothing in a cloud without custom metrics."""
    suffix = it.names.answers_at.metrics
    if not suffix:
        return {}
    return {
        "metrics_endpoint": f"https://{site.location}.{suffix}",
        "metrics_audience": f"https://{suffix}",
        "metrics_subject": metrics_subject(it, site),
    }
