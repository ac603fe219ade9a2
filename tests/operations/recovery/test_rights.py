"""Backups and restores that the account may not do are refused with what is missing, before anything is written."""

from pathlib import Path
from typing import Any, Final

import pytest

from installer.operations.recovery.backup_plan import backups_of
from installer.operations.recovery.restore_plan import restore_plan
from tests.emulator.in_memory import SCOPE
from tests.emulator.test_survey import CONTRIBUTOR, ME, READER, _grant
from tests.preflight.surveyed import sample, subject_of

GROUP: Final = f"{SCOPE}/resourceGroups/rg-ff-contoso-platform"
SERVER: Final[dict[str, Any]] = {
    "id": f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-ff-contoso",
    "location": "swedencentral",
    "sku": {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
    "properties": {"backup": {"backupRetentionDays": 7}, "network": {"publicNetworkAccess": "Disabled"}},
}


@pytest.mark.parametrize(("role", "may"), [(CONTRIBUTOR, True), (READER, False)], ids=["contributor", "reader"])
def test_missing_rights_block(tmp_path: Path, role: str, *, may: bool) -> None:
    survey: dict[str, Any] = {
        "caller": {"objectId": ME, "principalIds": []},
        "resources": [{"id": GROUP, "location": "swedencentral"}, SERVER, _grant(role, ME)],
    }
    with subject_of(tmp_path, sample(), **survey) as subject:
        restore = restore_plan(subject, "dev", None)
        backup = backups_of(subject, "dev", "now", tmp_path)
    assert (restore.blocks, backup.blocks) == (not may, not may)
    texts = [one.what for one in (*restore.findings, *backup.findings)]
    missing = [text for text in texts if text.startswith("this account may not ")]
    assert bool(missing) is not may
    if not may:
        assert any("Microsoft.DBforPostgreSQL/flexibleServers/write" in text for text in missing)
        assert any("Microsoft.DBforPostgreSQL/flexibleServers/backups/write" in text for text in missing)
        assert any("Microsoft.ContainerService/managedClusters/runCommand/action" in text for text in missing)
