"""How the networks of an installation reach Azure Monitor: publicly, or through a private link scope.

One scope serves hub and spokes, because they share their DNS zones: the records of a second one would replace those of the
first (azure-monitor-docs, articles/azure-monitor/fundamentals/private-link-design.md).
"""

from typing import Final

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.resource_ids import place, resource_id
from installer.jsontypes import Json

_COLLECTION_ENDPOINTS: Final = "Microsoft.Insights/dataCollectionEndpoints"


def has_private_link(it: Installation) -> bool:
    """Whether the networks have a private link scope of Azure Monitor."""
    return not it.public and it.answers.monitoring.private_link != "none"


def public_ingestion(it: Installation) -> bool:
    """Whether workspace and components accept telemetry from networks without the private link."""
    return it.public or it.answers.monitoring.private_link != "private_only"


def monitor_zone_names(it: Installation) -> tuple[str, ...]:
    """DNS zones of the private link, without that of blobs, which every private network has."""
    return it.names.answers_at.monitor_zones if has_private_link(it) else ()


def has_insights(it: Installation, site: Site) -> bool:
    """Whether an environment has a cluster with Container Insights."""
    return site.on_kubernetes and it.answers.monitoring.container_insights


def shared_collection_endpoint(it: Installation) -> str | None:
    """Resource ID of the data collection endpoint in the region of the workspace; None without a private link."""
    if not has_private_link(it):
        return None
    name = it.names.collection_endpoint("hub")
    return resource_id(it.subscription, it.names.platform_group, _COLLECTION_ENDPOINTS, name)


def collection_endpoint(it: Installation, site: Site) -> str:
    """Resource ID of the data collection endpoint of the cluster of an environment."""
    name = it.names.collection_endpoint(site.name)
    return resource_id(site.subscription, it.names.group(site.name), _COLLECTION_ENDPOINTS, name)


def collection_endpoints(it: Installation) -> list[Json]:
    """Data collection endpoints of the private link.

    Ingestion needs one in the region of the workspace, the configuration of an agent one in the region of its cluster
    (azure-monitor-docs, articles/azure-monitor/data-collection/data-collection-endpoint-overview.md).
    """
    if not has_private_link(it):
        return []
    names, access = it.names, {"publicIngestion": public_ingestion(it)}
    shared: dict[str, Json] = {
        "name": names.collection_endpoint("hub"),
        "subscriptionId": it.subscription,
        "resourceGroupName": names.platform_group,
        "location": it.location,
        "tags": it.tags(),
        **access,
    }
    own = ({**place(it, site), "name": names.collection_endpoint(site.name), **access} for site in _with_insights(it))
    return [shared, *own]


def _with_insights(it: Installation) -> tuple[Site, ...]:
    return tuple(site for site in it.sites if has_insights(it, site))
