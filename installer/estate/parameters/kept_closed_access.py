"""Access that others have closed on resources with public endpoints: the stricter value stays, and a run reports it.

Without public endpoints FlowForge closes access itself, so nothing is read. The live ranges of an API server do not show
who set them: they stay also after the answer with ranges was emptied, until they are removed in Azure.
SecuredByPerimeter denies what no rule of a perimeter allows: azure-docs, articles/private-link/network-security-perimeter-transition.md.
"""

from typing import Final

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.data import server_ids
from installer.estate.parameters.resource_ids import resource_id
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import as_list, as_text, member
from installer.jsontypes import Json

_CLOSED: Final = frozenset({"disabled", "securedbyperimeter"})
_SERVERS_VERSION: Final = "2025-08-01"
_CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
_CLUSTERS_VERSION: Final = "2026-03-01"


def with_closed_access(it: Installation, rules: tuple[KeptByOthers, ...]) -> tuple[KeptByOthers, ...]:
    """Access rules of resources, and whether others have switched off public access to them."""
    if not it.public:
        return rules
    return (*rules, *(_closed(one.resource_id, one.api_version) for one in rules))


def kept_closed_servers(it: Installation) -> tuple[KeptByOthers, ...]:
    """PostgreSQL servers whose public access others have switched off."""
    return tuple(_closed(server, _SERVERS_VERSION, "network") for server in server_ids(it)) if it.public else ()


def kept_closed_api(it: Installation, site: Site) -> tuple[KeptByOthers, ...]:
    """Address ranges that others have restricted the API server of a cluster to, where the answers have none."""
    platform = it.answers.platform
    if not site.on_kubernetes or platform.private_api or platform.api_ranges:
        return ()
    name = it.names.kubernetes(site.name)
    where = resource_id(site.subscription, it.names.group(site.name), _CLUSTERS, name)
    return (KeptByOthers("kept", f"managedClusters/{name}/access", where, _CLUSTERS_VERSION, name, _ranges),)


def _ranges(content: dict[str, Json]) -> Json:
    ranges = as_list(member(content, "properties", "apiServerAccessProfile", "authorizedIPRanges"))
    return {"authorizedIPRanges": ranges} if ranges else {}


def _closed(where: str, version: str, *path: str) -> KeptByOthers:
    *_, kind, name = where.split("/")

    def select(content: dict[str, Json]) -> Json:
        access = as_text(member(content, "properties", *path, "publicNetworkAccess"))
        return {"publicNetworkAccess": access} if access.lower() in _CLOSED else {}

    return KeptByOthers("kept", f"{kind}/{name}/access", where, version, name, select)
