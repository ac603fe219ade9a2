"""Every name that the installation gives away, and the names by which each cloud answers. Pure: answers in, names out.

Names are computed here and handed to the templates as plain parameters. So they are known before anything is deployed:
they can be shown, checked for availability, and compared with what exists.
"""

from dataclasses import dataclass
from typing import Final, Literal

Cloud = Literal["public", "usgov", "china"]

STAGE_NAMES: Final = ("foundation", "network", "grants", "data", "runtime", "controlplane")
LAYERS: Final = ("landing", "bronze", "silver", "gold")
"""Containers of every data lake, in the order in which data flows."""

INSTALLATION_TAG: Final = "flowforge-installation"
ENVIRONMENT_TAG: Final = "flowforge-environment"
MANAGED_BY_TAG: Final = "managed-by"
MANAGED_BY: Final = "flowforge-installer"


@dataclass(frozen=True)
class CloudNames:
    """The names by which one cloud answers: suffixes of host names, private DNS zones, and where people sign in."""

    storage: str
    key_vault: str
    registry: str
    web: str
    postgres: str
    login: str
    zone_key_vault: str

    def zone(self, service: Literal["blob", "dfs", "postgres", "key_vault"]) -> str:
        """The private DNS zone that private endpoints of a service need."""
        if service == "key_vault":
            return self.zone_key_vault
        return f"privatelink.{self.postgres}" if service == "postgres" else f"privatelink.{service}.{self.storage}"


CLOUDS: Final[dict[Cloud, CloudNames]] = {
    "public": CloudNames(
        storage="core.windows.net",
        key_vault="vault.azure.net",
        registry="azurecr.io",
        web="azurewebsites.net",
        postgres="postgres.database.azure.com",
        login="login.microsoftonline.com",
        zone_key_vault="privatelink.vaultcore.azure.net",
    ),
    "usgov": CloudNames(
        storage="core.usgovcloudapi.net",
        key_vault="vault.usgovcloudapi.net",
        registry="azurecr.us",
        web="azurewebsites.us",
        postgres="postgres.database.usgovcloudapi.net",
        login="login.microsoftonline.us",
        zone_key_vault="privatelink.vaultcore.usgovcloudapi.net",
    ),
    "china": CloudNames(
        storage="core.chinacloudapi.cn",
        key_vault="vault.azure.cn",
        registry="azurecr.cn",
        web="chinacloudsites.cn",
        postgres="postgres.database.chinacloudapi.cn",
        login="login.partner.microsoftonline.cn",
        zone_key_vault="privatelink.vaultcore.azure.cn",
    ),
}


@dataclass(frozen=True)
class Names:
    """All names of one installation. `environment` is dev, qa, uat or prod throughout."""

    prefix: str
    cloud: Cloud = "public"

    @property
    def answers_at(self) -> CloudNames:
        """The names by which the cloud of this installation answers."""
        return CLOUDS[self.cloud]

    # What all environments share.

    @property
    def platform_group(self) -> str:
        """Resource group of what all environments share."""
        return f"rg-ff-{self.prefix}-platform"

    @property
    def workspace(self) -> str:
        """Log Analytics workspace."""
        return f"log-ff-{self.prefix}"

    @property
    def registry(self) -> str:
        """Container registry; unique in the cloud, letters and digits only."""
        return f"crff{self.prefix}"

    @property
    def registry_host(self) -> str:
        """Where images are pulled from."""
        return f"{self.registry}.{self.answers_at.registry}"

    @property
    def postgres(self) -> str:
        """PostgreSQL server; unique in the cloud."""
        return f"pg-ff-{self.prefix}"

    @property
    def postgres_host(self) -> str:
        """Where the PostgreSQL server answers."""
        return f"{self.postgres}.{self.answers_at.postgres}"

    @property
    def database_administrator(self) -> str:
        """Identity that administers the PostgreSQL server."""
        return f"id-ff-{self.prefix}-dbadmin"

    @property
    def private_dns_zones(self) -> tuple[str, ...]:
        """Private DNS zones of the installation."""
        at = self.answers_at
        return at.zone("blob"), at.zone("dfs"), at.zone("postgres"), at.zone("key_vault")

    # One environment.

    def group(self, environment: str) -> str:
        """Resource group of an environment."""
        return f"rg-ff-{self.prefix}-{environment}"

    def managed_group(self, environment: str) -> str:
        """Resource group that the runtime of an environment makes for its machines."""
        return f"rg-ff-{self.prefix}-{environment}-runtime"

    def identity(self, environment: str, workload: str) -> str:
        """User-assigned identity of a workload."""
        return f"id-ff-{self.prefix}-{environment}-{workload}"

    def key_vault(self, environment: str) -> str:
        """Key vault; unique in the cloud, at most 24 characters."""
        return f"kv-ff-{self.prefix}-{environment}"

    def key_vault_uri(self, environment: str) -> str:
        """Where the key vault answers, with a slash at the end."""
        return f"https://{self.key_vault(environment)}.{self.answers_at.key_vault}/"

    def storage_account(self, environment: str) -> str:
        """Storage account; unique in the cloud, at most 24 letters and digits."""
        return f"stff{self.prefix}{environment}"

    def blob_endpoint(self, environment: str) -> str:
        """Where blobs answer, with a slash at the end."""
        return f"https://{self.storage_account(environment)}.blob.{self.answers_at.storage}/"

    def database(self, environment: str, application: Literal["flowforge", "prefect"]) -> str:
        """Database of an application on the shared server."""
        return f"{application}_{environment}"

    def kubernetes(self, environment: str) -> str:
        """Kubernetes cluster, and its DNS prefix."""
        return f"aks-ff-{self.prefix}-{environment}"

    def container_apps(self, environment: str) -> str:
        """Container Apps environment."""
        return f"cae-ff-{self.prefix}-{environment}"

    def plan(self, environment: str) -> str:
        """App Service plan."""
        return f"asp-ff-{self.prefix}-{environment}"

    def site(self, environment: str) -> str:
        """Web app; unique in the cloud."""
        return f"app-ff-{self.prefix}-{environment}"

    def site_host(self, environment: str) -> str:
        """Where the web app answers."""
        return f"{self.site(environment)}.{self.answers_at.web}"

    # The network. `network` is "hub" or an environment.

    def virtual_network(self, network: str) -> str:
        """Virtual network of the hub or of an environment."""
        return f"vnet-ff-{self.prefix}-{network}"

    def subnet(self, subnet: str) -> str:
        """Subnet, by its name in the address plan."""
        return f"snet-{subnet}"

    def security_group(self, network: str, subnet: str) -> str:
        """Network security group of a subnet."""
        return f"nsg-ff-{self.prefix}-{network}-{subnet}"

    def nat_gateway(self, environment: str) -> str:
        """NAT gateway of a spoke."""
        return f"ng-ff-{self.prefix}-{environment}"

    def nat_address(self, environment: str) -> str:
        """Public address of the NAT gateway of a spoke."""
        return f"pip-ff-{self.prefix}-{environment}-nat"

    def route_table(self, environment: str) -> str:
        """Route table of a spoke."""
        return f"rt-ff-{self.prefix}-{environment}"

    def network_link(self, network: str) -> str:
        """Link of a private DNS zone to a network."""
        return f"to-{network}"

    def private_endpoint(self, target: str, part: str) -> str:
        """Private endpoint that leads to a part of a resource."""
        return f"pe-{target}-{part}"

    # Deployments.

    def deployment(self, stage: str, environment: str | None = None) -> str:
        """Deployment of a stage at subscription scope; the same for every run, so that a run can find it again."""
        return f"ff-{self.prefix}-{stage}" + (f"-{environment}" if environment else "")

    # Tags.

    def tags(self, environment: str | None = None) -> dict[str, str]:
        """Tags of everything that is built, by which the installation finds its own resources again."""
        tags = {INSTALLATION_TAG: self.prefix, MANAGED_BY_TAG: MANAGED_BY}
        return {**tags, ENVIRONMENT_TAG: environment} if environment else tags
