"""The unmodified Bicep CLI deploys to the emulator."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.bicep.snapshots import EXECUTABLE, NEEDS_COMPILER
from tests.emulator.server_process import Served

pytestmark = [*NEEDS_COMPILER, pytest.mark.e2e]

MAIN = """targetScope = 'subscription'
@secure()
param password string
resource home 'Microsoft.Resources/resourceGroups@2025-04-01' = { name: 'rg-bicep', location: 'westeurope' }
module inner 'inner.bicep' = { name: 'inner', scope: home, params: { password: password } }
output BLOB string = inner.outputs.blob
"""
INNER = """@secure()
param password string
resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'stbicep0001'
  location: resourceGroup().location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: { allowSharedKeyAccess: empty(password) }
}
output blob string = account.properties.primaryEndpoints.blob
"""


@pytest.fixture(scope="module")
def project(azure: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose only cloud is the emulator."""
    folder = tmp_path_factory.mktemp("bicep")
    cloud = {"resourceManagerEndpoint": azure.info["endpoint"], "activeDirectoryAuthority": azure.info["authority"]}
    settings = {"currentProfile": "Here", "profiles": {"Here": cloud}, "credentialPrecedence": ["Environment"]}
    configuration = {"experimentalFeaturesEnabled": {"deployCommands": True}, "cloud": settings}
    (folder / "bicepconfig.json").write_text(json.dumps(configuration))
    (folder / "main.bicep").write_text(MAIN)
    (folder / "inner.bicep").write_text(INNER)
    target = f"{{ mode: 'deployment', scope: '{azure.scope}', name: 'from-bicep', location: 'westeurope' }}"
    (folder / "p.bicepparam").write_text(f"using './main.bicep' with {target}\nparam password = 'a-canary'\n")
    return folder


@pytest.fixture(scope="module")
def stack(azure: Served, project: Path) -> Path:
    """The same project, deployed as a stack."""
    unmanaged = "{ resources: 'delete', resourceGroups: 'delete' }"
    target = (
        f"{{ mode: 'stack', scope: '{azure.scope}', name: 'as-stack', location: 'westeurope', "
        f"actionOnUnmanage: {unmanaged}, denySettings: {{ mode: 'none' }} }}"
    )
    (project / "stack.bicepparam").write_text(f"using './stack.bicep' with {target}\nparam password = 'a-canary'\n")
    renamed = MAIN.replace("rg-bicep", "rg-stack").replace("inner.bicep", "other.bicep")
    (project / "stack.bicep").write_text(renamed)
    (project / "other.bicep").write_text(INNER.replace("stbicep0001", "stbicep0002"))
    return project


def _bicep(azure: Served, project: Path, command: str, parameters: str = "p.bicepparam") -> str:
    assert EXECUTABLE is not None
    trusted = json.loads((project / "bicepconfig.json").read_text())["cloud"]["profiles"]["Here"]
    environment = {
        **os.environ,
        "BICEP_TRUSTED_CLOUDS": json.dumps([trusted]),
        "AZURE_TENANT_ID": azure.info["tenant"],
        "AZURE_CLIENT_ID": azure.info["client_id"],
        "AZURE_CLIENT_SECRET": azure.info["client_secret"],
        "SSL_CERT_FILE": azure.info["ca_file"],
    }
    done = subprocess.run(
        [str(EXECUTABLE), command, str(project / parameters)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_if_predicts_and_deploy_creates(azure: Served, project: Path) -> None:
    assert "+ Microsoft.Storage/storageAccounts/stbicep0001" in _bicep(azure, project, "what-if")
    deployed = _bicep(azure, project, "deploy")
    assert "Succeeded" in deployed
    assert "https://stbicep0001.blob.core.windows.net/" in deployed
    assert "a-canary" not in azure.raw("GET", "/rehearsal/requests").text


def test_a_stack_is_created_and_deleted(azure: Served, stack: Path) -> None:
    made = _bicep(azure, stack, "deploy", "stack.bicepparam")
    assert "Succeeded" in made
    assert "https://stbicep0002.blob.core.windows.net/" in made
    home = f"{azure.scope}/resourceGroups/rg-stack?api-version=2025-04-01"
    assert azure.raw("HEAD", home).status_code == 204
    _bicep(azure, stack, "teardown", "stack.bicepparam")
    assert azure.raw("HEAD", home).status_code == 404
    where = f"{azure.scope}/providers/Microsoft.Resources/deploymentStacks?api-version=2024-03-01"
    assert azure.get(where)["value"] == []
