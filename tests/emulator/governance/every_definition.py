"""Every definition of ../shared/policies assigned above a subscription, with the strictest effect that it allows."""

from collections.abc import Iterator
from typing import Final

from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.governance.landing_zone import definitions

_GROUP: Final = "/providers/Microsoft.Management/managementGroups/placeholder"
SAMPLES: Final[dict[str, Json]] = {
    "string": "swedencentral",
    "array": ["swedencentral"],
    "boolean": True,
    "integer": 30,
    "object": {"a": "b"},
    "datetime": "2026-01-01T00:00:00Z",
}
"""Values of parameters without a default, by type."""


def every_definition() -> Iterator[JsonObject]:
    """Definitions and an assignment of each."""
    for number, found in enumerate(definitions()):
        yield found
        parameters: JsonObject = {}
        for name, entry in as_object(member(found, "properties", "parameters")).items():
            allowed = {as_text(one).lower(): one for one in as_list(member(entry, "allowedValues"))}
            if name.lower() == "effect":
                strict = next((allowed[one] for one in ("deny", "modify", "append") if one in allowed), None)
                parameters |= {name: {"value": strict}} if strict else {}
            elif "defaultValue" not in as_object(entry):
                sample = SAMPLES[as_text(member(entry, "type")).lower()]
                parameters[name] = {
                    "value": next(iter(allowed.values()), sample) if isinstance(sample, str) else sample
                }
        yield {
            "id": f"{_GROUP}/providers/Microsoft.Authorization/policyAssignments/a{number}",
            "name": f"a{number}",
            "identity": {"type": "SystemAssigned"},
            "properties": {"policyDefinitionId": found["id"], "parameters": parameters, "enforcementMode": "Default"},
        }
