"""Resource providers that a type needs besides its own: AKS needs Microsoft.Compute.

Templates do not name them, so ARM's own check does not find them missing; the resource fails while it is created.
The facts and their sources are in provider_needs.json and integrations.json, which the embedded Azure shares.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from installer.shipped_files import integrations, provider_needs


@dataclass(frozen=True)
class ProviderNeed:
    """A need of a resource type.

    Attributes:
        type: Resource type, in Azure's spelling.
        needs: Namespaces that have to be registered.
        code: Error code of the failure without one of them.
        elsewhere: Path below `properties` of the id of another resource in whose subscription they are needed; empty for
            the subscription of the resource.
        when: Path below `properties` of what causes the need, if it is set and not false; empty if the type is enough.

    """

    type: str
    needs: tuple[str, ...]
    code: str
    when: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


@cache
def all_needs() -> tuple[ProviderNeed, ...]:
    """All needs: those of the platform, then those of the optional services."""
    services = json.loads(integrations())["services"].values()
    rows = [
        *json.loads(provider_needs())["needs"],
        *({"type": row["type"], **row["providers"]} for row in services if "providers" in row),
    ]
    return tuple(
        ProviderNeed(row["type"], tuple(row["needs"]), row["code"], _path(row, "when"), _path(row, "in"))
        for row in rows
    )


def _path(row: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(filter(None, row.get(name, "").split(".")))


def needs_of(resource_type: str) -> tuple[ProviderNeed, ...]:
    """The needs of one resource type, whatever its case."""
    return tuple(need for need in all_needs() if need.type.lower() == resource_type.lower())


def with_needs(types: Iterable[str]) -> frozenset[str]:
    """Namespaces of resource types, and the namespaces that these types need besides."""
    kinds = set(types)
    own = {kind.partition("/")[0] for kind in kinds}
    return frozenset(own | {namespace for kind in kinds for need in needs_of(kind) for namespace in need.needs})
