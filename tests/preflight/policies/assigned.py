"""Policies of a customer as resources of a survey, and the result of the check."""

from pathlib import Path
from typing import Final

from installer.json_access import JsonObject
from installer.jsontypes import Json
from installer.preflight.model import Finding, Result
from installer.preflight.policies.check import POLICY
from tests.emulator.in_memory import SUBSCRIPTION
from tests.preflight.surveyed import checked, sample

SCOPE: Final = f"/subscriptions/{SUBSCRIPTION}"
MANAGEMENT: Final = "/providers/Microsoft.Management/managementGroups/corp"
AUTHORIZATION: Final = "providers/Microsoft.Authorization"


def definition(name: str, condition: JsonObject, then: JsonObject, mode: str = "All", **parameters: Json) -> JsonObject:
    """A definition above the subscription, with parameters and their defaults."""
    declared: JsonObject = {
        key: {"type": "Array" if isinstance(value, list) else "String", "defaultValue": value}
        for key, value in parameters.items()
    }
    rule: Json = {"if": condition, "then": then}
    return {
        "id": f"{MANAGEMENT}/{AUTHORIZATION}/policyDefinitions/{name}",
        "properties": {"displayName": f"Rule {name}", "mode": mode, "parameters": declared, "policyRule": rule},
    }


def initiative(name: str, *parts: JsonObject) -> JsonObject:
    """An initiative of definitions, each under the reference `part-` and its name."""
    members: list[Json] = [
        {"policyDefinitionId": part["id"], "policyDefinitionReferenceId": f"part-{str(part['id']).rpartition('/')[2]}"}
        for part in parts
    ]
    return {
        "id": f"{MANAGEMENT}/{AUTHORIZATION}/policySetDefinitions/{name}",
        "properties": {"displayName": name, "policyDefinitions": members},
    }


def assigned(what: JsonObject, name: str = "rule", scope: str = MANAGEMENT, **properties: Json) -> JsonObject:
    """An assignment."""
    return {
        "id": f"{scope}/{AUTHORIZATION}/policyAssignments/{name}",
        "properties": {
            "displayName": f"Title of {name}",
            "policyDefinitionId": what["id"],
            "metadata": {"assignedBy": "Platform Team"},
            **properties,
        },
    }


def exemption(assignment: JsonObject, scope: str = SCOPE, **properties: Json) -> JsonObject:
    """An exemption from an assignment."""
    return {
        "id": f"{scope}/{AUTHORIZATION}/policyExemptions/free",
        "properties": {"policyAssignmentId": assignment["id"], "exemptionCategory": "Waiver", **properties},
    }


POSTGRES: Final[JsonObject] = {"field": "type", "equals": "Microsoft.DBforPostgreSQL/flexibleServers"}
CLOSED: Final = definition("closed", POSTGRES, {"effect": "deny"})
DENY: Final = assigned(CLOSED)


def result(folder: Path, *resources: JsonObject) -> Result:
    """Result of the check with policies."""
    return checked(folder, POLICY, sample(), resources=[*resources])


def only(found: Result) -> Finding:
    """Its only finding."""
    (finding,) = found.findings
    return finding
