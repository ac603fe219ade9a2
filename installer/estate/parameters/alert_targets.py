"""Resources with alert rules on their metrics (bicep/alerts.json), and subscriptions with health alerts."""

from typing import Final

from installer.conventions.sizing import postgres_connections
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.prefect_container_apps import SERVICES
from installer.estate.parameters.prefect_server import has_separate_services
from installer.estate.parameters.resource_ids import ingress_home, resource_id
from installer.jsontypes import Json

_CONNECTIONS_PERCENT: Final = 80


def targets(it: Installation, site: Site) -> list[Json]:
    """Monitored resources of an environment."""
    names, name = it.names, site.name
    on_app_service = it.answers.platform.control_plane == "app_service"
    new_spokes = it.answers.network.mode in ("new", "existing_hub")
    wanted: list[tuple[str, str, str, bool]] = [
        ("lake", "Microsoft.Storage/storageAccounts", names.storage_account(name), True),
        ("vault", "Microsoft.KeyVault/vaults", names.key_vault(name), True),
        ("cluster", "Microsoft.ContainerService/managedClusters", names.kubernetes(name), site.on_kubernetes),
        ("plan", "Microsoft.Web/serverfarms", names.plan(name), on_app_service),
        ("site", "Microsoft.Web/sites", names.site(name), on_app_service),
        (
            "gateway",
            "Microsoft.Network/applicationGateways",
            names.gateway(name),
            it.answers.ingress.kind == "gateway" and not it.shares_ingress,
        ),
        (
            "nat",
            "Microsoft.Network/natGateways",
            names.nat_gateway(name),
            new_spokes and it.answers.network.egress == "nat",
        ),
    ]
    prefix = names.alert_prefix(name)
    found = [(kind, of, one, f"{prefix}-{kind}") for kind, of, one, exists in wanted if exists]
    apps = [
        ("app", "Microsoft.App/containerApps", names.app(name, app), f"{prefix}-app-{app}")
        for app in container_apps(it, site)
    ]
    return [
        {
            "kind": kind,
            "resourceId": resource_id(site.subscription, names.group(name), of, one),
            "alertPrefix": prefix,
        }
        for kind, of, one, prefix in (*found, *apps)
    ]


def shared_targets(it: Installation) -> list[Json]:
    """Monitored resources that serve all environments."""
    if it.answers.ingress.kind != "gateway" or not it.shares_ingress:
        return []
    home = ingress_home(it, it.environments[0])
    gateway = resource_id(
        home.subscription, home.group, "Microsoft.Network/applicationGateways", it.names.gateway(home.network)
    )
    return [{"kind": "gateway", "resourceId": gateway, "alertPrefix": f"{it.names.alert_prefix()}-gateway"}]


def container_apps(it: Installation, site: Site) -> tuple[str, ...]:
    """Workloads of an environment that run as container apps."""
    wanted = {
        "web": it.answers.platform.control_plane == "container_app",
        "prefect": not site.on_kubernetes and it.answers.platform.prefect == "server",
        SERVICES: not site.on_kubernetes and has_separate_services(it),
        "worker": not site.on_kubernetes,
    }
    return tuple(app for app, exists in wanted.items() if exists)


def server_target(it: Installation, server_id: str, name: str, size: str) -> Json:
    """A PostgreSQL server; the limit of connections follows from its compute size."""
    return {
        "kind": "postgres",
        "resourceId": server_id,
        "alertPrefix": it.names.server_alert_prefix(name),
        "thresholds": {"connections": postgres_connections(size) * _CONNECTIONS_PERCENT // 100},
    }


def health_alerts(it: Installation) -> list[Json]:
    """Health alerts of the resource group of the platform and of each environment.

    Those on the health of Azure services are in one resource group of each subscription: an activity log alert is in the
    subscription that it watches.
    """
    groups = [(it.subscription, it.names.platform_group, it.names.alert_prefix(), it.tags())]
    for site in it.sites:
        group, prefix = it.names.group(site.name), it.names.alert_prefix(site.name)
        groups.append((site.subscription, group, prefix, it.tags(site.name)))
    first = {subscription: group for subscription, group, _, _ in reversed(groups)}
    return [
        {
            "subscriptionId": subscription,
            "resourceGroupName": group,
            "tags": tags,
            "alertPrefix": prefix,
            "watchesServices": first[subscription] == group,
        }
        for subscription, group, prefix, tags in groups
    ]
