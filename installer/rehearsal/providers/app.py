"""Microsoft.App: Container Apps environments, apps and jobs."""

from __future__ import annotations

from installer.rehearsal.ids import derived_hex
from installer.rehearsal.providers.behaviour import Behaviour, Case
from installer.rehearsal.shapes import JsonObject, as_text, member


def _domain(case: Case, environment_id: str) -> str:
    found = case.resources.get(environment_id)
    domain = as_text(member(found.computed, "properties", "defaultDomain")) if found else ""
    return domain or _default_domain(environment_id, case.location)


def _default_domain(environment_id: str, location: str) -> str:
    return f"rehearsal-{derived_hex(environment_id, 'domain', 8)}.{location}.azurecontainerapps.io"


def _environment(case: Case) -> JsonObject:
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


def _container_app(case: Case) -> JsonObject:
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
    ingress = member(case.properties, "configuration", "ingress")
    if isinstance(ingress, dict):
        inner = "" if ingress.get("external") else "internal."
        properties["configuration"] = {"ingress": {"fqdn": f"{case.leaf}.{inner}{domain}"}}
    return {"properties": properties}


BEHAVIOURS = {
    "Microsoft.App/managedEnvironments": Behaviour(computed=_environment),
    "Microsoft.App/containerApps": Behaviour(computed=_container_app),
}
