"""Settings of others on the resources of a stage, which a full update would remove: rules, routes, DNS servers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.network import network
from installer.estate.parameters.resource_ids import resource_id
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of
from installer.jsontypes import Json

_NETWORK_VERSION: Final = "2025-05-01"
_WEB_VERSION: Final = "2025-03-01"
_BUDGETS_VERSION: Final = "2024-08-01"
_OF_NETWORKS: Final = (
    "dhcpOptions",
    "ddosProtectionPlan",
    "enableDdosProtection",
    "bgpCommunities",
    "encryption",
    "flowTimeoutInMinutes",
)
_OF_SUBNETS: Final = (
    "serviceEndpoints",
    "serviceEndpointPolicies",
    "privateLinkServiceNetworkPolicies",
    "ipAllocations",
)
_ITEMS: Final = {"routeTables": "routes", "networkSecurityGroups": "securityRules"}
"""Property with the items that are selected one by one."""
_OWN_RULES: Final = frozenset({"from-clients", "from-gateway-manager"})
_FOR_CLIENTS: Final = "from-clients"
_ANYWHERE: Final = frozenset({"internet", "*", "any", "0.0.0.0/0"})
"""Sources that are no narrower than the one of the template."""
_OWN_ROUTES: Final = frozenset({"default"})
_OWN_SETTINGS: Final = ("FLOWFORGE_", "PREFECT_")
"""Prefixes of app settings that only FlowForge writes: one that it no longer sets is not kept."""
_SLOT_NAMES: Final = ("appSettingNames", "connectionStringNames", "azureStorageConfigNames")
_SET_BY_TEMPLATE: Final = frozenset(
    {
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "AZURE_CLIENT_ID",
        "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET",
        "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID",
        "WEBSITES_PORT",
    }
)
"""App settings with other names that the template sets, in some cases: they are FlowForge's, too."""


def kept_networks(it: Installation) -> tuple[KeptByOthers, ...]:
    """Rules of security groups, routes, and properties of the networks and subnets that the network stage creates."""
    return tuple(_of_networks(it))


def _of_networks(it: Installation) -> Iterator[KeptByOthers]:
    parameters = network(it, {})
    hub = as_object(parameters["hubNetwork"])
    if hub:
        yield from _of_network(hub, it.subscription, it.names.platform_group)
    for site, spoke in zip(it.sites, objects_of(parameters["spokes"]), strict=False):
        group = it.names.group(site.name)
        yield from _of_network(as_object(spoke["network"]), site.subscription, group)
        if it.answers.network.egress == "firewall":
            table = as_text(spoke["routeTableName"])
            yield _one(site.subscription, group, "routeTables", table, _others("routes", _OWN_ROUTES))


def _of_network(content: JsonObject, subscription: str, group: str) -> Iterator[KeptByOthers]:
    name = as_text(content["name"])
    if table := as_text(content.get("routeTableName")):
        yield _one(subscription, group, "routeTables", table, _others("routes", frozenset()))
    yield _one(subscription, group, "virtualNetworks", name, _network_properties(as_text(content["addressPrefix"])))
    for subnet in objects_of(content["subnets"]):
        within = _one(subscription, group, "virtualNetworks", name, _picked(_OF_SUBNETS))
        own = f"/subnets/{as_text(subnet['name'])}"
        yield replace(within, key=within.key + own, resource_id=within.resource_id + own, label=within.label + own)
        yield _one(subscription, group, "networkSecurityGroups", as_text(subnet["networkSecurityGroupName"]), _rules)


def _one(
    subscription: str, group: str, kind: str, name: str, select: Callable[[dict[str, Json]], Json]
) -> KeptByOthers:
    where = resource_id(subscription, group, f"Microsoft.Network/{kind}", name)
    return KeptByOthers("kept", f"{kind}/{name}", where, _NETWORK_VERSION, name, select, holds=_ITEMS.get(kind, ""))


def _picked(names: tuple[str, ...]) -> Callable[[dict[str, Json]], Json]:
    def select(content: dict[str, Json]) -> Json:
        properties = as_object(content.get("properties"))
        return {
            name: _writable(properties[name]) for name in names if properties.get(name) not in (None, [], {}, False)
        }

    return select


def _network_properties(own_prefix: str) -> Callable[[dict[str, Json]], Json]:
    def select(content: dict[str, Json]) -> Json:
        found = as_object(_picked(_OF_NETWORKS)(content))
        prefixes = as_list(member(content, "properties", "addressSpace", "addressPrefixes"))
        more = [prefix for prefix in prefixes if prefix != own_prefix]
        return {**found, **({"addressSpace": {"addressPrefixes": more}} if more else {})}

    return select


def _others(name: str, own: frozenset[str]) -> Callable[[dict[str, Json]], Json]:
    """The rules or routes that others have added, as Azure accepts them."""

    def select(content: dict[str, Json]) -> Json:
        items = objects_of(member(content, "properties", name))
        return [
            {"name": item.get("name"), "properties": _writable(as_object(item.get("properties")))}
            for item in items
            if as_text(item.get("name")) not in own
        ]

    return select


def _rules(content: dict[str, Json]) -> Json:
    """Rules of others, and the rule for clients if others have narrowed it: it replaces that of the template."""
    items = objects_of(member(content, "properties", "securityRules"))
    narrowed = [one for one in items if one.get("name") == _FOR_CLIENTS and _is_narrowed(as_object(one["properties"]))]
    return [
        *as_list(_others("securityRules", _OWN_RULES)(content)),
        *({"name": one["name"], "properties": _writable(one["properties"])} for one in narrowed),
    ]


def _is_narrowed(rule: JsonObject) -> bool:
    return rule.get("access") == "Deny" or as_text(rule.get("sourceAddressPrefix")).lower() not in _ANYWHERE


def _writable(value: Json) -> Json:
    """A value without what only Azure writes."""
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if isinstance(value, dict):
        return {name: _writable(item) for name, item in value.items() if name not in {"provisioningState", "etag"}}
    return value


def kept_settings(it: Installation, site: Site) -> tuple[KeptByOthers, ...]:
    """App settings of the web app and of its staging slot on App Service."""
    if it.answers.platform.control_plane != "app_service":
        return ()
    web = resource_id(site.subscription, it.names.group(site.name), "Microsoft.Web/sites", it.names.site(site.name))
    places = {"keptSettings": web, **({"keptSlotSettings": f"{web}/slots/staging"} if it.answers.platform.slot else {})}
    return tuple(
        KeptByOthers(
            parameter,
            "",
            where,
            _WEB_VERSION,
            f"app settings of {where.rpartition('/')[2]}",
            _settings,
            "config/appsettings/list",
            parameter.replace("kept", "keeps", 1),
        )
        for parameter, where in places.items()
    )


def _settings(content: dict[str, Json]) -> Json:
    properties = as_object(content.get("properties"))
    return {name: value for name, value in properties.items() if isinstance(value, str) and not is_own_setting(name)}


def kept_slot_names(it: Installation, site: Site) -> tuple[KeptByOthers, ...]:
    """Names of settings that others let stay with their slot in a swap; a write replaces each list."""
    if it.answers.platform.control_plane != "app_service":
        return ()
    name = it.names.site(site.name)
    web = resource_id(site.subscription, it.names.group(site.name), "Microsoft.Web/sites", name)
    where, key = f"{web}/config/slotConfigNames", f"sites/{name}/slotConfigNames"
    return (KeptByOthers("kept", key, where, _WEB_VERSION, name, _slot_names),)


def _slot_names(content: dict[str, Json]) -> Json:
    lists = {kind: as_list(member(content, "properties", kind)) for kind in _SLOT_NAMES}
    others = {kind: [name for name in names if not is_own_setting(as_text(name))] for kind, names in lists.items()}
    return {kind: list[Json](names) for kind, names in others.items() if names}


def is_own_setting(name: str) -> bool:
    """Whether FlowForge sets the environment variable or app setting, now or with other answers."""
    return name.startswith(_OWN_SETTINGS) or name in _SET_BY_TEMPLATE


def kept_budgets(it: Installation) -> tuple[KeptByOthers, ...]:
    """Start dates of existing budgets, which Azure does not change."""
    if not it.answers.monitoring.budget:
        return ()
    subscriptions = dict.fromkeys((it.subscription, *(site.subscription for site in it.sites)))
    return tuple(
        KeptByOthers(
            "budgetStarts",
            one,
            f"/subscriptions/{one}/providers/Microsoft.Consumption/budgets/{it.names.budget}",
            _BUDGETS_VERSION,
            f"start of budget {it.names.budget}",
            _start,
            holds="timePeriod.startDate",
            absent=lambda: _not_past(it.answers.monitoring.budget_start),
        )
        for one in subscriptions
    )


def _start(content: dict[str, Json]) -> Json:
    return as_text(member(content, "properties", "timePeriod", "startDate"))[:10]


def _not_past(start: str) -> Json:
    """The first day of this month, if a new budget would start before: Azure refuses that; else None."""
    first = datetime.now(UTC).strftime("%Y-%m-01")
    return first if start < first else None
