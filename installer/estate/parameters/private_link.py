"""Parameters of stage 9, private link: the Azure Monitor Private Link Scope of the networks."""

from collections.abc import Iterator
from typing import Final

from installer.estate.parameters.context import Installation
from installer.estate.parameters.monitor_access import (
    collection_endpoint,
    has_insights,
    monitor_zone_names,
    public_ingestion,
    shared_collection_endpoint,
)
from installer.estate.parameters.network import private_dns
from installer.estate.parameters.resource_ids import endpoints, resource_id, workspace_id
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

_SCOPES: Final = "Microsoft.Insights/privateLinkScopes"
_COMPONENTS: Final = "Microsoft.Insights/components"


def private_link(it: Installation, _outputs: Outputs) -> dict[str, Json]:
    """Private link scope with its resources, its private endpoint and DNS zones."""
    names = it.names
    scope, zones = scope_id(it), monitor_zone_names(it)
    (endpoint,) = endpoints(it, "hub", scope, "azuremonitor", *zones, names.answers_at.zone("blob"))
    return {
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "scopeName": names.private_link_scope,
        "accessMode": "Open" if public_ingestion(it) else "PrivateOnly",
        "clusters": [
            {
                "name": names.kubernetes(site.name),
                "subscriptionId": site.subscription,
                "resourceGroupName": names.group(site.name),
                "collectionEndpointId": collection_endpoint(it, site),
            }
            for site in it.sites
            if has_insights(it, site)
        ],
        "scopedResources": [{"name": name, "resourceId": linked} for name, linked in _scoped_resources(it)],
        "privateDns": private_dns(it, zones),
        "endpoint": endpoint,
    }


def scope_id(it: Installation) -> str:
    """Resource ID of the private link scope."""
    return resource_id(it.subscription, it.names.platform_group, _SCOPES, it.names.private_link_scope)


def _scoped_resources(it: Installation) -> Iterator[tuple[str, str]]:
    """Name of its entry in the scope and ID of every resource that the networks send telemetry to."""
    yield "workspace", workspace_id(it)
    if shared := shared_collection_endpoint(it):
        yield "collection-hub", shared
    for site in it.sites:
        if has_insights(it, site):
            yield f"collection-{site.name}", collection_endpoint(it, site)
        group, name = it.names.group(site.name), it.names.component(site.name)
        yield f"component-{site.name}", resource_id(site.subscription, group, _COMPONENTS, name)
