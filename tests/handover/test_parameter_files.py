"""Parameter files contain what the installer sends, in both forms, and no secret."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509

from bicep.compile import Compiler
from installer.answers.model import Answers
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.handover.bicep_text import expression
from installer.handover.instructions import Instructions
from installer.handover.parameter_files import DeploymentFiles, deployment_files, registrations
from installer.handover.run_values import run_values
from installer.json_access import as_object, objects_of
from installer.jsontypes import Json
from installer.shipped_files import compiled_template
from tests.bicep.answers_matrix import EVERY_FILE_SOME_LONG, MATRIX
from tests.bicep.answers_variants import VARIANTS, answers
from tests.bicep.snapshots import EXECUTABLE

EVERY: Final[Mapping[str, Answers]] = {**MATRIX, **VARIANTS}
SECRET: Final = "a-secret'with ${marks}"


def _settings(given: Answers) -> dict[str, str]:
    """The variables of an installation, with the values of the placeholder outputs."""
    values, marked = run_values(Installation(given), {})
    found: dict[str, str] = {}
    for key, outputs in marked.items():
        found |= dict(_pairs(outputs, PLACEHOLDER_OUTPUTS[key]))
    assert found.keys() == {one.placeholder for one in values}
    return {name[2:-1]: value for name, value in found.items()}


def _pairs(marked: object, known: object) -> Iterator[tuple[str, str]]:
    """Placeholders and values at the same places; identities are found by environment and workload."""
    if isinstance(marked, str) and marked.startswith("${"):
        yield marked, str(known)
    elif isinstance(marked, Mapping) and isinstance(known, Mapping):
        for name in marked:
            yield from _pairs(marked[name], known[name])
    elif isinstance(marked, list):
        for item in objects_of(marked):
            same = next(
                other
                for other in objects_of(known if isinstance(known, list) else [])
                if [other.get(name) for name in ("name", "workload")]
                == [item.get(name) for name in ("name", "workload")]
            )
            yield from _pairs(item, same)


def _filled(value: Json, settings: Mapping[str, str]) -> Json:
    """A value with its placeholders replaced."""
    text = json.dumps(value)
    for name, known in settings.items():
        text = text.replace(f"${{{name}}}", json.dumps(known)[1:-1])
    found: Json = json.loads(text)
    return found


@pytest.mark.parametrize("name", EVERY)
def test_the_files_have_the_parameters_of_the_installer(name: str) -> None:
    settings = _settings(EVERY[name])
    for file in deployment_files(EVERY[name], {}):
        sent = file.spec.parameters(PLACEHOLDER_OUTPUTS)
        filled = as_object(_filled(dict(file.plain), settings))
        assert {one: entry for one, entry in filled.items() if one not in {"budgetStarts", "names"}} == sent


@pytest.mark.parametrize("name", EVERY)
def test_known_outputs_leave_no_placeholder(name: str) -> None:
    for file in deployment_files(EVERY[name], PLACEHOLDER_OUTPUTS):
        assert file.values == ()
        assert {**file.plain, "names": None, "budgetStarts": None} == {
            **file.spec.parameters(PLACEHOLDER_OUTPUTS),
            "names": None,
            "budgetStarts": None,
        }


def _written(folder: Path, files: tuple[DeploymentFiles, ...]) -> None:
    (folder / "templates").mkdir(parents=True)
    for file in files:
        (folder / file.bicepparam).write_text(file.as_bicepparam(), encoding="utf-8")
        (folder / file.template).write_bytes(compiled_template(file.spec.stage).read_bytes())


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """The variables of all answers, which have the same values for the same environments, and their secrets."""
    found: dict[str, str] = {}
    for given in EVERY.values():
        found |= _settings(given)
        found |= {one.variable: SECRET for file in deployment_files(given, {}) for one in file.secrets}
    return found


@pytest.fixture(scope="module")
def compiler(variables: dict[str, str]) -> Iterator[Compiler]:
    """A compiler in whose environment the variables are set."""
    assert EXECUTABLE is not None
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        running = Compiler(EXECUTABLE)
    with running:
        yield running


@pytest.mark.parametrize("name", [*EVERY_FILE_SOME_LONG, *VARIANTS])
@pytest.mark.compiler
@pytest.mark.skipif(EXECUTABLE is None, reason="no Bicep compiler: set BICEP to its path, or put bicep on the PATH")
def test_the_compiler_makes_the_same_json_of_both_forms(
    name: str, tmp_path: Path, variables: dict[str, str], compiler: Compiler
) -> None:
    """With the variables set, each .bicepparam compiles to its .parameters.json and the secure parameters."""
    files = deployment_files(EVERY[name], {})
    _written(tmp_path / "files", files)
    for file in files:
        path = str(tmp_path / "files" / file.bicepparam)
        result = compiler.call("bicep/compileParams", {"path": path, "parameterOverrides": {}})
        assert result["diagnostics"] == [], file.bicepparam
        compiled = json.loads(str(result["parameters"]))
        expected = as_object(json.loads(file.as_json()))
        expected["parameters"] = {**as_object(expected["parameters"]), **file.secure}
        assert compiled == _filled(expected, variables), file.bicepparam


def test_no_file_contains_a_secret_and_the_json_leaves_secure_parameters_out() -> None:
    given = MATRIX["26-everything-optional"]
    with_secrets = [file for file in deployment_files(given, {}) if file.secrets]
    assert with_secrets
    for file in with_secrets:
        assert "values" in file.secure
        assert "values" not in as_object(json.loads(file.as_json())["parameters"])
        assert "readEnvironmentVariable('FLOWFORGE_SECRET_" in file.as_bicepparam()


def test_a_secret_is_read_from_the_variable_of_the_answer() -> None:
    sign_on = {"method": "secret", "client_id": "b1946ac9-2d5f-4f0e-8a57-6f3f8d1c7e22", "client_secret": "env:OWN_NAME"}
    files = deployment_files(answers("dev", sign_on=sign_on), {})
    found = {one.variable: one.command for file in files for one in file.secrets}
    assert found.pop("OWN_NAME") == ""
    assert set(found) == {f"FLOWFORGE_SECRET_{name}" for name in ("PREFECT_AUTH", "TLS_KEY_DEV", "TLS_CERTIFICATE_DEV")}
    assert all("openssl" in command for command in found.values())


def test_the_certificate_is_made_for_the_names_of_the_server(tmp_path: Path) -> None:
    """The commands run in Bash, as a team would run them."""
    found = {one.variable: one.command for file in deployment_files(answers("dev"), {}) for one in file.secrets}
    pair = ["FLOWFORGE_SECRET_TLS_KEY_DEV", "FLOWFORGE_SECRET_TLS_CERTIFICATE_DEV"]
    script = "\n".join(f"export {name}={found[name]}" for name in pair)
    made = subprocess.run(
        ["bash", "-ec", f'{script}\nprintf "%s" "${pair[1]}"'], capture_output=True, check=True, cwd=tmp_path
    ).stdout
    certificate = x509.load_pem_x509_certificate(made)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "prefect-server.flowforge-dev.svc" in names.get_values_for_type(x509.DNSName)
    assert len(names.get_values_for_type(x509.IPAddress)) == 1


@pytest.mark.parametrize("name", EVERY)
def test_every_variable_is_set_before_the_deployment_that_reads_it(name: str) -> None:
    """Each value comes from a deployment or a command above; each deployment has its command, in order."""
    given = EVERY[name]
    files = deployment_files(given, {})
    text = Instructions(given, files, registrations(given, {}), "").text()
    place = -1
    for file in files:
        now = text.index(f"--parameters {file.bicepparam}")
        assert place < now
        place = now
        for variable in [*(one.variable for one in file.values), *(one.variable for one in file.secrets)]:
            assert 0 < text.find(f"export {variable}=") < now
        for value in file.values:
            before = [one for one in files if one.spec.key == value.after]
            assert all(one.number < file.number for one in before)
            assert before or "applications(uniqueName=" in text[:now]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("it's ${no} variable", r"'it\'s \${no} variable'"),
        ("${A}", "symbolA"),
        ("https://${A}/api${B}", "'https://${symbolA}/api\\${B}'"),
        ("a\\b\n\t\x01", r"'a\\b\n\t\u{1}'"),
        ({"a-b": [1, True, None]}, "{\n  'a-b': [\n    1\n    true\n    null\n  ]\n}"),
        ({"null": {}, "plain": []}, "{\n  'null': {}\n  plain: []\n}"),
        (0.5, "json('0.5')"),
    ],
)
def test_values_as_bicep(value: Json, text: str) -> None:
    assert expression(value, {"A": "symbolA"}) == text


def test_variables_have_names_of_their_own() -> None:
    for given in EVERY.values():
        files = deployment_files(given, {})
        for file in files:
            declared = re.findall(r"^(?:var|param) (\w+)", file.as_bicepparam(), re.MULTILINE)
            assert len(declared) == len(set(declared))
        assert len({file.stem for file in files}) == len(files)
    assert not {name for name in os.environ if name.startswith("FLOWFORGE_DEV_")}
