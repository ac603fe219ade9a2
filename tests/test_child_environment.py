"""Child processes get an allow-list of variables: no secret of this process, and what an installer needs to sign in."""

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import installer
from installer.child_environment import of_installer, of_system
from installer.cloud.emulator_process import start

SECRETS: Final = {
    "AZURE_CLIENT_SECRET": "of-the-deployer",
    "AZURE_FEDERATED_TOKEN": "of-the-job",
    "SYSTEM_ACCESSTOKEN": "of-the-pipeline",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-github",
    "DATABASE_PASSWORD": "of-the-database",
    "PREFECT_API_KEY": "of-prefect",
    "HTTPS_PROXY": "http://user:pass@proxy",
}
STARTS: Final = frozenset(
    {"run", "Popen", "call", "check_call", "check_output", "create_subprocess_exec", "create_subprocess_shell"}
)
OWN: Final = {
    "emulator/prefect/process_guard.py": "carried to other images; the guard was started with exactly the environment to pass on",
    "emulator/prefect/supervisor.py": "the environment of a container, which its caller has put together",
    "prefect_setup/client/deployments.py": "in the container of a job of the customer, whose environment is the program's own",
    "cli/commands/fleet_apply.py": "the installer itself, which passes on what the answers of its members name",
}
"""Files whose child processes have another environment, with the reason."""


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("secrets")
def test_a_program_without_a_sign_in_gets_no_secret() -> None:
    assert not SECRETS.keys() & of_system().keys()
    assert SECRETS.keys() & of_system(network=True).keys() == {"HTTPS_PROXY"}
    assert of_system()["PATH"] == os.environ["PATH"]


@pytest.mark.usefixtures("secrets")
def test_an_installer_gets_its_sign_in_and_the_secrets_that_its_answers_name() -> None:
    assert {"PREFECT_API_KEY", "DATABASE_PASSWORD"}.isdisjoint(of_installer())
    assert of_installer()["AZURE_CLIENT_SECRET"] == "of-the-deployer"
    named = of_installer(["platform:\n  password: env:DATABASE_PASSWORD\n"])
    assert named["DATABASE_PASSWORD"] == "of-the-database"
    assert "PREFECT_API_KEY" not in named


@pytest.mark.usefixtures("secrets")
@pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="the system does not show the environment of a process"
)
def test_the_embedded_azure_knows_no_secret_of_the_installer(tmp_path: Path) -> None:
    rehearsal = start(tmp_path)
    try:
        process = int(str(rehearsal.facts["pid"]))
        found = Path(f"/proc/{process}/environ").read_bytes().decode()
    finally:
        rehearsal.stop()
    assert "PATH=" in found
    assert not [name for name, value in SECRETS.items() if name in found or value in found]


def test_every_child_process_has_a_chosen_environment() -> None:
    root = Path(installer.__file__).parent
    found = {f"{path.relative_to(root)}:{line}" for path in root.rglob("*.py") for line in _without_environment(path)}
    assert {one for one in found if one.rpartition(":")[0] not in OWN} == set(), json.dumps(sorted(found))


def _without_environment(path: Path) -> Iterator[int]:
    """Lines that start a process and inherit everything, or give it all of os.environ."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in STARTS:
            continue
        if ast.unparse(node.func.value) not in {"subprocess", "asyncio"} or ast.unparse(node.func) == "asyncio.run":
            continue
        given = next((ast.unparse(word.value) for word in node.keywords if word.arg == "env"), "")
        if not given or "os.environ" in given:
            yield node.lineno
