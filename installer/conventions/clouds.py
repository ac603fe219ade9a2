"""Endpoints of each cloud: host name suffixes, private DNS zones, audiences and sign-in."""

from dataclasses import dataclass
from typing import Final, Literal

Cloud = Literal["public", "usgov", "china"]


Service = Literal[
    "blob",
    "dfs",
    "queue",
    "postgres",
    "key_vault",
    "registry",
    "web",
    "redis",
]
"""Services with private endpoints, without the optional ones of integrations.json."""


@dataclass(frozen=True)
class CloudNames:
    """Host name suffixes and endpoints of one cloud.

    Attributes:
        postgres_audience: Resource of tokens for PostgreSQL, without a trailing slash (`ossrdbms_resource_id` in
            azure-cli-core, azure/cli/core/cloud.py).
        identity_exchange: Audience of tokens for a managed identity as federated credential (documented).
        kubernetes: Suffix of API server names (azure-docs, articles/private-link/private-endpoint-dns.md).
        public_names: Suffix of the names of public IP addresses, after the region (azure-docs,
            articles/virtual-network/ip-services/public-ip-addresses.md; azure-government, compare-azure-government-global-azure).
        metrics: Suffix of the regional endpoints of custom metrics, "" where none is documented (azure-monitor/metrics/
            metrics-store-custom-rest-api at learn.microsoft.com and docs.azure.cn).
        monitor_names: Suffixes of Azure Monitor with a private DNS zone each (same page); the zone of blobs is the
            fifth. The page has no row of Azure Monitor for China. For the US Government it names adx.monitor.azure.us as
            well, which only queries to Azure Data Explorer use: a DNS zone group supports five zones.

    """

    storage: str
    key_vault: str
    key_vault_internal: str
    registry: str
    web: str
    postgres: str
    postgres_audience: str
    redis: str
    monitor: str
    metrics: str
    login: str
    portal: str
    management: str
    identity_exchange: str
    kubernetes: str
    public_names: str
    monitor_names: tuple[str, ...]

    @property
    def monitor_zones(self) -> tuple[str, ...]:
        """Private DNS zones of a private link of Azure Monitor, without that of blobs; empty where there is none."""
        return tuple(f"privatelink.{name}" for name in self.monitor_names)

    def cluster_zone(self, region: str) -> str:
        """Private DNS zone for the API servers of Kubernetes clusters in a region."""
        return f"privatelink.{region}.{self.kubernetes}"

    def zone(self, service: Service) -> str:
        """Private DNS zone for the private endpoints of a service."""
        suffixes: dict[Service, str] = {
            "blob": f"blob.{self.storage}",
            "dfs": f"dfs.{self.storage}",
            "queue": f"queue.{self.storage}",
            "postgres": self.postgres,
            "key_vault": self.key_vault_internal,
            "registry": self.registry,
            "web": self.web,
            "redis": self.redis,
        }
        return f"privatelink.{suffixes[service]}"


CLOUDS: Final[dict[Cloud, CloudNames]] = {
    "public": CloudNames(
        storage="core.windows.net",
        key_vault="vault.azure.net",
        key_vault_internal="vaultcore.azure.net",
        registry="azurecr.io",
        web="azurewebsites.net",
        postgres="postgres.database.azure.com",
        postgres_audience="https://ossrdbms-aad.database.windows.net",
        redis="redis.azure.net",
        monitor="monitor.azure.com",
        metrics="monitoring.azure.com",
        login="login.microsoftonline.com",
        portal="portal.azure.com",
        management="management.azure.com",
        identity_exchange="api://AzureADTokenExchange",
        kubernetes="azmk8s.io",
        public_names="cloudapp.azure.com",
        monitor_names=(
            "monitor.azure.com",
            "oms.opinsights.azure.com",
            "ods.opinsights.azure.com",
            "agentsvc.azure-automation.net",
        ),
    ),
    "usgov": CloudNames(
        storage="core.usgovcloudapi.net",
        key_vault="vault.usgovcloudapi.net",
        key_vault_internal="vaultcore.usgovcloudapi.net",
        registry="azurecr.us",
        web="azurewebsites.us",
        postgres="postgres.database.usgovcloudapi.net",
        postgres_audience="https://ossrdbms-aad.database.usgovcloudapi.net",
        redis="redis.azure.us",
        monitor="monitor.azure.us",
        metrics="",
        login="login.microsoftonline.us",
        portal="portal.azure.us",
        management="management.usgovcloudapi.net",
        identity_exchange="api://AzureADTokenExchangeUSGov",
        kubernetes="cx.aks.containerservice.azure.us",
        public_names="cloudapp.usgovcloudapi.net",
        monitor_names=(
            "monitor.azure.us",
            "oms.opinsights.azure.us",
            "ods.opinsights.azure.us",
            "agentsvc.azure-automation.us",
        ),
    ),
    "china": CloudNames(
        storage="core.chinacloudapi.cn",
        key_vault="vault.azure.cn",
        key_vault_internal="vaultcore.azure.cn",
        registry="azurecr.cn",
        web="chinacloudsites.cn",
        postgres="postgres.database.chinacloudapi.cn",
        postgres_audience="https://ossrdbms-aad.database.chinacloudapi.cn",
        redis="redis.chinacloudapi.cn",
        monitor="monitor.azure.cn",
        metrics="monitoring.azure.cn",
        login="login.partner.microsoftonline.cn",
        portal="portal.azure.cn",
        management="management.chinacloudapi.cn",
        identity_exchange="api://AzureADTokenExchangeChina",
        kubernetes="cx.prod.service.azk8s.cn",
        public_names="cloudapp.chinacloudapi.cn",
        monitor_names=(),
    ),
}
