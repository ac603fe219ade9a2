"""Optional services: type, hosts in each cloud, private endpoints and clouds without the service, from integrations.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from installer.shipped_files import integrations


@dataclass(frozen=True)
class Integration:
    """An optional service.

    Attributes:
        type: Resource type with its namespace.
        hosts: Host name suffix by cloud; empty without private endpoints.
        endpoints: Prefix of the DNS zone by sub-resource (group ID) of each private endpoint; the prefix may be empty.
        missing: Message by cloud, for clouds without the service.

    """

    type: str
    hosts: Mapping[str, str] = field(default_factory=dict)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    def zones(self, cloud: str) -> dict[str, str]:
        """Private DNS zone by sub-resource."""
        suffix = self.hosts.get(cloud, "")
        return {
            part: f"privatelink.{prefix}.{suffix}" if prefix else f"privatelink.{suffix}"
            for part, prefix in self.endpoints.items()
        }


def _read() -> dict[str, Integration]:
    rows: dict[str, dict[str, Mapping[str, str] | str]] = json.loads(integrations())["services"]
    return {
        name: Integration(str(row["type"]), *(_texts(row.get(part)) for part in ("hosts", "endpoints", "missing")))
        for name, row in rows.items()
    }


def _texts(value: Mapping[str, str] | str | None) -> Mapping[str, str]:
    return value if isinstance(value, Mapping) else {}


INTEGRATIONS: Final[Mapping[str, Integration]] = _read()
"""Optional services by the key of their question."""
