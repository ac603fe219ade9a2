"""Presets: the posture sets defaults for security and retention, the size for capacity, existing networks for DNS.

A preset is only a set of defaults; an explicit answer always wins.
"""

from collections.abc import Mapping
from typing import Final, Literal

from installer.conventions.sizing import PRESETS

Posture = Literal["trial", "standard", "hardened"]
Value = str | int | bool

SERVERS_IN_PRODUCTION: Final = 2
"""Prefect servers of the size Production, which survives the loss of an availability zone."""

POSTURES: Final[Mapping[str, Mapping[str, Value]]] = {
    "trial": {
        "governance.locks": "none",
        "network.private_registry": False,
        "ingress.kind": "direct",
        "ingress.waf": "Detection",
        "platform.private_api": False,
        "platform.cluster_tier": "Free",
        "platform.slot": False,
        "sizing.preset": "trial",
        "data.backup_days": 7,
        "data.geo_backup": False,
        "data.soft_delete_days": 7,
        "monitoring.retention_days": 30,
        "monitoring.daily_cap_gb": 2,
        "monitoring.container_logs": "Basic",
    },
    "standard": {
        "governance.locks": "none",
        "network.private_registry": True,
        "ingress.kind": "private",
        "ingress.waf": "Prevention",
        "platform.private_api": True,
        "platform.cluster_tier": "Standard",
        "platform.slot": True,
        "sizing.preset": "team",
        "data.backup_days": 14,
        "data.geo_backup": False,
        "data.soft_delete_days": 14,
        "monitoring.retention_days": 90,
        "monitoring.daily_cap_gb": 10,
        "monitoring.container_logs": "Basic",
    },
    "hardened": {
        "governance.locks": "data",
        "network.private_registry": True,
        "ingress.kind": "private",
        "ingress.waf": "Prevention",
        "platform.private_api": True,
        "platform.cluster_tier": "Standard",
        "platform.slot": True,
        "sizing.preset": "production",
        "data.backup_days": 35,
        "data.geo_backup": True,
        "data.soft_delete_days": 90,
        "monitoring.retention_days": 365,
        "monitoring.daily_cap_gb": 0,
        "monitoring.container_logs": "Analytics",
    },
}


def presets(given: Mapping[str, object]) -> dict[str, Value]:
    """Preset values by dotted key, for the posture, the size and the networks among the given answers.

    An existing hub has private DNS zones as a rule, and Azure links a network to only one zone of a name. The tasks of a
    registry reach it only with public access.
    """
    posture = given.get("governance.posture", "standard")
    found = dict(POSTURES.get(posture, {})) if isinstance(posture, str) else {}
    size = given.get("sizing.preset", found.get("sizing.preset", "team"))
    numbers: Mapping[str, Value] = next((values for preset, values in PRESETS.items() if preset == size), {})
    if size == "production":
        found["platform.prefect_servers"] = SERVERS_IN_PRODUCTION
    if given.get("network.mode") in ("existing_hub", "existing"):
        found["network.dns"] = "existing"
    if given.get("network.mode") == "public" or not given.get(
        "network.private_registry", found.get("network.private_registry", True)
    ):
        found["images.prefect_source"] = "build"
    if given.get("network.gateway_transit") is True:
        found["network.private_access"] = "gateway"
    return {**found, **{f"sizing.{name}": value for name, value in numbers.items()}}
