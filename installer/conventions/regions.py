"""What is known of regions before Azure can be asked: which lack zones, which lack a partner, which back up lakes.

General knowledge of the public documentation (learn.microsoft.com, "List of Azure regions"), not read from Azure: a
region that is not named here is let through, and Azure itself says later what it has.
"""

from collections.abc import Mapping
from typing import Final

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
"""Regions that no other region is paired with, so that nothing is copied there, each with one nearby that has a partner."""

WITH_LAKE_BACKUP: Final = frozenset({"centralindia", "eastasia", "francesouth", "westcentralus", "westindia"})
"""Regions of the public cloud that back up lakes. Documented in learn.microsoft.com, "Support matrix for Azure Data Lake
Storage vaulted backup (preview)", as of June 2025; regions that came later are not among them."""

LACKING: Final[Mapping[str, Mapping[str, str]]] = {
    "usgov": {
        "frontdoor": "Front Door with private link is not offered in the US Government cloud; take gateway",
        "storage_backup": "backup of data lakes is not offered in the US Government cloud; take no",
    },
    "china": {
        "frontdoor": "Front Door with private link is not offered in the China cloud; take gateway",
        "purview": "Purview is not offered in the China cloud; take none",
        "storage_backup": "backup of data lakes is not offered in the China cloud; take no",
    },
}
"""What sovereign clouds lack: cloud to service to what to say. Of the backup no document names a sovereign region."""
