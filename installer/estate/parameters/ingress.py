"""Parameters of stage 8, ingress, of one environment."""

from typing import Final

from installer.conventions.regions import NEAREST_ORIGIN
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.controlplane import HEALTH_PATH
from installer.estate.parameters.resource_ids import resource_id, subnet_id, workspace_id
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

_MAX_INSTANCES: Final = 10


def request_message(it: Installation, environment: str) -> str:
    """Request message that identifies the private link request for the web app of an environment."""
    return f"FlowForge {it.names.prefix} {environment}"


def domain_name(host: str) -> str:
    """Name of a custom domain resource in Front Door."""
    return host.replace(".", "-")


def ingress(it: Installation, outputs: Outputs, environment: str) -> dict[str, Json]:
    """Application Gateway or Front Door in front of the web app."""
    site, answered = it.site(environment), it.answers.ingress
    gateway = answered.kind == "gateway"
    host = it.public_host(environment)
    own_certificate = it.reads_certificate and not gateway
    return {
        "location": site.location,
        "tags": it.tags(environment),
        "subscriptionId": site.subscription,
        "resourceGroupName": it.names.group(environment),
        "workspaceId": workspace_id(it),
        "ingress": answered.kind,
        "wafMode": answered.waf,
        "hostName": host,
        "origin": {"hostName": _origin_host(it, environment, outputs), "healthPath": HEALTH_PATH},
        "originId": origin_id(it, site),
        "gateway": _gateway(it, environment) if gateway else None,
        "gatewaySubnetId": subnet_id(it, environment, "gateway") if gateway else None,
        "frontDoor": None if gateway else _front_door(it, site, host),
        "certificateId": _certificate_id(it) if own_certificate else None,
    }


def _on_app_service(it: Installation) -> bool:
    return it.answers.platform.control_plane == "app_service"


def _origin_host(it: Installation, environment: str, outputs: Outputs) -> str:
    if _on_app_service(it):
        return it.names.site_host(environment)
    return str(outputs[keys.control_plane(environment)]["host"])


def origin_id(it: Installation, site: Site) -> str:
    """ID of the private link target of Front Door: the web app or its Container Apps environment."""
    group = it.names.group(site.name)
    if _on_app_service(it):
        return resource_id(site.subscription, group, "Microsoft.Web/sites", it.names.site(site.name))
    name = it.names.container_apps(site.name)
    return resource_id(site.subscription, group, "Microsoft.App/managedEnvironments", name)


def _gateway(it: Installation, environment: str) -> dict[str, Json]:
    names, new = it.names, it.answers.network.mode != "existing"
    usable = it.addresses.network(environment).subnet("gateway").usable if new else _MAX_INSTANCES + 1
    return {
        "name": names.gateway(environment),
        "publicIpName": names.gateway_address(environment),
        "policyName": names.gateway_policy(environment),
        "zones": ["1", "2", "3"] if it.zone_redundant else [],
        # One address of the subnet is reserved for a private frontend.
        "maxInstances": min(_MAX_INSTANCES, usable - 1),
        "identityName": names.identity(environment, "gateway"),
        "certificateUri": it.answers.ingress.certificate_uri.replace("/certificates/", "/secrets/"),
    }


def _front_door(it: Installation, site: Site, host: str) -> dict[str, Json]:
    names = it.names
    found: dict[str, Json] = {
        "name": names.front_door(site.name),
        "endpointName": names.front_door_endpoint(site.name),
        "policyName": names.front_door_policy(site.name),
        "domainName": domain_name(host),
        "privateLinkLocation": NEAREST_ORIGIN.get(site.location, site.location),
        "requestMessage": request_message(it, site.name),
        "groupId": "sites" if _on_app_service(it) else "managedEnvironments",
    }
    return {**found, "identityName": names.identity(site.name, "gateway")} if it.reads_certificate else found


def _certificate_id(it: Installation) -> str:
    vault, name = it.certificate
    group = it.answers.ingress.certificate_group
    return f"{resource_id(it.subscription, group, 'Microsoft.KeyVault/vaults', vault)}/secrets/{name}"
