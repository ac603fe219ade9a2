"""Commands of the runbooks with the unmodified Azure CLI: backup and restore of a PostgreSQL server."""

import json
from collections.abc import Iterator
from typing import Final

import pytest

from tests.emulator.clients.az.cli import NEEDS_AZ, Az, signed_in
from tests.emulator.server_process import serving

pytestmark = NEEDS_AZ

GROUP: Final = ("-g", "rg-restore")
ADMINS: Final = "99999999-0000-0000-0000-000000000009"
SETTINGS: Final = {
    "location": "swedencentral",
    "sku": {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
    "properties": {
        "version": "17",
        "storage": {"storageSizeGB": 128},
        "authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"},
        "backup": {"backupRetentionDays": 7},
        "network": {"publicNetworkAccess": "Disabled"},
    },
}


@pytest.fixture(scope="module")
def az(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Az]:
    """A signed-in CLI, and a server with a database."""
    folder = tmp_path_factory.mktemp("az")
    with serving(folder / "state", speed=600) as azure:
        found = signed_in(azure, folder)
        found.text("group", "create", "-n", "rg-restore", "-l", "swedencentral")
        found.text("provider", "register", "-n", "Microsoft.DBforPostgreSQL", "--wait")
        server = f"{azure.scope}/resourceGroups/rg-restore/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-az"
        (folder / "server.json").write_text(json.dumps(SETTINGS))
        found.text("rest", "--method", "put", "--uri", f"{server}?api-version=2025-08-01", "--body", "@server.json")
        found.text("postgres", "flexible-server", "wait", *GROUP, "-n", "psql-az", "--custom", "state=='Ready'")
        yield found


def test_a_server_is_backed_up_restored_and_deleted(az: Az) -> None:
    server = (*GROUP, "--server-name", "psql-az")
    az.text("postgres", "flexible-server", "backup", "create", *server, "--name", "before-change")
    names = [one["name"] for one in az.json("postgres", "flexible-server", "backup", "list", *server)]
    assert names == ["before-change"]
    restored = (*GROUP, "--name", "psql-az-restored")
    az.text("postgres", "flexible-server", "restore", *restored, "--source-server", "psql-az")
    assert az.json("postgres", "flexible-server", "show", *restored)["state"] == "Ready"
    new = (*GROUP, "--server-name", "psql-az-restored")
    who = ("--object-id", ADMINS, "--display-name", "admins", "--type", "Group")
    az.text("postgres", "flexible-server", "microsoft-entra-admin", "create", *new, *who)
    (admin,) = az.json("postgres", "flexible-server", "microsoft-entra-admin", "list", *new)
    assert admin["principalName"] == "admins"
    az.text("postgres", "flexible-server", "delete", *restored, "--yes")
    refused = az.refused(
        *("postgres", "flexible-server", "restore", *restored, "--source-server", "psql-az"),
        *("--restore-time", "2020-01-01T00:00:00Z"),
    )
    assert "point in time" in refused
