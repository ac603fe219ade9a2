"""Properties of regions known before sign-in: availability zones, paired region, data lake backup, private link origins.

From the public documentation (learn.microsoft.com, "List of Azure regions"), not read from Azure. A region that is not
listed here is accepted; Azure itself reports later what it lacks.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Final

from installer.resource_id import normalised_location

WITHOUT_ZONES: Final[Mapping[str, str]] = {
    "westus": "westus3",
    "northcentralus": "southcentralus",
    "westcentralus": "westus2",
    "canadaeast": "canadacentral",
    "brazilsoutheast": "brazilsouth",
    "ukwest": "uksouth",
    "francesouth": "francecentral",
    "germanynorth": "germanywestcentral",
    "norwaywest": "norwayeast",
    "swedensouth": "swedencentral",
    "switzerlandwest": "switzerlandnorth",
    "southafricawest": "southafricanorth",
    "uaecentral": "uaenorth",
    "southindia": "centralindia",
    "westindia": "centralindia",
    "jioindiawest": "centralindia",
    "jioindiacentral": "centralindia",
    "koreasouth": "koreacentral",
    "australiasoutheast": "australiaeast",
    "australiacentral": "australiaeast",
    "australiacentral2": "australiaeast",
    "usgovtexas": "usgovvirginia",
    "chinanorth": "chinanorth3",
    "chinanorth2": "chinanorth3",
    "chinaeast": "chinanorth3",
    "chinaeast2": "chinanorth3",
}
"""Regions without availability zones, each with one nearby that has them."""

WITHOUT_PARTNER: Final[Mapping[str, str]] = {
    "austriaeast": "germanywestcentral",
    "belgiumcentral": "westeurope",
    "chilecentral": "brazilsouth",
    "indonesiacentral": "southeastasia",
    "israelcentral": "uaenorth",
    "italynorth": "germanywestcentral",
    "malaysiawest": "southeastasia",
    "mexicocentral": "southcentralus",
    "newzealandnorth": "australiaeast",
    "polandcentral": "germanywestcentral",
    "qatarcentral": "uaenorth",
    "spaincentral": "francecentral",
}
"""Regions without a paired region, each with one nearby that has one."""

WITH_LAKE_BACKUP: Final = frozenset({"centralindia", "eastasia", "francesouth", "westcentralus", "westindia"})
"""Regions of the public cloud with data lake backup. Documented in learn.microsoft.com, "Support matrix for Azure Data Lake
Storage vaulted backup (preview)", as of June 2025; later regions are not included."""

PRIVATE_LINK_ORIGINS: Final = frozenset(
    {
        *("brazilsouth", "canadacentral", "centralus", "eastus", "eastus2", "southcentralus", "westus3"),
        *("francecentral", "germanywestcentral", "northeurope", "norwayeast", "swedencentral", "uksouth", "westeurope"),
        *("australiaeast", "centralindia", "eastasia", "japaneast", "koreacentral", "southafricanorth"),
    }
)
"""Regions of the public cloud in which Front Door makes private endpoints: learn.microsoft.com, frontdoor/private-link
("Region availability"). An origin elsewhere is reached from one of them."""

NEAREST_ORIGIN: Final[Mapping[str, str]] = {
    "australiacentral": "australiaeast",
    "australiacentral2": "australiaeast",
    "australiasoutheast": "australiaeast",
    "austriaeast": "germanywestcentral",
    "belgiumcentral": "westeurope",
    "brazilsoutheast": "brazilsouth",
    "canadaeast": "canadacentral",
    "chilecentral": "brazilsouth",
    "francesouth": "francecentral",
    "germanynorth": "germanywestcentral",
    "indonesiacentral": "eastasia",
    "israelcentral": "germanywestcentral",
    "italynorth": "germanywestcentral",
    "japanwest": "japaneast",
    "jioindiacentral": "centralindia",
    "jioindiawest": "centralindia",
    "koreasouth": "koreacentral",
    "malaysiawest": "eastasia",
    "mexicocentral": "southcentralus",
    "newzealandnorth": "australiaeast",
    "northcentralus": "centralus",
    "norwaywest": "norwayeast",
    "polandcentral": "germanywestcentral",
    "qatarcentral": "centralindia",
    "southafricawest": "southafricanorth",
    "southeastasia": "eastasia",
    "southindia": "centralindia",
    "spaincentral": "francecentral",
    "swedensouth": "swedencentral",
    "switzerlandnorth": "germanywestcentral",
    "switzerlandwest": "francecentral",
    "uaecentral": "centralindia",
    "uaenorth": "centralindia",
    "ukwest": "uksouth",
    "westcentralus": "westus3",
    "westindia": "centralindia",
    "westus": "westus3",
    "westus2": "westus3",
}
"""Other regions, each with the nearest of PRIVATE_LINK_ORIGINS, which has the lowest latency."""

WITHOUT_REDUNDANT_NAT: Final = frozenset(
    {"canadaeast", "indonesiacentral", "israelnorthwest", "qatarcentral", "swedensouth", "westindia"}
)
"""Regions of the public cloud without StandardV2 NAT gateways: learn.microsoft.com, nat-gateway/nat-sku ("Known
limitations", 27 July 2026). The document names no sovereign region."""


def has_redundant_nat(cloud: str, region: str) -> bool:
    """Whether a zone-redundant NAT gateway can be created in a region."""
    return cloud == "public" and region not in WITHOUT_REDUNDANT_NAT and region not in WITHOUT_ZONES


LACKING: Final[Mapping[str, Mapping[str, str]]] = {
    "usgov": {
        "frontdoor": "Front Door with private link is not offered in the US Government cloud; select gateway",
        "storage_backup": "backup of data lakes is not offered in the US Government cloud; select no",
    },
    "china": {
        "frontdoor": "Front Door with private link is not offered in the China cloud; select gateway",
        "storage_backup": "backup of data lakes is not offered in the China cloud; select no",
        "private_link": "no private DNS zones are documented for Azure Monitor in the China cloud; select none",
    },
}
"""Services missing in sovereign clouds: message by cloud and service; integrations.json has the optional ones. No document lists a sovereign region for backup.
Zones: azure-docs, articles/private-link/private-endpoint-dns.md, section China."""

KNOWN_REGIONS: Final = (
    PRIVATE_LINK_ORIGINS | NEAREST_ORIGIN.keys() | WITHOUT_ZONES.keys() | {*WITHOUT_ZONES.values(), "usgovarizona"}
)
"""Regions that are known here. Others exist, such as new ones."""
_MOST_WORDS: Final = 4
"""Words of the longest display name ("Australia Central 2" has three)."""
_LIKE: Final = 0.7


def near_regions(text: str, regions: Iterable[str] = KNOWN_REGIONS) -> list[str]:
    """Regions with a similar name, the most similar first."""
    return difflib.get_close_matches(normalised_location(text), sorted(regions), n=3, cutoff=_LIKE)


def regions_in(text: str) -> list[str]:
    """Region names in typed text: names or display names, separated by commas or spaces ("West Europe, swedencentral")."""
    found: list[str] = []
    for part in text.replace(";", ",").split(","):
        words = part.replace('"', " ").split()
        while words:
            most = min(_MOST_WORDS, len(words))
            length = next((n for n in range(most, 1, -1) if "".join(words[:n]).lower() in KNOWN_REGIONS), 1)
            found.append(normalised_location("".join(words[:length])))
            words = words[length:]
    return found
