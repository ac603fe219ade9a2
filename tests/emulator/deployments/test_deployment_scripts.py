"""Deployment scripts are not run: their outputs are given at the start, and everything that shows them states that."""

import subprocess
from pathlib import Path

import pytest

from installer.emulator.deployments.views import operation_body
from installer.emulator.providers.deployment_scripts import (
    NOT_RUN,
    SCRIPT_TYPE,
    ScriptOutputsError,
    assumed_scripts,
    parse_outputs,
)
from installer.json_access import as_text, member
from installer.jsontypes import Json
from installer.python_program import python_program
from tests.emulator.deployments.live_outputs import deployed, output_error, outputs
from tests.emulator.in_memory import GROUP, bench
from tests.emulator.sample_templates import resource

SCRIPT = f"{GROUP}/providers/{SCRIPT_TYPE}/sc"


def _script(kind: str = "AzureCLI") -> dict[str, Json]:
    version: dict[str, Json] = {"azCliVersion": "2.61.0"} if kind == "AzureCLI" else {"azPowerShellVersion": "11.0"}
    properties: dict[str, Json] = {**version, "retentionInterval": "P1D", "scriptContent": "echo"}
    return resource(SCRIPT_TYPE, "sc", version="2023-08-01", kind=kind, properties=properties)


@pytest.mark.parametrize("kind", ["AzureCLI", "AzurePowerShell"])
def test_outputs_of_a_script_are_those_given_at_the_start(tmp_path: Path, kind: str) -> None:
    given: dict[str, Json] = {"result": "yes", "list": [1, {"a": None}]}
    calls = {"one": "reference('sc').outputs.result", "two": "reference('sc').outputs.list[0]"}
    it = deployed(tmp_path, _script(kind), values=calls, script_outputs={"sc": given})
    assert outputs(it) == {"one": "yes", "two": 1}
    assert assumed_scripts(it.emulator.resources) == [
        (
            "that the deployment script sc, which it does not run, succeeds with the outputs that its start was given "
            "(result, list)"
        )
    ]


def test_a_script_that_has_none_ends_without_outputs(tmp_path: Path) -> None:
    calls = {"outputs": "reference('sc').outputs", "state": "reference('sc').provisioningState"}
    it = deployed(tmp_path, _script(), values={**calls, "status": "contains(reference('sc').status, 'endTime')"})
    assert outputs(it) == {"outputs": {}, "state": "Succeeded", "status": True}
    [line] = assumed_scripts(it.emulator.resources)
    assert line.endswith("succeeds with no outputs")


def test_an_output_that_is_not_given_is_missing(tmp_path: Path) -> None:
    it = deployed(tmp_path, _script(), values={"o": "reference('sc').outputs.result"}, script_outputs={"sc": {"x": 1}})
    assert "'result' doesn't exist" in output_error(it)


def test_the_operation_and_the_log_say_that_the_script_was_not_run(tmp_path: Path) -> None:
    it = deployed(tmp_path, _script(), resource("Microsoft.ManagedIdentity/userAssignedIdentities", "id-a"))
    operations = it.operations(scope=GROUP)
    record = it.deployment(scope=GROUP)
    shown = operation_body(record, operations["sc"])
    assert member(shown, "properties", "statusMessage") == {"status": "Succeeded", "message": NOT_RUN}
    assert member(operation_body(record, operations["id-a"]), "properties", "statusMessage") is None
    assert as_text(it.properties(f"{SCRIPT}/logs/default")["log"]).startswith(NOT_RUN)


def test_the_outputs_are_kept_for_a_later_start_without_them(tmp_path: Path) -> None:
    first = bench(tmp_path, script_outputs={"sc": {"result": "kept"}})
    first.database.close()
    it = deployed(tmp_path, _script(), values={"o": "reference('sc').outputs.result"})
    assert outputs(it) == {"o": "kept"}


@pytest.mark.parametrize("text", ["", "[]", '{"sc": 1}', '{"sc": ["a"]}', '"sc"'])
def test_an_unusable_file_is_refused(text: str) -> None:
    with pytest.raises(ScriptOutputsError):
        parse_outputs(text)


def test_names_of_scripts_ignore_case() -> None:
    assert parse_outputs('{"Sc": {"A": 1}}') == {"sc": {"A": 1}}


@pytest.mark.parametrize("content", [None, "nothing", b"\xff"])
def test_an_unusable_file_ends_the_start_with_its_reason(tmp_path: Path, content: str | bytes | None) -> None:
    file = tmp_path / "outputs.json"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    words = python_program("installer.emulator", "--state-dir", str(tmp_path / "state"), "--script-outputs", str(file))
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "argument --script-outputs" in done.stderr
    assert "Traceback" not in done.stderr
