"""Sizing presets: defaults for the Sizing page. Sizes are Azure SKU names."""

from collections.abc import Mapping
from typing import Final, Literal

Preset = Literal["trial", "team", "production"]

SYSTEM_NODE_SIZE: Final = "Standard_D4ds_v5"
"""Default VM size of the nodes of a system pool."""

SYSTEM_NODE_CORES: Final = 4
"""Least cores of a node of a system pool: learn.microsoft.com, aks/use-system-pools."""

PRESETS: Final[Mapping[Preset, Mapping[str, str | int | bool]]] = {
    "trial": {
        "node_size": "Standard_D4ds_v5",
        "worker_nodes": 1,
        "worker_nodes_least": 0,
        "worker_nodes_most": 2,
        "system_node_size": SYSTEM_NODE_SIZE,
        "postgres_size": "Standard_B2s",
        "postgres_storage_gb": 32,
        "postgres_ha": False,
        "storage_redundancy": "Standard_LRS",
        "web_size": "P0v3",
    },
    "team": {
        "node_size": "Standard_D4ds_v5",
        "worker_nodes": 3,
        "worker_nodes_least": 0,
        "worker_nodes_most": 6,
        "system_node_size": SYSTEM_NODE_SIZE,
        "postgres_size": "Standard_D2ds_v5",
        "postgres_storage_gb": 128,
        "postgres_ha": False,
        "storage_redundancy": "Standard_ZRS",
        "web_size": "P0v3",
    },
    "production": {
        "node_size": "Standard_D8ds_v5",
        "worker_nodes": 3,
        "worker_nodes_least": 3,
        "worker_nodes_most": 6,
        "system_node_size": SYSTEM_NODE_SIZE,
        "postgres_size": "Standard_D4ds_v5",
        "postgres_storage_gb": 512,
        "postgres_ha": True,
        "storage_redundancy": "Standard_GZRS",
        "web_size": "P1v3",
    },
}


def postgres_tier(size: str) -> str:
    """The PostgreSQL pricing tier that a compute size belongs to, as ARM spells it."""
    if size.startswith("Standard_B"):
        return "Burstable"
    return "MemoryOptimized" if size.startswith("Standard_E") else "GeneralPurpose"


def postgres_connections(size: str) -> int:
    """Limit of connections of a compute size, from its memory: learn.microsoft.com, postgresql/flexible-server/concepts-limits."""
    if size == "Standard_B1ms":
        return 50
    per_core = 8 if postgres_tier(size) == "MemoryOptimized" else 2 if size == "Standard_B2s" else 4
    return min(5000, int(max(cores(size), 1) * per_core * 110_000 / 1024))


def cores(size: str) -> int:
    """Virtual cores of a VM size, read from its name: Standard_D4ds_v5 has 4."""
    digits = "".join(c for c in size.removeprefix("Standard_").split("_", maxsplit=1)[0] if c.isdigit())
    return int(digits) if digits else 0


def system_nodes(*, zone_redundant: bool) -> int:
    """Number of nodes of a system pool: at least two, one in each zone (learn.microsoft.com, aks/use-system-pools)."""
    return 3 if zone_redundant else 2


def is_burstable(size: str) -> bool:
    """Whether a VM size is one of the B series, which system pools do not support."""
    return size.startswith(("Standard_B", "Basic_B"))
