"""The names by which each cloud answers: suffixes of host names, private DNS zones, audiences, and where people sign in."""

from dataclasses import dataclass
from typing import Final, Literal

Cloud = Literal["public", "usgov", "china"]


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
