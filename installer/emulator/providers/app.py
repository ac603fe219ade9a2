"""Microsoft.App: Container Apps environments, apps and jobs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_hex
from installer.emulator.providers.app_containers import app_container
from installer.emulator.providers.app_jobs import EXECUTION, EXECUTION_TYPE, start, stop
from installer.emulator.providers.image_pulls import pull_problem
from installer.emulator.providers.kubernetes.workloads import host
from installer.emulator.providers.power_state import APP
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, defaults
from installer.emulator.providers.secret_references import status_of
from installer.json_access import JsonObject, as_list, as_object, as_text, member, merged
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.jsontypes import Json

APP_TYPE = "Microsoft.App/containerApps"
# Values that the provider returns for members that the request leaves out (recorded).
_CONFIGURATION: JsonObject = {
    "secrets": None,
    "activeRevisionsMode": "Single",
    "registries": None,
    "dapr": None,
    "runtime": None,
    "maxInactiveRevisions": 0,
    "service": None,
    "identitySettings": [],
}
_INGRESS: JsonObject = {
    "exposedPort": 0,
    "transport": "Auto",
    "customDomains": None,
    "allowInsecure": False,
    "ipSecurityRestrictions": None,
    "corsPolicy": None,
    "clientCertificateMode": "Ignore",
    "stickySessions": {"affinity": "none"},
    "additionalPortMappings": None,
}
_TEMPLATE: JsonObject = {
    "revisionSuffix": "",
    "terminationGracePeriodSeconds": None,
    "initContainers": None,
    "scale": {"minReplicas": None, "maxReplicas": 10, "cooldownPeriod": 300, "pollingInterval": 30, "rules": None},
    "volumes": None,
    "serviceBinds": None,
}
_REGISTRY: JsonObject = {"username": "", "passwordSecretRef": ""}
_DISKS = ((0.25, "1Gi"), (0.5, "2Gi"), (1.0, "4Gi"))
_LARGEST_DISK = "8Gi"
_HTTPS = 443


def _domain(context: ProviderContext, environment_id: str) -> str:
    found = context.resources.get(environment_id)
    domain = as_text(member(found.computed, "properties", "defaultDomain")) if found else ""
    return domain or _default_domain(environment_id, context.location)


def _default_domain(environment_id: str, location: str) -> str:
    return f"rehearsal-{derived_hex(environment_id, 'domain', 8)}.{location}.azurecontainerapps.io"


def _check_environment(context: ProviderContext) -> None:
    """Refuses a network of another subscription: github.com/microsoft/azure-container-apps/issues/1534."""
    subnet = context.text("vnetConfiguration", "infrastructureSubnetId")
    if subnet and subscription_of(subnet).lower() != subscription_of(context.id).lower():
        raise ArmError(
            400,
            "ManagedEnvironmentInvalidNetworkConfiguration",
            "The environment network configuration is invalid: Invalid vnet resource ID provided, or the virtual network "
            "could not be found.",
            cause="service",
        )


def _environment(context: ProviderContext) -> JsonObject:
    last = int(derived_hex(context.id, "staticIp", 2), 16) or 1
    internal = bool(member(context.properties, "vnetConfiguration", "internal"))
    # Documentation addresses (RFC 5737) outside, private ones inside: neither is routed.
    address = f"10.255.0.{last}" if internal else f"203.0.113.{last}"
    return {
        "properties": {
            "defaultDomain": _default_domain(context.id, context.location),
            "staticIp": address,
            "customDomainConfiguration": {
                "customDomainVerificationId": derived_hex(context.id, "verification", 32).upper()
            },
        }
    }


def _container_app(context: ProviderContext) -> JsonObject:
    environment = context.text("environmentId") or context.text("managedEnvironmentId")
    domain = _domain(context, environment)
    revision = f"{context.leaf}--{derived_hex(context.id, 'revision', 7)}"
    properties: JsonObject = {
        "managedEnvironmentId": environment,
        "environmentId": environment,
        "latestRevisionName": revision,
        "latestReadyRevisionName": revision,
        "latestRevisionFqdn": f"{revision}.{domain}",
    }
    configuration, standard = as_object(context.properties.get("configuration")), dict(_CONFIGURATION)
    if isinstance(ingress := configuration.get("ingress"), dict):
        inner = "" if ingress.get("external") else "internal."
        standard["ingress"] = {**_INGRESS, "fqdn": f"{context.leaf}.{inner}{domain}"}
    if registries := as_list(configuration.get("registries")):
        properties["configuration"] = {"registries": [{**_REGISTRY, **as_object(item)} for item in registries]}
    properties["template"] = {"containers": [_container(as_object(item)) for item in _containers(context)]}
    standard_members: JsonObject = {
        "workloadProfileName": None,
        "outboundIpAddresses": [f"203.0.113.{int(derived_hex(environment, 'outbound', 2), 16) or 1}"],
        "customDomainVerificationId": derived_hex(environment, "verification", 64).upper(),
        "eventStreamEndpoint": f"https://{context.location}.azurecontainerapps.dev{context.id}/eventstream",
        "delegatedIdentities": [],
        "configuration": standard,
        "template": _TEMPLATE,
    }
    shown: JsonObject = {"properties": merged(defaults(context.properties, standard_members), properties)}
    return merged(shown, APP.members(context))


def _containers(context: ProviderContext) -> list[Json]:
    return as_list(member(context.properties, "template", "containers"))


def _container(requested: JsonObject) -> JsonObject:
    """A container with the disk size that belongs to its CPU share (documented)."""
    resources = as_object(requested.get("resources"))
    cpu = resources.get("cpu")
    share = float(cpu) if isinstance(cpu, int | float) else 0.5
    disk = next((size for limit, size in _DISKS if share <= limit), _LARGEST_DISK)
    return {**requested, "resources": {"ephemeralStorage": disk, **resources}}


def _failure(context: ProviderContext) -> ArmError | None:
    """The error of a revision whose identities cannot read its secrets or images when it starts."""
    problem = start_problem(context)
    if problem is None:
        return None
    text = f"Failed to provision revision for container app '{context.leaf}'. Error details: {problem}"
    return ArmError(400, "ContainerAppOperationError", text, cause="service")


def start_problem(context: ProviderContext) -> str | None:
    """Why replicas of an app or a job would not start now, None if they would."""
    return _secret_problem(context) or next(filter(None, map(_image_problem(context), _containers(context))), None)


def _secret_problem(context: ProviderContext) -> str | None:
    for item in as_list(member(context.properties, "configuration", "secrets")):
        url, identity = as_text(member(item, "keyVaultUrl")), as_text(member(item, "identity"))
        if url and (status := status_of(context, url, identity)[0]) != "Resolved":
            name = as_text(member(item, "name"))
            return (
                f"Field 'configuration.secrets' is invalid with details: 'Invalid value: \"{name}\": Unable to get "
                f"value using Managed identity {identity} for secret {name} ({status})'."
            )
    return None


def _image_problem(context: ProviderContext) -> Callable[[Json], str | None]:
    registries = [as_object(item) for item in as_list(member(context.properties, "configuration", "registries"))]
    identities = {as_text(item.get("server")).lower(): as_text(item.get("identity")) for item in registries}

    def of(container: Json) -> str | None:
        image = as_text(member(container, "image"))
        identity = identities.get(image.partition("/")[0].lower())
        problem = pull_problem(context, image, identity) if identity else None
        place = f"template.containers.{as_text(member(container, 'name'))}.image"
        return f"Field '{place}' is invalid with details: '{problem.message}'." if problem else None

    return of


def start_app(context: ProviderContext) -> None:
    """Start the first container of an app; one with an ingress is called at its name, where TLS ends."""
    template = context.properties.get("template")
    served = bool(member(context.properties, "configuration", "ingress"))
    replicas = member(template, "scale", "minReplicas")
    host().keep(
        context.id,
        replace(
            app_container(context, template, derived_hex(repr(template), "revision", 10)),
            names=(_host_name(context),) if served else (),
            port=_HTTPS if served else 0,
            ends_tls=served,
            replicas=max(replicas, 1) if isinstance(replicas, int) else 1,
        ),
    )


def _host_name(context: ProviderContext) -> str:
    environment = context.text("environmentId") or context.text("managedEnvironmentId")
    inner = "" if member(context.properties, "configuration", "ingress", "external") else "internal."
    return f"{context.leaf}.{inner}{_domain(context, environment)}"


def _stop_container(context: ProviderContext) -> None:
    host().end(context.id)


HOOKS = {
    "Microsoft.App/managedEnvironments": ProviderHooks(check=_check_environment, computed=_environment),
    APP_TYPE: ProviderHooks(
        computed=_container_app,
        failure=_failure,
        after_write=start_app,
        after_removal=_stop_container,
        actions=APP.actions,
    ),
    "Microsoft.App/jobs": ProviderHooks(failure=_failure, actions={"start": start, "stop": stop}),
    EXECUTION_TYPE: EXECUTION,
}
