"""Errors of templates that read what the embedded Azure lacks name the type and the member."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from installer.emulator.deployments.not_emulated import CODE
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.deployments.live_outputs import deployed, outputs
from tests.emulator.in_memory import GROUP
from tests.emulator.sample_templates import resource

ACCOUNT = resource("Microsoft.Storage/storageAccounts", "stlacks1", sku={"name": "Standard_LRS"}, kind="StorageV2")
SCRIPT = resource(
    "Microsoft.Resources/deploymentScripts",
    "script",
    version="2023-08-01",
    kind="AzureCLI",
    properties={"azCliVersion": "2.61.0", "retentionInterval": "P1D", "scriptContent": "echo"},
)
POLICY = "/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c"
ROLE = "subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{}')"
UNKNOWN = "00000000-0000-4000-8000-00000000abcd"


def _detail(path: Path, made: dict[str, Json], expression: str, scripts: Mapping[str, JsonObject] | None = None) -> str:
    it = deployed(path, made, values={"read": expression}, script_outputs=scripts)
    [detail] = as_list(member(it.deployment(scope=GROUP).error, "details"))
    assert member(detail, "code") == CODE
    return as_text(member(detail, "message"))


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("reference('stlacks1').secondaryLocation", "'secondaryLocation'"),
        ("reference('stlacks1').primaryEndpoints.internet", "'primaryEndpoints.internet'"),
        ("reference('stlacks1', '2024-01-01', 'full').identity", "'identity'"),
    ],
)
def test_a_member_that_a_resource_lacks_is_named_with_its_type(tmp_path: Path, expression: str, place: str) -> None:
    text = _detail(tmp_path, ACCOUNT, expression)
    assert text == f"The embedded Azure has no {place} of Microsoft.Storage/storageAccounts; Azure may have it."


def test_the_message_of_azure_stays_as_it_is(tmp_path: Path) -> None:
    it = deployed(tmp_path, ACCOUNT, values={"read": "reference('stlacks1').nothing"})
    text = as_text(member(it.deployment(scope=GROUP).error, "message"))
    assert text.startswith(
        "Unable to evaluate template outputs: 'The language expression property 'nothing' doesn't exist"
    )
    assert "embedded" not in text


def test_a_resource_whose_body_reads_it_has_the_detail_too(tmp_path: Path) -> None:
    other = resource(
        "Microsoft.Storage/storageAccounts",
        "stlacks2",
        after=["stlacks1"],
        sku={"name": "Standard_LRS"},
        kind="StorageV2",
        tags={"a": "[reference('stlacks1').nothing]"},
    )
    it = deployed(tmp_path, ACCOUNT, other)
    [failed] = [one.error for one in it.operations(scope=GROUP).values() if one.error]
    [detail] = as_list(member(failed, "details"))
    assert "'nothing' of Microsoft.Storage/storageAccounts" in as_text(member(detail, "message"))


def test_an_output_of_a_script_names_the_file_that_gives_it(tmp_path: Path) -> None:
    text = _detail(tmp_path, SCRIPT, "reference('script').outputs.result")
    assert "does not run deployment scripts" in text
    assert "Give the output 'result' in the file of --script-outputs (script)." in text


def test_an_output_of_a_script_that_the_file_gives_is_read(tmp_path: Path) -> None:
    it = deployed(
        tmp_path,
        SCRIPT,
        values={"read": "reference('script').outputs.result"},
        script_outputs={"script": as_object({"result": "given"})},
    )
    assert outputs(it)["read"] == "given"


def test_built_in_definitions_are_read_as_existing_resources(tmp_path: Path) -> None:
    reader = ROLE.format("acdd72a7-3385-48ef-bd42-f606fba81ae7")
    it = deployed(
        tmp_path,
        values={
            "policy": f"reference('{POLICY}', '2023-04-01').displayName",
            "role": f"reference({reader}, '2022-04-01').roleName",
            "kind": f"reference({reader}, '2022-04-01').type",
        },
    )
    assert outputs(it) == {"policy": "Allowed locations", "role": "Reader", "kind": "BuiltInRole"}


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (f"reference({ROLE.format(UNKNOWN)}, '2022-04-01').roleName", "of Azure's built-in roles"),
        (f"reference('{POLICY[:-12]}00000000abcd', '2023-04-01').displayName", "of Azure's built-in policies"),
        (
            f"reference('/providers/Microsoft.Authorization/policySetDefinitions/{UNKNOWN}', '2023-04-01').displayName",
            "none of Azure's built-in initiatives",
        ),
    ],
)
def test_a_definition_that_is_not_known_is_named(tmp_path: Path, expression: str, words: str) -> None:
    text = _detail(tmp_path, ACCOUNT, expression)
    assert words in text
    assert "abcd is another one, it is not emulated" in text
