"""Parameters of stage 7, control plane, of one environment."""

from typing import Final

from installer.conventions.naming import LAYERS
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.images import deployed_image
from installer.estate.parameters.jobs import HEALTH_PATH, WEB_PORT
from installer.estate.parameters.monitor_access import public_ingestion
from installer.estate.parameters.prefect_api import prefect_url, web_credentials
from installer.estate.parameters.prefect_container_apps import prefect_apps, web_app
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.resource_ids import endpoints, network_id, place, resource_id, subnet_id, workspace_id
from installer.estate.parameters.secret_marks import mark_settings
from installer.estate.parameters.stage_spec import Outputs, Reading
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.resource_id import group_of, name_of, subscription_of

CLIENT_SECRET: Final = "sign-on-client-secret"  # noqa: S105  its name, not its value
"""Name of the client secret in the key vault."""
SLOT: Final = "staging"
"""Name of the deployment slot."""
_DATA_PREFIXES: Final = (
    "FLOWFORGE_BLOB_",
    "FLOWFORGE_CONTAINERS",
    "FLOWFORGE_DATABASE_",
    "FLOWFORGE_DFS_",
    "FLOWFORGE_PREFECT_",
    "PREFECT_",
)
"""Prefixes of the environment variables that lead to data or to flow runs."""
_WEB_VERSION: Final = "2025-03-01"
_SITES: Final = "Microsoft.Web/sites"


def control_plane(it: Installation, outputs: Outputs, environment: str) -> dict[str, Json]:
    """The web app, its plan, settings and sign-on; and Prefect, if it runs on Container Apps."""
    names, sign_on, site = it.names, it.answers.sign_on, it.site(environment)
    principals = principals_of(outputs, environment)
    secretless = sign_on.method == "secretless"
    settings = _settings(it, site, outputs)
    on_service = it.answers.platform.control_plane == "app_service"
    apps = [] if site.on_kubernetes else prefect_apps(it, site, outputs)
    if on_service:
        settings |= _kept(it, site)
        settings |= mark_settings(outputs, environment, _secret_names(it, site))
    else:
        apps.insert(0, web_app(it, site, outputs, settings=settings, health=HEALTH_PATH, port=WEB_PORT))
    apps = [_with_mark(it, site, outputs, app) for app in map(as_object, apps)]
    return {
        "site": place(it, site),
        "controlPlane": it.answers.platform.control_plane,
        "zoneRedundant": it.zone_redundant,
        "webImage": deployed_image(it, "web", outputs, environment),
        "registryHost": names.registry_host,
        "identityName": names.identity(environment, "web"),
        "identityClientId": principals["web"].client_id,
        "identityPrincipalId": principals["web"].object_id,
        "healthPath": HEALTH_PATH,
        "settings": settings,
        "componentName": names.component(environment),
        "publicIngestion": public_ingestion(it),
        "workspaceId": workspace_id(it),
        "signOnMethod": sign_on.method,
        "signOnIssuer": f"https://{names.answers_at.login}/{it.answers.subscription.tenant}/v2.0",
        "signOnClientId": client_id(it, outputs, environment),
        "credentialUri": f"{names.key_vault_uri(environment)}secrets/{CLIENT_SECRET}"
        if sign_on.method == "secret"
        else None,
        "authIdentityName": names.identity(environment, "auth") if secretless else None,
        "authIdentityClientId": principals["auth"].client_id if secretless else None,
        "endpoints": _endpoints(it, site) if on_service else [],
        "apps": apps,
        "behindProxy": None if on_service else it.has_ingress,
        **(_app_service(it, site, settings) if on_service else {}),
        **(_container_apps(it, site, outputs) if site.has_container_apps else {}),
    }


def _with_mark(it: Installation, site: Site, outputs: Outputs, app: dict[str, Json]) -> Json:
    """An app that gets a new revision when one of its secrets has changed."""
    names = [name_of(str(uri)) for uri in as_object(app["secrets"]).values()]
    own = [*names, CLIENT_SECRET] if app["isWeb"] and it.answers.sign_on.method == "secret" else names
    return {**app, "settings": {**as_object(app["settings"]), **mark_settings(outputs, site.name, own)}}


def _secret_names(it: Installation, site: Site) -> list[str]:
    """Names of the secrets that the web app reads."""
    own = [CLIENT_SECRET] if it.answers.sign_on.method == "secret" else []
    return [*(name_of(str(uri)) for uri in web_credentials(it, site).values()), *own]


def scaled_workers(it: Installation, site: Site) -> dict[str, Reading]:
    """Current number of workers of the App Service plan: a run must not remove those that autoscale or others added."""
    if it.answers.platform.control_plane != "app_service":
        return {}
    plan = resource_id(
        site.subscription, it.names.group(site.name), "Microsoft.Web/serverfarms", it.names.plan(site.name)
    )
    return {"currentWebWorkers": Reading(plan, _WEB_VERSION, ("sku", "capacity"))}


def client_id(it: Installation, outputs: Outputs, environment: str) -> str | None:
    """Client ID of the app registration: from the answers, or of the one created by the installer."""
    sign_on = it.answers.sign_on
    if sign_on.method == "later":
        return None
    return str(outputs[keys.app_registration(environment)]["clientId"]) if it.registers else sign_on.client_id


def web_host(it: Installation, site: Site, outputs: Outputs) -> str:
    """Default host name of the web app, without the ingress."""
    if it.answers.platform.control_plane == "app_service":
        return it.names.site_host(site.name)
    return f"{it.names.app(site.name, 'web')}.{outputs[f'runtime-{site.name}']['defaultDomain']}"


def slot_host(it: Installation, site: Site) -> str | None:
    """Host name of the staging slot, or None without one."""
    platform = it.answers.platform
    if platform.control_plane != "app_service" or not platform.slot:
        return None
    name, _, domain = it.names.site_host(site.name).partition(".")
    return f"{name}-{SLOT}.{domain}"


def _app_service(it: Installation, site: Site, settings: dict[str, Json]) -> dict[str, Json]:
    kind = it.answers.ingress.kind
    service: dict[str, Json] = {
        "planName": it.names.plan(site.name),
        "siteName": it.names.site(site.name),
        "publicAccess": it.public or kind == "direct",
        "behindProxy": kind in ("gateway", "frontdoor"),
        **({} if it.public else {"subnetId": subnet_id(it, site.name, "web")}),
    }
    slot = it.answers.platform.slot
    return {
        "appService": service,
        "webPlanSize": site.web_size,
        "stagingSlot": slot,
        "dataSettingNames": [name for name in sorted(settings) if name.startswith(_DATA_PREFIXES)],
        **({"slotData": it.answers.platform.slot_data} if slot else {}),
    }


def _container_apps(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    built = outputs[keys.runtime(site.name)]
    found: dict[str, Json] = {"appsEnvironmentName": it.names.container_apps(site.name)}
    if it.answers.platform.control_plane == "container_app":
        found["webHost"] = web_host(it, site, outputs)
    home = _apps_zone_home(it, site)
    if home is None:
        return found
    networks = ("hub", site.name)
    found["appsZone"] = {
        "subscriptionId": home[0],
        "resourceGroupName": home[1],
        "name": built["defaultDomain"],
        "address": built["staticIp"],
        "linkNames": [it.names.network_link(network) for network in networks],
        "networkIds": [network_id(it, network) for network in networks],
    }
    return found


def _apps_zone_home(it: Installation, site: Site) -> tuple[str, str] | None:
    """Subscription and resource group of the zone of a Container Apps environment; None where it is left to the organization.

    Azure chooses its name with the environment, so it cannot exist before. Next to existing zones it is created with them.
    """
    answered = it.answers.network
    if it.public or answered.dns == "policy":
        return None
    if answered.dns == "existing":
        return subscription_of(answered.dns_group_id), group_of(answered.dns_group_id)
    return site.subscription, it.names.group(site.name)


def _endpoints(it: Installation, site: Site) -> list[Json]:
    """Private endpoints of the web app and its staging slot; none with public access."""
    target = resource_id(site.subscription, it.names.group(site.name), _SITES, it.names.site(site.name))
    parts = ("sites", *((f"sites-{SLOT}",) if it.answers.platform.slot else ()))
    zone = it.names.answers_at.zone("web")
    return [found for part in parts for found in endpoints(it, site.name, target, part, zone)]


def _kept(it: Installation, site: Site) -> dict[str, Json]:
    """App settings with Key Vault references."""
    return {name: f"@Microsoft.KeyVault(SecretUri={uri})" for name, uri in web_credentials(it, site).items()}


def _settings(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    names, environment = it.names, site.name
    client = principals_of(outputs, environment)["web"].client_id
    url = prefect_url(it, site, outputs)
    return {
        "WEBSITES_PORT": str(WEB_PORT),
        "AZURE_CLIENT_ID": client,
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": f"Authorization=AAD;ClientId={client}",
        "FLOWFORGE_ENVIRONMENT": environment,
        "FLOWFORGE_BLOB_ENDPOINT": names.blob_endpoint(environment),
        "FLOWFORGE_DFS_ENDPOINT": names.blob_endpoint(environment).replace(".blob.", ".dfs."),
        "FLOWFORGE_CONTAINERS": ",".join(LAYERS),
        "FLOWFORGE_DATABASE_HOST": names.postgres_at(it.postgres(site)),
        "FLOWFORGE_DATABASE_NAME": names.database(environment, "flowforge"),
        "FLOWFORGE_DATABASE_USER": names.identity(environment, "web"),
        "FLOWFORGE_FEATURES": ",".join(it.answers.platform.features),
        **({"PREFECT_API_URL": url} if url else {}),
    }
