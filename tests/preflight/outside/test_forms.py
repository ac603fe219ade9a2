"""Forms of bodies in a survey: responses of Azure and lists of them are read, what the Azure CLI prints is refused by name."""

import json
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.survey import SurveyError, parse
from installer.jsontypes import Json
from tests.preflight.outside.bodies import AT_HOME, HOME, Body, grant, group, lock, subscription
from tests.preflight.outside.surveys import survey
from tests.preflight.outside.test_surveys import answers, seen
from tests.preflight.surveyed import from_survey

NETWORK: Final = f"{AT_HOME}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet"
SPACE: Final[Json] = {"addressPrefixes": ["10.1.0.0/16"]}
SUBNET: Final[Body] = {
    "id": f"{NETWORK}/subnets/one",
    "name": "one",
    "addressPrefix": "10.1.0.0/24",
    "resourceGroup": "rg-net",
}
FLAT: Final[dict[str, Body]] = {
    "network": {
        "id": NETWORK,
        "location": "swedencentral",
        "resourceGroup": "rg-net",
        "addressSpace": SPACE,
        "subnets": [],
    },
    "network of the list of all resources": {"id": NETWORK, "resourceGroup": "rg-net", "properties": None},
    "subnet": SUBNET,
    "subnet inside a network": {"id": NETWORK, "properties": {"addressSpace": SPACE, "subnets": [SUBNET]}},
    "role assignment": {
        "id": f"{AT_HOME}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001",
        "principalId": HOME,
        "roleDefinitionId": "x",
        "scope": AT_HOME,
    },
    "lock": {"id": f"{AT_HOME}/providers/Microsoft.Authorization/locks/l", "level": "ReadOnly", "notes": None},
    "policy assignment": {
        "id": f"{AT_HOME}/providers/Microsoft.Authorization/policyAssignments/p",
        "enforcementMode": "Default",
    },
    "subscription": {"id": HOME, "name": "Prod", "state": "Enabled", "isDefault": True},
}


@pytest.mark.parametrize("form", FLAT)
def test_a_resource_as_the_azure_cli_prints_it_is_refused_with_the_request_to_save(form: str) -> None:
    with pytest.raises(SurveyError) as refused:
        parse(json.dumps({"version": 1, "resources": [FLAT[form]]}))
    assert "it is in the form of the Azure CLI" in str(refused.value)
    assert "az rest --url '" in str(refused.value)


def test_all_of_them_are_named_at_once() -> None:
    with pytest.raises(SurveyError) as refused:
        parse(json.dumps({"version": 1, "resources": [*FLAT.values(), {"value": [SUBNET, {"id": NETWORK}]}]}, indent=1))
    lines = str(refused.value).splitlines()
    assert len(lines) == len(FLAT) + 1
    assert "it has no properties: save the response" in lines[-1]
    assert "10.1.0.0" not in str(refused.value)


def test_lists_as_azure_returns_them_are_read(tmp_path: Path) -> None:
    frozen: Json = {"value": [lock(AT_HOME, "ReadOnly", "frozen")]}
    content = {**survey(subscription(), grant(AT_HOME, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635")), "listed": []}
    content["resources"] = [*content["resources"], frozen, {"value": [group(AT_HOME, "rg-other")], "nextLink": None}]
    report = from_survey(tmp_path, answers("01-trial-public"), content)
    assert seen(report) == {("blocks", "ScopeLocked")}


def test_the_first_page_of_a_list_proves_nothing_about_the_others(tmp_path: Path) -> None:
    content = {**survey(subscription(), grant(AT_HOME, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635")), "listed": []}
    first: Json = {
        "value": [lock(f"{AT_HOME}/resourceGroups/rg-other", "ReadOnly", "other")],
        "nextLink": "https://x/?$skip=1",
    }
    content["resources"] = [*content["resources"], first]
    report = from_survey(tmp_path, answers("01-trial-public"), content)
    assert seen(report) == set()
    reasons = {one.what: one.why for result in report.results for one in result.not_checked}
    assert reasons[f"locks of subscription {HOME}"] == "the survey has the first page of them only"
