"""Parameters of stage 8, ingress, of one environment or shared by all."""

from typing import Final

from installer.conventions.regions import NEAREST_ORIGIN
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.jobs import HEALTH_PATH
from installer.estate.parameters.resource_ids import IngressHome, ingress_home, resource_id, subnet_id, workspace_id
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

_MAX_INSTANCES: Final = 10
_IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"


def request_message(it: Installation, environment: str) -> str:
    """Request message that identifies the private link request for the web app of an environment."""
    return f"FlowForge {it.names.prefix} {environment}"


def domain_name(host: str) -> str:
    """Name of a custom domain resource in Front Door."""
    return host.replace(".", "-")


def ingress(it: Installation, outputs: Outputs, environment: str) -> dict[str, Json]:
    """Application Gateway or Front Door in front of the web app of one environment."""
    return _ingress(it, outputs, (environment,))


def shared_ingress(it: Installation, outputs: Outputs) -> dict[str, Json]:
    """Application Gateway or Front Door in front of the web apps of all environments."""
    return _ingress(it, outputs, it.environments)


def _ingress(it: Installation, outputs: Outputs, environments: tuple[str, ...]) -> dict[str, Json]:
    answered, home = it.answers.ingress, ingress_home(it, environments[0])
    gateway = answered.kind == "gateway"
    own_certificate = it.reads_certificate and not gateway
    return {
        "location": home.location,
        "tags": it.tags(None if it.shares_ingress else environments[0]),
        "subscriptionId": home.subscription,
        "resourceGroupName": home.group,
        "workspaceId": workspace_id(it),
        "ingress": answered.kind,
        "wafMode": answered.waf,
        "apps": [_app(it, it.site(name), outputs) for name in environments],
        "originIds": [origin_id(it, it.site(name)) for name in environments],
        "gateway": _gateway(it, home, environments[-1]) if gateway else None,
        "gatewaySubnetId": subnet_id(it, home.network, "gateway") if gateway else None,
        "frontDoor": None if gateway else _front_door(it, home, environments[-1]),
        "certificateId": _certificate_id(it) if own_certificate else None,
    }


def _app(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    host = it.public_host(site.name)
    return {
        "part": site.name if it.shares_ingress else "web",
        "hostName": host,
        "originHostName": _origin_host(it, site.name, outputs),
        "healthPath": HEALTH_PATH,
        "endpointName": it.names.front_door_endpoint(site.name),
        "domainName": domain_name(host),
        "privateLinkLocation": NEAREST_ORIGIN.get(site.location, site.location),
        "requestMessage": request_message(it, site.name),
        "groupId": "sites" if _on_app_service(it) else "managedEnvironments",
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


def _gateway(it: Installation, home: IngressHome, reader: str) -> dict[str, Json]:
    names, new = it.names, it.answers.network.mode != "existing"
    usable = it.addresses.network(home.network).subnet("gateway").usable if new else _MAX_INSTANCES + 1
    return {
        "name": names.gateway(home.network),
        "publicIpName": names.gateway_address(home.network),
        "policyName": names.gateway_policy(home.network),
        "zones": ["1", "2", "3"] if it.zone_redundant else [],
        # One address of the subnet is reserved for a private frontend.
        "maxInstances": min(_MAX_INSTANCES, usable - 1),
        "identityId": _identity_id(it, reader),
        "certificateUri": it.answers.ingress.certificate_uri.replace("/certificates/", "/secrets/"),
    }


def _front_door(it: Installation, home: IngressHome, reader: str) -> dict[str, Json]:
    names = it.names
    found: dict[str, Json] = {
        "name": names.front_door(home.network),
        "policyName": names.front_door_policy(home.network),
    }
    return {**found, "identityId": _identity_id(it, reader)} if it.reads_certificate else found


def _identity_id(it: Installation, environment: str) -> str:
    """Identity that reads the certificate; of the last environment if the ingress is shared."""
    name, group = it.names.identity(environment, "gateway"), it.names.group(environment)
    return resource_id(it.site(environment).subscription, group, _IDENTITIES, name)


def _certificate_id(it: Installation) -> str:
    vault, name = it.certificate
    group = it.answers.ingress.certificate_group
    return f"{resource_id(it.subscription, group, 'Microsoft.KeyVault/vaults', vault)}/secrets/{name}"
