"""The last proved restore: not claimed without a record, and old after a quarter."""

from typing import Any

import pytest

from installer.operations.recovery.proof_record import TEMPLATE
from installer.operations.status.restore_proof import RESTORE
from installer.preflight.moments import DAY, shown_moment
from tests.operations.status.observed_estate import Seen


def record(dev: Seen, days: float, server: str = "pg-ff-contoso") -> None:
    """Record a proof so many days ago."""
    when = shown_moment(dev.estate.azure.clock.now() - days * DAY).removesuffix(" UTC")
    values = {"server": server, "at": when, "proved": "all", "when": when}
    body: Any = {
        "location": "swedencentral",
        "properties": {
            "mode": "Incremental",
            "template": TEMPLATE,
            "parameters": {name: {"value": value} for name, value in values.items()},
        },
    }
    name = "ff-contoso-restore-proof-dev"
    path = f"{dev.estate.scope}/providers/Microsoft.Resources/deployments/{name}?api-version=2025-04-01"
    dev.ask("PUT", path, body)


def test_without_a_proof_nothing_is_claimed(dev: Seen) -> None:
    line = dev.lines(RESTORE)["restore/pg-ff-contoso"]
    assert (line.state, line.text) == ("not read", "no restore of it was proved")
    assert "restore postgres --env dev --proof --run contoso-1" in line.ways[0].command


@pytest.mark.parametrize(("days", "state"), [(0, "ok"), (99, "ok"), (102, "attention")])
def test_a_proof_is_right_for_a_quarter(dev: Seen, days: float, state: str) -> None:
    record(dev, days)
    line = dev.lines(RESTORE)["restore/pg-ff-contoso"]
    assert line.state == state
    assert f"{days} days ago" in line.text.replace("0 day ", "0 days ")


def test_a_proof_of_another_server_is_none(dev: Seen) -> None:
    record(dev, 1, "pg-other")
    assert dev.lines(RESTORE)["restore/pg-ff-contoso"].state == "not read"
