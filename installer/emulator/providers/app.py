"""Microsoft.App: Container Apps environments, apps and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_hex
from installer.emulator.providers.app_jobs import EXECUTION, EXECUTION_TYPE, start, stop
from installer.emulator.providers.image_pulls import pull_problem
from installer.emulator.providers.kubernetes.pods import container_in
from installer.emulator.providers.kubernetes.workloads import host
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, defaults
from installer.emulator.providers.secret_references import status_of
from installer.json_access import JsonObject, as_list, as_object, as_text, member, merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.jsontypes import Json

# What a provider answers where nothing was asked for (recorded).
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


def _domain(case: ProviderContext, environment_id: str) -> str:
    found = case.resources.get(environment_id)
    domain = as_text(member(found.computed, "properties", "defaultDomain")) if found else ""
    return domain or _default_domain(environment_id, case.location)


def _default_domain(environment_id: str, location: str) -> str:
    return f"rehearsal-{derived_hex(environment_id, 'domain', 8)}.{location}.azurecontainerapps.io"


def _environment(case: ProviderContext) -> JsonObject:
    last = int(derived_hex(case.id, "staticIp", 2), 16) or 1
    internal = bool(member(case.properties, "vnetConfiguration", "internal"))
    # Documentation addresses (RFC 5737) outside, private ones inside: neither is anybody's.
    address = f"10.255.0.{last}" if internal else f"203.0.113.{last}"
    return {
        "properties": {
            "defaultDomain": _default_domain(case.id, case.location),
            "staticIp": address,
            "customDomainConfiguration": {
                "customDomainVerificationId": derived_hex(case.id, "verification", 32).upper()
            },
        }
    }


def _container_app(case: ProviderContext) -> JsonObject:
    environment = case.text("environmentId") or case.text("managedEnvironmentId")
    domain = _domain(case, environment)
    revision = f"{case.leaf}--{derived_hex(case.id, 'revision', 7)}"
    properties: JsonObject = {
        "runningStatus": "Running",
        "managedEnvironmentId": environment,
        "environmentId": environment,
        "latestRevisionName": revision,
        "latestReadyRevisionName": revision,
        "latestRevisionFqdn": f"{revision}.{domain}",
    }
    configuration, standard = as_object(case.properties.get("configuration")), dict(_CONFIGURATION)
    if isinstance(ingress := configuration.get("ingress"), dict):
        inner = "" if ingress.get("external") else "internal."
        standard["ingress"] = {**_INGRESS, "fqdn": f"{case.leaf}.{inner}{domain}"}
    if registries := as_list(configuration.get("registries")):
        properties["configuration"] = {"registries": [{**_REGISTRY, **as_object(item)} for item in registries]}
    properties["template"] = {"containers": [_container(as_object(item)) for item in _containers(case)]}
    standing: JsonObject = {
        "workloadProfileName": None,
        "outboundIpAddresses": [f"203.0.113.{int(derived_hex(environment, 'outbound', 2), 16) or 1}"],
        "customDomainVerificationId": derived_hex(environment, "verification", 64).upper(),
        "eventStreamEndpoint": f"https://{case.location}.azurecontainerapps.dev{case.id}/eventstream",
        "delegatedIdentities": [],
        "configuration": standard,
        "template": _TEMPLATE,
    }
    return {"properties": merged(defaults(case.properties, standing), properties)}


def _containers(case: ProviderContext) -> list[Json]:
    return as_list(member(case.properties, "template", "containers"))


def _container(asked: JsonObject) -> JsonObject:
    """A container with the disk that goes with its share of processors (documented)."""
    resources = as_object(asked.get("resources"))
    cpu = resources.get("cpu")
    share = float(cpu) if isinstance(cpu, int | float) else 0.5
    disk = next((size for limit, size in _DISKS if share <= limit), _LARGEST_DISK)
    return {**asked, "resources": {"ephemeralStorage": disk, **resources}}


def _ending(case: ProviderContext) -> ArmError | None:
    """What a revision meets when it starts: secrets and images that its identities cannot read by now."""
    problem = _secret_problem(case) or next(filter(None, map(_image_problem(case), _containers(case))), None)
    if problem is None:
        return None
    text = f"Failed to provision revision for container app '{case.leaf}'. Error details: {problem}"
    return ArmError(400, "ContainerAppOperationError", text, cause="service")


def _secret_problem(case: ProviderContext) -> str | None:
    for item in as_list(member(case.properties, "configuration", "secrets")):
        url, identity = as_text(member(item, "keyVaultUrl")), as_text(member(item, "identity"))
        if url and (status := status_of(case, url, identity)[0]) != "Resolved":
            name = as_text(member(item, "name"))
            return (
                f"Field 'configuration.secrets' is invalid with details: 'Invalid value: \"{name}\": Unable to get "
                f"value using Managed identity {identity} for secret {name} ({status})'."
            )
    return None


def _image_problem(case: ProviderContext) -> Callable[[Json], str | None]:
    registries = [as_object(item) for item in as_list(member(case.properties, "configuration", "registries"))]
    identities = {as_text(item.get("server")).lower(): as_text(item.get("identity")) for item in registries}

    def of(container: Json) -> str | None:
        image = as_text(member(container, "image"))
        identity = identities.get(image.partition("/")[0].lower())
        problem = pull_problem(case, image, identity) if identity else None
        place = f"template.containers.{as_text(member(container, 'name'))}.image"
        return f"Field '{place}' is invalid with details: '{problem.message}'." if problem else None

    return of


def _keep(case: ProviderContext) -> None:
    host().keep(case.id, container_in(as_object(next(iter(_containers(case)), {}))))


def _end(case: ProviderContext) -> None:
    host().end(case.id)


BEHAVIOURS = {
    "Microsoft.App/managedEnvironments": ProviderHooks(computed=_environment),
    "Microsoft.App/containerApps": ProviderHooks(computed=_container_app, ending=_ending, settled=_keep, removed=_end),
    "Microsoft.App/jobs": ProviderHooks(ending=_ending, actions={"start": start, "stop": stop}),
    EXECUTION_TYPE: EXECUTION,
}
