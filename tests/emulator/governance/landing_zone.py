"""Microsoft's landing zone policies as a survey: the archetypes of ../shared/policies, assigned with their defaults."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.survey import Survey, parse
from installer.json_access import JsonObject, as_list, as_object, as_text, member

FOLDER: Final = Path(__file__).parents[4] / "shared" / "policies"
CORP: Final = ("root", "landing_zones", "corp")
_GROUP: Final = "/providers/Microsoft.Management/managementGroups/placeholder"
_AUTHORIZATION: Final = "/providers/Microsoft.Authorization"
_VALUES: Final = {
    "${default_location}": "swedencentral",
    "${private_dns_zone_region}": "swedencentral",
    "${private_dns_zone_resource_group_name}": "rg-dns",
    "${log_analytics_workspace_name}": "log-platform",
    "${management_resource_group_name}": "rg-management",
}

needs_policies = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs ../shared/policies")


def definitions() -> Iterator[JsonObject]:
    """Every definition as ARM returns it: built-in ones, then those of the landing zones."""
    for path in sorted((FOLDER / "builtin").glob("*.json")):
        found = as_object(json.loads(path.read_text(encoding="utf-8")))
        name = as_text(found.get("name")) or path.stem
        yield {**found, "name": name, "id": f"{_AUTHORIZATION}/policyDefinitions/{name}"}
    for path in sorted((FOLDER / "alz" / "policy_definitions").glob("*.json")):
        found = as_object(json.loads(path.read_text(encoding="utf-8")))
        yield {**found, "id": f"{_GROUP}{_AUTHORIZATION}/policyDefinitions/{as_text(found['name'])}"}


def _sets() -> Iterator[JsonObject]:
    for path in sorted((FOLDER / "alz" / "policy_set_definitions").glob("*.json")):
        found = as_object(json.loads(path.read_text(encoding="utf-8")))
        yield {**found, "id": f"{_GROUP}{_AUTHORIZATION}/policySetDefinitions/{as_text(found['name'])}"}


def _assignments(archetypes: Iterable[str]) -> Iterator[JsonObject]:
    for archetype in archetypes:
        path = FOLDER / "alz" / "archetype_definitions" / f"{archetype}.alz_archetype_definition.json"
        names = [as_text(item) for item in as_list(json.loads(path.read_text("utf-8"))["policy_assignments"])]
        for name in names:
            file = FOLDER / "alz" / "policy_assignments" / f"{name}.alz_policy_assignment.json"
            text = file.read_text(encoding="utf-8")
            for mark, value in _VALUES.items():
                text = text.replace(mark, value)
            found = as_object(json.loads(text))
            found.pop("dependsOn", None)
            yield {**found, "id": f"{_GROUP}{_AUTHORIZATION}/policyAssignments/{name}"}


def landing_zone(archetypes: tuple[str, ...] = CORP, *more: JsonObject) -> Survey:
    """A survey of a subscription in a landing zone, with further resources."""
    return parse(json.dumps({"version": 1, "resources": [*_resources(archetypes), *more]}))


@cache
def _resources(archetypes: tuple[str, ...]) -> tuple[JsonObject, ...]:
    """Assignments of archetypes with the sets and definitions that they use."""
    used = list(_assignments(archetypes))
    wanted = {as_text(member(item, "properties", "policyDefinitionId")).rpartition("/")[2] for item in used}
    sets = [item for item in _sets() if item["name"] in wanted]
    for item in sets:
        wanted |= {
            as_text(member(part, "policyDefinitionId")).rpartition("/")[2]
            for part in as_list(member(item, "properties", "policyDefinitions"))
        }
    kept = [item for item in definitions() if item["name"] in wanted]
    return (*kept, *sets, *used)


def enforced(survey: Survey) -> Survey:
    """The same survey with every assignment enforced, as a stricter organisation has it."""
    whole = as_object(json.loads(survey.text()))
    for item in as_list(whole["resources"]):
        if "/policyAssignments/" in as_text(member(item, "id")):
            as_object(member(item, "properties"))["enforcementMode"] = "Default"
    return parse(json.dumps(whole))


if __name__ == "__main__":
    import sys

    Path(sys.argv[1]).write_text(landing_zone().text(), encoding="utf-8")
