"""Meters of what is stored: data lakes, images, logs. Pure.

Sources of the names: github.com/ahmadabdalla/azure-cost-calculator, references/services, which reads them from the list
(storage/data-lake-storage.md, storage/storage.md, containers/container-registry.md, monitoring/log-analytics.md). Second source:
github.com/infracost/infracost, internal/resources/azure (container_registry.go, log_analytics_workspace.go, which has the
former name of the meter, tried second).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.cost.bodies import GRANT, region
from installer.cost.model import HOURS, Meter
from installer.json_access import as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.bodies import PlannedBody

LOG_GB_PER_DAY: Final = 1.0
LAKE_GB: Final = 100.0
"""Assumed amounts, shown beside each figure; the user measures the real ones."""


def storage(body: PlannedBody) -> Iterator[Meter]:
    """Data of a storage account."""
    redundancy = as_text(member(body.body, "sku", "name")).rpartition("_")[2]
    lake = member(body.body, "properties", "isHnsEnabled") is True
    blobs = "General Block Blob v2" if "Z" in redundancy else "Blob Storage"
    product = ("Azure Data Lake Storage Gen2 Hierarchical Namespace",) if lake else (blobs,)
    told, sku = f"{LAKE_GB:g} GB hot data, assumed; no operations", f"Hot {redundancy}"
    yield Meter("Storage", region(body), LAKE_GB, "GB month", told, product, sku, f"{sku} Data Stored")


def registry(body: PlannedBody) -> Iterator[Meter]:
    """A container registry, billed by the day."""
    tier, service = as_text(member(body.body, "sku", "name")), "Container Registry"
    told = "one registry; storage within the tier"
    yield Meter(service, region(body), HOURS / 24, "day", told, (service,), tier, f"{tier} Registry Unit")


def logs(body: PlannedBody) -> Iterator[Meter]:
    """Logs of a workspace."""
    service, month = "Log Analytics", LOG_GB_PER_DAY * HOURS / 24
    told = f"{LOG_GB_PER_DAY:g} GB a day, assumed; {GRANT}; retention within the free days"
    newer, older = (
        Meter(service, region(body), month, "GB", told, (service,), sku, f"{sku} Data Ingestion")
        for sku in ("Analytics Logs", "Pay-as-you-go")
    )
    yield replace(newer, otherwise=older)
