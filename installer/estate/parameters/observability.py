"""Parameters of stage 10, observability: diagnostic settings, alerts and budgets."""

from collections.abc import Mapping
from typing import Final

from installer.answers.model import ENVIRONMENTS
from installer.conventions.naming import Cloud
from installer.estate.parameters.alert_targets import health_alerts, server_target, shared_targets, targets
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.controlplane import SLOT, slot_host
from installer.estate.parameters.images import deployed_image
from installer.estate.parameters.jobs import HEALTH_PATH
from installer.estate.parameters.monitor_access import has_private_link
from installer.estate.parameters.prefect_api import PREFECT_AUTH, PREFECT_KEY, prefect_url
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.resource_ids import place, resource_id
from installer.estate.parameters.secret_marks import mark_settings
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

_SERVERS: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
_IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_PLACES: Final[Mapping[Cloud, tuple[str, ...]]] = {
    "public": ("emea-nl-ams-azr", "emea-gb-db3-azr", "us-va-ash-azr", "us-ca-sjc-azr", "apac-sg-sin-azr"),
    "usgov": ("usgov-va-azr", "usgov-phx-azr", "usgov-tx-azr"),
    "china": ("mc-cne-azr", "mc-cne2-azr", "mc-cnn2-azr"),
}
"""Locations of availability tests, from the documentation ("Application Insights availability tests", population tags)."""


def observability(it: Installation, outputs: Outputs) -> dict[str, Json]:
    """Diagnostic settings, the table of runs and its reporters, alert rules, workbook, budgets."""
    answered, names = it.answers.monitoring, it.names
    return {
        "location": it.location,
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "workspaceName": names.workspace,
        "retentionDays": answered.retention_days,
        "runsRuleName": names.runs_rule,
        "collectionEndpointName": names.collection_endpoint("hub") if has_private_link(it) else None,
        "actionGroupName": names.action_group,
        "actionGroupShortName": names.action_group_short,
        "emails": list(answered.emails),
        "failuresAlertName": names.runs_alert,
        "storageAlertGb": answered.storage_alert_gb,
        "containerLogPlan": answered.container_logs if _has_container_logs(it) else None,
        "capAlertName": names.cap_alert if answered.daily_cap_gb else None,
        "workbookTitle": f"FlowForge {names.prefix}",
        "budgetAmount": answered.budget,
        "budgetStart": answered.budget_start if answered.budget else None,
        "budgets": _budgets(it) if answered.budget else [],
        "environments": [_watched(it, site, outputs) for site in it.sites],
        "servers": _servers(it),
        "sharedTargets": shared_targets(it),
        "healthAlerts": health_alerts(it),
    }


def _watched(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    names = it.names
    url = _public_url(it, site, outputs)
    found: dict[str, Json | None] = {
        "site": place(it, site),
        "storageAccountName": names.storage_account(site.name),
        "keyVaultName": names.key_vault(site.name),
        "kubernetesName": names.kubernetes(site.name) if site.on_kubernetes else None,
        "webSiteName": names.site(site.name) if _on_app_service(it) else None,
        "slotName": SLOT if slot_host(it, site) else None,
        "hasQueue": it.answers.integrations.has_queue,
        "componentName": names.component(site.name),
        "workerPrincipalId": principals_of(outputs, site.name)["worker"].object_id,
        "webTest": {"name": names.web_test(site.name), "url": url, "places": list(_PLACES[names.cloud])}
        if url
        else None,
        "reporter": _reporter(it, site, outputs),
        "targets": targets(it, site),
        "alertNames": {what: names.alert(site.name, what) for what in ("silence", "reach", "health", "storage")},
    }
    return {name: value for name, value in found.items() if value is not None}


def _has_container_logs(it: Installation) -> bool:
    return it.answers.monitoring.container_insights and any(site.on_kubernetes for site in it.sites)


def _on_app_service(it: Installation) -> bool:
    return it.answers.platform.control_plane == "app_service"


def _public_url(it: Installation, site: Site, outputs: Outputs) -> str | None:
    """URL for the availability test; None if the web app is not reachable from the internet."""
    kind = it.answers.ingress.kind
    if kind in ("gateway", "frontdoor"):
        return f"https://{it.public_host(site.name)}{HEALTH_PATH}"
    if kind == "private":
        return None
    if not _on_app_service(it):
        return f"https://{outputs[f'controlplane-{site.name}']['host']}{HEALTH_PATH}"
    # Without sign-on, the web app rejects all requests.
    return None if it.answers.sign_on.method == "later" else f"https://{it.names.site_host(site.name)}{HEALTH_PATH}"


def _reporter(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json] | None:
    """The reporter job for flow runs; on Kubernetes it runs in the cluster instead."""
    if site.on_kubernetes:
        return None
    names, platform = it.names, it.answers.platform
    vault = names.key_vault_uri(site.name)
    own = platform.prefect == "server"
    kept = {"PREFECT_API_AUTH_STRING": PREFECT_AUTH} if own else {"PREFECT_API_KEY": PREFECT_KEY}
    return {
        "name": names.job(site.name, "report"),
        "environmentName": names.container_apps(site.name),
        "image": f"{names.registry_host}/{deployed_image(it, 'prefect', outputs, site.name)}",
        "registryHost": names.registry_host,
        "identityId": resource_id(
            site.subscription, names.group(site.name), _IDENTITIES, names.identity(site.name, "worker")
        ),
        "settings": {
            "AZURE_CLIENT_ID": principals_of(outputs, site.name)["worker"].client_id,
            "FLOWFORGE_ENVIRONMENT": site.name,
            "FLOWFORGE_INGESTION_AUDIENCE": f"https://{names.answers_at.monitor}",
            "PREFECT_API_URL": prefect_url(it, site, outputs),
            **mark_settings(outputs, site.name, kept.values()),
        },
        "keptValues": {name: f"{vault}secrets/{value}" for name, value in kept.items()},
    }


def _servers(it: Installation) -> list[Json]:
    """The shared PostgreSQL server, and the dedicated one of prod if there is one."""
    answered, names = it.answers.sizing, it.names
    placed = [(it.subscription, names.platform_group, names.postgres, answered.postgres_size, it.tags())]
    for site in it.sites:
        if site.own_server:
            group, server = names.group(site.name), names.own_postgres(site.name)
            placed.append((site.subscription, group, server, site.postgres_size, it.tags(site.name)))
    return [
        {
            "name": name,
            "subscriptionId": subscription,
            "resourceGroupName": group,
            "tags": tags,
            "target": server_target(it, resource_id(subscription, group, _SERVERS, name), name, size),
        }
        for subscription, group, name, size, tags in placed
    ]


def _budgets(it: Installation) -> list[Json]:
    """One budget for each subscription.

    Each names the groups of all environments that there may ever be, and those that runtimes make for themselves: so an
    environment that is added changes no budget.
    """
    names = it.names
    groups: list[Json] = [
        names.platform_group,
        *(
            group
            for environment in ENVIRONMENTS
            for group in (
                names.group(environment),
                names.managed_group(environment),
                names.apps_group(environment),
            )
        ),
    ]
    subscriptions = dict.fromkeys((it.subscription, *(site.subscription for site in it.sites)))
    return [
        {"name": names.budget, "subscriptionId": subscription, "groupNames": groups} for subscription in subscriptions
    ]
