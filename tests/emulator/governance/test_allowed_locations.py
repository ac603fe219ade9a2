"""Policies on locations: every resource group, also one that a service creates, is in a region of the answers.

Assumed: a service creates its managed group in the region of its resource. AKS puts that region in the default name of the
group (learn.microsoft.com, aks/faq, "Why are two resource groups created with AKS?"); the others do not document it.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.emulator.state.resources import Resource
from installer.emulator.survey import Survey, parse
from installer.estate.parameters.context import Installation
from installer.json_access import JsonObject, as_text
from installer.resource_id import parse_id
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import stage_resources
from tests.emulator.asgi_client import local
from tests.emulator.governance.landing_zone import definitions, needs_policies

pytestmark = [needs_policies, *NEEDS_COMPILER]

BUILT_IN: Final = ("e56962a6-4747-49cd-b67b-bf8b01975c4c", "e765b5de-1225-4ba3-bd56-1ac6695af988")
"""Allowed locations, and Allowed locations for resource groups, of Azure/azure-policy, built-in-policies/policyDefinitions."""
GROUPS: Final = "Microsoft.Resources/resourceGroups"
WITH_MANAGED_GROUP: Final = {
    "Microsoft.ContainerService/managedClusters": "nodeResourceGroup",
    "Microsoft.App/managedEnvironments": "infrastructureResourceGroup",
    "Microsoft.Synapse/workspaces": "managedResourceGroupName",
    "Microsoft.Purview/accounts": "managedResourceGroupName",
}


SEVERAL_REGIONS: Final = "06"
"""Answers file of the matrix with environments in two regions."""


def allowing(answers: Answers, regions: Iterable[str]) -> Survey:
    """Both policies, assigned to the subscriptions of an installation with these regions."""
    it = Installation(answers)
    homes = {it.subscription, *(site.subscription for site in it.sites)}
    assignments: list[JsonObject] = [
        {
            "id": f"/subscriptions/{home}/providers/Microsoft.Authorization/policyAssignments/{name[:8]}",
            "properties": {
                "policyDefinitionId": f"/providers/Microsoft.Authorization/policyDefinitions/{name}",
                "parameters": {"listOfAllowedLocations": {"value": list(regions)}},
            },
        }
        for home in sorted(homes)
        for name in BUILT_IN
    ]
    used = [item for item in definitions() if item["name"] in BUILT_IN]
    return parse(json.dumps({"version": 1, "resources": [*used, *assignments]}))


def groups(answers: Answers) -> list[Resource]:
    """Resource groups as they would be requested, and those that a service would create for a resource."""
    found = []
    for stage in ("foundation", "runtime", "integrations"):
        for item in stage_resources(answers, stage):
            parsed = parse_id(as_text(item["id"]))
            if parsed is None or parsed.type not in {GROUPS, *WITH_MANAGED_GROUP}:
                continue
            where, name = parsed.id, parsed.names[-1]
            if member_name := WITH_MANAGED_GROUP.get(parsed.type):
                properties = item["properties"]
                assert isinstance(properties, dict)
                name = as_text(properties[member_name])
                assert name, f"{parsed.type} has a managed group with a name of the naming convention"
                where = f"{'/'.join(parsed.id.split('/')[:3])}/resourceGroups/{name}"
            body: JsonObject = {"location": item["location"], "tags": {}}
            found.append(Resource(where, GROUPS, name, "2025-04-01", "Creating", 0, 0, desired=body))
    return found


def regions_of(answers: Answers) -> set[str]:
    """Regions of the platform and the environments."""
    it = Installation(answers)
    return {it.location, *(site.location for site in it.sites)}


@pytest.mark.parametrize("name", MATRIX)
def test_every_resource_group_is_in_a_region_of_the_answers(name: str, tmp_path: Path) -> None:
    answers = MATRIX[name]
    wanted, regions = groups(answers), regions_of(answers)
    assert len(wanted) > len(regions)
    policies = local(tmp_path, survey=allowing(answers, regions)).emulator.policies
    assert [group.id for group in wanted if policies.refusals(group)] == []


def test_a_group_elsewhere_is_refused(tmp_path: Path) -> None:
    """The check above can fail: without one of two regions the groups in it are refused, managed groups included."""
    (answers,) = (found for key, found in MATRIX.items() if key.startswith(SEVERAL_REGIONS))
    it = Installation(answers)
    (left_out, *_) = regions_of(answers) - {it.location}
    policies = local(tmp_path, survey=allowing(answers, regions_of(answers) - {left_out})).emulator.policies
    wanted = groups(answers)
    refused = {group.name for group in wanted if policies.refusals(group)}
    assert refused == {group.name for group in wanted if group.desired["location"] == left_out}
    assert len(refused) > 1
