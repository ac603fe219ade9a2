"""Microsoft.Insights/privateLinkScopes: the resources of a scope, its private endpoints, and what the private link opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.connections import CONNECTIONS
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import as_list, as_text, member, objects_of
from installer.resource_id import parent_id_of, parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.state.resources import Resource, Resources
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

SCOPE = "Microsoft.Insights/privateLinkScopes"
ENTRY = f"{SCOPE}/scopedResources"
_GROUP = "azuremonitor"
_ENDPOINTS = "Microsoft.Network/privateEndpoints"
_MEMBERS = (
    "microsoft.operationalinsights/workspaces",
    "microsoft.insights/components",
    "microsoft.insights/datacollectionendpoints",
)
"""Types that a scope takes: azure-monitor-docs, articles/azure-monitor/fundamentals/private-link-security.md."""


def _linked(entry: Resource) -> str:
    return as_text(member(entry.desired, "properties", "linkedResourceId"))


def entries_of(resources: Resources, linked: str) -> Iterator[Resource]:
    """The entries of a resource in all scopes."""
    return (entry for entry in resources.of_type(ENTRY) if _linked(entry).lower() == linked.lower())


def shown_entries(context: ProviderContext) -> list[Json]:
    """The scopes of a resource, as it shows them."""
    found = entries_of(context.resources, context.id)
    return [{"resourceId": parent_id_of(entry.id), "scopeId": entry.id} for entry in found]


def check_unlinked(context: ProviderContext) -> None:
    """Refuses to delete a resource that is in a scope.

    Documented in azure-monitor-docs, articles/azure-monitor/fundamentals/private-link-configure.md; code and text are assumed.
    """
    if (entry := next(entries_of(context.resources, context.id), None)) is not None:
        text = f"Resource {context.id} cannot be deleted while it is connected to {parent_id_of(entry.id)}."
        raise ArmError(409, "Conflict", text, cause="service")


def check_endpoint(context: ProviderContext, target: str, groups: list[Json]) -> None:
    """Refuses another group of a scope, and an endpoint in a network that is connected to another scope.

    Group: azure-docs, articles/private-link/private-endpoint-dns.md. One scope for each network: azure-monitor-docs,
    articles/azure-monitor/fundamentals/includes/ampls-limitations.md. Codes and texts are assumed.
    """
    if not _is_scope(target):
        return
    if [as_text(group).lower() for group in groups] != [_GROUP]:
        text = f"The group ids of a private endpoint for {target} have to be '{_GROUP}'."
        raise ArmError(400, "InvalidPrivateLinkServiceConnectionGroupId", text, cause="service")
    network = _network(context.text("subnet", "id"))
    for other in context.resources.of_type(_ENDPOINTS):
        properties = member(other.desired, "properties")
        if other.key == context.resource.key or _network(as_text(member(properties, "subnet", "id"))) != network:
            continue
        for link in objects_of(member(properties, "privateLinkServiceConnections")):
            scope = as_text(member(link, "properties", "privateLinkServiceId"))
            if _is_scope(scope) and scope.lower() != target.lower():
                text = f"The virtual network {network} is connected to the private link scope {scope} already."
                raise ArmError(400, "VirtualNetworkConnectedToOtherScope", text, cause="service")


def check_ingestion(resources: Resources, rule: Resource) -> None:
    """Refuses rows for a workspace that is closed to public networks, unless they can come through a private link.

    The endpoint of the rule has to be in a scope with a private endpoint (azure-monitor-docs,
    articles/azure-monitor/data-collection/data-collection-endpoint-overview.md); code and text are assumed.
    """
    closed = any(
        as_text(member(found.desired, "properties", "publicNetworkAccessForIngestion")).lower() == "disabled"
        for one in as_list(member(rule.desired, "properties", "destinations", "logAnalytics"))
        if (found := resources.get(as_text(member(one, "workspaceResourceId")))) is not None
    )
    through = as_text(member(rule.desired, "properties", "dataCollectionEndpointId"))
    if closed and not any(_is_connected(resources, entry) for entry in entries_of(resources, through)):
        text = f"Rule {rule.id} sends to a workspace that accepts no data from public networks."
        raise ArmError(403, "PublicNetworkAccessDisabled", text, cause="service")


def _is_connected(resources: Resources, entry: Resource) -> bool:
    return any(one.type.lower().endswith(CONNECTIONS) for one in resources.under(parent_id_of(entry.id)))


def _is_scope(resource_id: str) -> bool:
    parsed = parse_id(resource_id)
    return parsed is not None and parsed.type.lower() == SCOPE.lower()


def _network(subnet: str) -> str:
    return subnet.lower().partition("/subnets/")[0]


def _check_entry(context: ProviderContext) -> None:
    """Refuses resources that a scope does not take, that are missing, or that have another entry in the scope.

    Another entry: github.com/Azure/azure-rest-api-specs/issues/28176; the other codes and texts are assumed.
    """
    linked = context.text("linkedResourceId")
    parsed = parse_id(linked)
    if parsed is None or parsed.type.lower() not in _MEMBERS:
        text = f"The resource '{linked}' cannot be linked to a private link scope."
        raise ArmError(400, "InvalidLinkedResource", text, cause="service")
    if not context.resources.exists(linked):
        raise ArmError(404, "LinkedResourceNotFound", f"The linked resource '{linked}' was not found.", cause="service")
    scope = parent_id_of(context.id).lower()
    for other in entries_of(context.resources, linked):
        if other.key != context.resource.key and parent_id_of(other.id).lower() == scope:
            text = "Scoped resource with same linked resource id already exists in this private link scope"
            raise ArmError(409, "Conflict", text, cause="service")


def _collection_endpoint(context: ProviderContext) -> JsonObject:
    shown = shown_entries(context)
    return {"properties": {"privateLinkScopedResources": shown}} if shown else {}


HOOKS = {
    ENTRY: ProviderHooks(check=_check_entry),
    "Microsoft.Insights/dataCollectionEndpoints": ProviderHooks(
        display=_collection_endpoint, check_removal=check_unlinked
    ),
}
