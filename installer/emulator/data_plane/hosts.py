"""Host names of the data planes, and the resources that answer at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from installer.emulator.providers.clouds import CLOUDS, in_cloud, regions
from installer.json_access import as_text, member
from installer.resource_id import normalised_location

if TYPE_CHECKING:
    from installer.emulator.core import Emulator
    from installer.emulator.state.resources import Resource

ServiceName = Literal["blob", "ingestion", "metrics", "vault"]
ACCOUNT_TYPE: Final = "Microsoft.Storage/storageAccounts"
VAULT_TYPE: Final = "Microsoft.KeyVault/vaults"
RULE_TYPE: Final = "Microsoft.Insights/dataCollectionRules"
_INGESTS: Final = {
    "Microsoft.Insights/dataCollectionEndpoints": ("logsIngestion", "endpoint"),
    RULE_TYPE: ("endpoints", "logsIngestion"),
}
"""Property with the URL that takes rows by type."""
_NAMED: Final[dict[ServiceName, tuple[str, str]]] = {
    "blob": ("blob.core.windows.net", ACCOUNT_TYPE),
    "vault": ("vault.azure.net", VAULT_TYPE),
}
"""Suffix in the public cloud and type of resources by service."""
_METRICS: Final[dict[str, str]] = {
    "public": "monitoring.azure.com",
    "china": "monitoring.azure.cn",
}
"""Suffix of the regional endpoints of custom metrics by cloud: azure-monitor/metrics/metrics-store-custom-rest-api at
learn.microsoft.com and docs.azure.cn. No page names regional ones for the US Government."""
_INGESTION: Final = "ingest.monitor.azure.com"
AZURE_SUFFIXES: Final = (
    *("azure.com", "azure.net", "azure.us", "azure.cn", "windows.net", "usgovcloudapi.net", "chinacloudapi.cn"),
    *("azurewebsites.net", "azurewebsites.us", "azurecr.io", "azurecr.us", "azurecr.cn", "azurecontainerapps.io"),
    *("microsoftonline.com", "microsoftonline.us", "fabric.microsoft.com"),
)
"""Domains of Azure: a name in them that no deployed resource has does not exist in a rehearsal."""


@dataclass(frozen=True)
class Service:
    """The data plane at a host name.

    Attributes:
        name: The kind of data plane.
        resource: The resource that has the name; None for a regional endpoint.
        region: The region of a regional endpoint.

    """

    name: ServiceName
    resource: Resource | None = None
    region: str = ""


def suffix_of(service: ServiceName, cloud: str) -> str:
    """Suffix of the host names of a service in a cloud, "" if it has none."""
    if service == "metrics":
        return _METRICS.get(cloud, "")
    return as_text(in_cloud(cloud, _INGESTION if service == "ingestion" else _NAMED[service][0]))


def service_at(emulator: Emulator, host: str) -> Service | None:
    """The data plane at a host name, None if there is none."""
    name, cloud = host.lower().rstrip("."), emulator.directory.cloud
    first, _, rest = name.partition(".")
    for service, (_, kind) in _NAMED.items():
        if rest == suffix_of(service, cloud):
            found = next((one for one in emulator.resources.of_type(kind) if one.name.lower() == first), None)
            return Service(service, found) if found is not None and found.state != "Creating" else None
    if rest == suffix_of("metrics", cloud):
        known = first in {normalised_location(as_text(one.get("name"))) for one in regions(cloud)}
        return Service("metrics", region=first) if known else None
    if name.endswith(f".{suffix_of('ingestion', cloud)}"):
        for kind, path in _INGESTS.items():
            for one in emulator.resources.of_type(kind):
                if as_text(member(one.computed, "properties", *path)).lower() == f"https://{name}":
                    return Service("ingestion", one)
    return None


def is_azure(host: str) -> bool:
    """Whether a name belongs to a domain of Azure."""
    name = host.lower().rstrip(".")
    return any(name.endswith(f".{suffix}") for suffix in AZURE_SUFFIXES)


def certificate_names() -> list[str]:
    """Names in the certificate of the server, for every cloud: a wildcard matches one label."""
    found: list[str] = []
    for cloud in CLOUDS:
        suffixes = (suffix_of(service, cloud) for service in ("blob", "vault", "metrics"))
        found += [f"*.{suffix}" for suffix in suffixes if suffix]
        places = sorted({normalised_location(as_text(one.get("name"))) for one in regions(cloud)})
        found += [f"*.{place}-1.{suffix_of('ingestion', cloud)}" for place in places if place]
        found.append(f"*.logs.z1.{suffix_of('ingestion', cloud)}")
    return list(dict.fromkeys(found))
