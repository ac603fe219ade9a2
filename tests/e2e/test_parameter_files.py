"""Clients that we did not write deploy exported parameter files, and the estate is that of the installer's own run.

The Azure CLI executes the commands of README.md verbatim in Bash; without one (see tests/emulator/clients/az),
the Azure SDK sends the same deployments.
"""

import hashlib
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bicep.compile import find_compiler
from installer.emulator.clock import WallClock
from installer.emulator.core import open_emulator
from installer.emulator.state.database import Database
from installer.json_access import as_object, as_text, member
from installer.jsontypes import Json
from tests.e2e.conftest import Ended, Rehearsed, run
from tests.emulator.clients.az.cli import EXECUTABLE, NEEDS_AZ, signed_in
from tests.emulator.server_process import Served, serving

pytestmark = pytest.mark.e2e
SUBSCRIPTION: Final = "4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab"
TENANT: Final = "7a1d1b7e-3c5f-4c62-9f0e-5a8c0f6f2d10"
SECRET: Final = "flowforge:canary-of-the-export"
_BLOCK: Final = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK: Final = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)Z$|(?<=/)[0-9a-f]{32}$")
"""Differences between two installations: moments with fractions of a second, and the version of a secret."""
_ASSIGNED: Final = ("etag", "ipAddresses", "FLOWFORGE_SECRETS_MARK")
"""Given by Azure: addresses of private endpoints in the order in which these are created, a mark of versions of secrets."""
_NOT_DEPLOYED: Final = ("/commandresults/", "/registries/crffcontoso/images/")
"""Results of commands in a cluster, which the installer runs after the deployments, and images, which are pushed."""
Client = Callable[[Served, Path, Path], None]


def _by_cli(azure: Served, exported: Path, work: Path) -> None:
    """Executes the commands above "Remaining steps"."""
    assert EXECUTABLE is not None
    compiler = find_compiler()
    if compiler is None:
        pytest.skip("no Bicep compiler: set BICEP to its path, or put bicep on the PATH")
    az = signed_in(azure, work)
    text = (exported / "README.md").read_text(encoding="utf-8").partition("## Remaining steps")[0]
    script = "\n".join(["set -euo pipefail", *_BLOCK.findall(text)])
    folders = (str(Path(EXECUTABLE).parent), str(compiler.parent), os.environ["PATH"])
    settings = {**az.environment, "PATH": os.pathsep.join(folders), "AZURE_BICEP_USE_BINARY_FROM_PATH": "true"}
    settings["AZURE_BICEP_CHECK_VERSION"] = "false"
    done = subprocess.run(
        ["bash", "-c", script], cwd=exported, env=settings, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


def _by_sdk(azure: Served, exported: Path, work: Path) -> None:
    """Sends the JSON form, with each value read by the resource or deployment that its command names."""
    del work
    described = json.loads((exported / "described.json").read_text(encoding="utf-8"))
    for line in _BLOCK.findall((exported / "README.md").read_text(encoding="utf-8"))[0].splitlines():
        azure.resources.providers.register(line.split()[line.split().index("--namespace") + 1])
    values = {"FLOWFORGE_SECRET_PREFECT_AUTH": SECRET}
    commands = {one["name"]: one["command"] for one in described["variables"]}
    for one in described["deployments"]:
        form = exported / one["parameters"].replace(".bicepparam", ".parameters.json")
        text = form.read_text(encoding="utf-8")
        for name in re.findall(r"\$\{(FLOWFORGE_\w+)\}", text):
            values[name] = values.get(name) or _value(azure, commands[name])
            text = text.replace(f"${{{name}}}", values[name])
        parameters = json.loads(text)["parameters"]
        if "names" in parameters:  # the stage whose secure parameter the JSON form leaves out
            parameters["values"] = {"value": dict.fromkeys(parameters["names"]["value"], SECRET)}
        template = json.loads((exported / one["template"]).read_text(encoding="utf-8"))
        location = next(word for word in _command(exported, one["name"]) if word == "swedencentral")
        body = {"mode": "Incremental", "template": template, "parameters": parameters}
        sent: Any = {"location": location, "properties": body}
        send: Any = azure.deployments.deployments.begin_create_or_update_at_subscription_scope
        assert send(one["name"], sent, polling_interval=1).result().properties.provisioning_state == "Succeeded"


def _command(exported: Path, name: str) -> list[str]:
    lines = (exported / "README.md").read_text(encoding="utf-8").splitlines()
    return shlex.split(next(line for line in lines if f"--name {name} " in line and "deployment sub create" in line))


def _pushed(azure: Served, registry: str, image: str) -> str:
    """Pushes an image, and returns its digest: that of the assumed push of the rehearsal."""
    (found,) = azure.resources.resources.list(filter=f"name eq '{registry}'")
    repository, _, tag = image.partition(":")
    digest = f"sha256:{hashlib.sha256(f'{registry}.azurecr.io/{image}'.encode()).hexdigest()}"
    body = {"registry": found.id, "repository": repository, "tag": tag, "digest": digest}
    assert azure.raw("POST", "/rehearsal/images", body=json.dumps(body)).status_code == 204
    return digest


def _value(azure: Served, command: str) -> str:
    words = shlex.split(command)
    query = words[words.index("--query") + 1]
    if words[1:3] == ["acr", "repository"]:
        return _pushed(azure, words[words.index("--name") + 1], words[words.index("--image") + 1])
    if words[1] == "identity":
        identity = azure.get(f"{words[words.index('--ids') + 1]}?api-version=2024-11-30")
        return as_text(member(identity, "properties", query))
    found: Any = azure.deployments.deployments.get_at_subscription_scope(words[words.index("--name") + 1])
    return as_text(member({"properties": {"outputs": found.properties.outputs}}, *query.split(".")))


def _unmarked(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _unmarked(item) for name, item in value.items() if name not in _ASSIGNED}
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    return _MARK.sub("", value) if isinstance(value, str) else value


def _differences(one: Json, other: Json, at: str = "") -> Iterator[str]:
    """Paths at which two values differ, with both of them."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(name), other.get(name), f"{at}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True)):
            yield from _differences(*pair, f"{at}[{place}]")
    elif one != other:
        yield f"{at}: {one!r}, {other!r}"


def _contents(state: Path) -> dict[str, Json]:
    """All resources and resource groups of a stopped emulator, as a GET shows them."""
    database = Database(state / "azure.sqlite")
    try:
        emulator = open_emulator(database, WallClock(), 1)
        stored = [*emulator.resources.of_subscription(SUBSCRIPTION), *emulator.resources.groups(SUBSCRIPTION)]
        found = {one.id.lower(): _unmarked(as_object(emulator.view(one))) for one in stored}
        return {name: content for name, content in found.items() if not any(part in name for part in _NOT_DEPLOYED)}
    finally:
        database.close()


@pytest.fixture(scope="module")
def exported(rehearsed: Rehearsed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parameter files of the rehearsed run, and what the command printed."""
    directory = tmp_path_factory.mktemp("exported") / "parameters"
    ended: Ended = run(
        "export", "--parameters", str(directory), "--output", "json", "--state-dir", str(rehearsed.state)
    )
    assert ended.code == 0, ended.err
    (directory / "described.json").write_text(ended.out, encoding="utf-8")
    return directory


@pytest.mark.parametrize("client", [pytest.param(_by_cli, marks=NEEDS_AZ, id="cli"), pytest.param(_by_sdk, id="sdk")])
def test_the_estate_is_that_of_the_installer(
    rehearsed: Rehearsed, exported: Path, tmp_path: Path, client: Client
) -> None:
    state = tmp_path / "azure"
    seeds = ("--tenant", TENANT, "--subscription", SUBSCRIPTION, "--no-processes")
    with serving(state, *seeds, speed=1000) as azure:
        client(azure, exported, tmp_path)
    (rehearsal,) = (rehearsed.state / "rehearsals").iterdir()
    deployed, installed = _contents(state), _contents(rehearsal)
    assert len(deployed) > 100
    assert deployed.keys() ^ installed.keys() == set()
    assert [one + found for one, body in deployed.items() for found in _differences(body, installed[one])] == []


def test_no_exported_file_contains_a_secret(exported: Path, rehearsed: Rehearsed) -> None:
    """The files have variables where the run had values: nothing of the rehearsal's directory is in them."""
    ids = {
        as_text(member(body, "properties", "principalId"))
        for one, body in _contents(next((rehearsed.state / "rehearsals").iterdir())).items()
        if "/userassignedidentities/" in one and one.count("/") == 8
    }
    assert len(ids) > 3
    for path in exported.rglob("*"):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert not [one for one in ids if one and one in text]
        assert SECRET not in text


def test_a_second_export_replaces_its_own_files_only(exported: Path, rehearsed: Rehearsed) -> None:
    again = run("export", "--parameters", str(exported), "--state-dir", str(rehearsed.state))
    assert (again.code, again.err) == (0, "")
    changed = exported / "01-foundation.bicepparam"
    before = changed.read_bytes()
    try:
        changed.write_bytes(before + b"// by hand\n")
        refused = run("export", "--parameters", str(exported), "--state-dir", str(rehearsed.state))
        assert refused.code == 2
        assert "01-foundation.bicepparam: was changed" in refused.err
        both = run("export", "--parameters", str(exported), "-o", "x.yaml", "--state-dir", str(rehearsed.state))
        assert both.code == 2
    finally:
        changed.write_bytes(before)
