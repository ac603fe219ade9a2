"""Optional services: type, hosts in each cloud, private endpoints and clouds without the service, from integrations.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from installer.json_access import JsonObject, as_object, as_text
from installer.jsontypes import Json
from installer.shipped_files import integrations


@dataclass(frozen=True)
class Integration:
    """An optional service.

    Attributes:
        type: Resource type with its namespace.
        hosts: Host name suffix by cloud; empty without private endpoints.
        endpoints: Prefix of the DNS zone by sub-resource (group ID) of each private endpoint; the prefix may be empty.
        missing: Message by cloud, for clouds without the service.
        own_zones: DNS zone by cloud, by sub-resource, of endpoints whose zone is not under the host name suffix.

    """

    type: str
    hosts: Mapping[str, str] = field(default_factory=dict)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    own_zones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def zones(self, cloud: str) -> dict[str, str]:
        """Private DNS zone by sub-resource."""
        suffix = self.hosts.get(cloud, "")
        common = {
            part: f"privatelink.{prefix}.{suffix}" if prefix else f"privatelink.{suffix}"
            for part, prefix in self.endpoints.items()
        }
        return {part: self.own_zones.get(part, {}).get(cloud, zone) for part, zone in common.items()}


def _read() -> dict[str, Integration]:
    rows: dict[str, JsonObject] = json.loads(integrations())["services"]
    return {
        name: Integration(
            as_text(row["type"]),
            hosts=_texts(row.get("hosts")),
            endpoints=_texts(row.get("endpoints")),
            missing=_texts(row.get("missing")),
            own_zones={part: _texts(zones) for part, zones in as_object(row.get("zones")).items()},
        )
        for name, row in rows.items()
    }


def _texts(value: Json) -> Mapping[str, str]:
    return {key: as_text(text) for key, text in as_object(value).items()}


INTEGRATIONS: Final[Mapping[str, Integration]] = _read()
"""Optional services by the key of their question."""
