"""Subscriptions of the embedded Azure: one has the same name and state wherever it is shown, also after it was chosen."""

from pathlib import Path
from typing import Final

import pytest

from installer.emulator.authorization.tenant import Subscription, open_directory
from installer.emulator.state.database import Database

DATA_PLATFORM: Final = "3b1f6a52-8c47-4d0e-a2f9-6e5d1c7b8a90"
LEGACY: Final = "c6a8e013-74d2-49fb-8b1e-5f90d3a7264c"
OTHER: Final = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("given", "name", "state"),
    [
        (DATA_PLATFORM, "Contoso Data Platform", "Enabled"),
        (DATA_PLATFORM.upper(), "Contoso Data Platform", "Enabled"),
        (LEGACY, "Contoso Legacy", "Disabled"),
        (f"{DATA_PLATFORM}=Mine", "Mine", "Enabled"),
        (OTHER, "Rehearsal 11111111", "Enabled"),
        (f"{OTHER}=Mine", "Mine", "Enabled"),
    ],
)
def test_a_chosen_subscription_keeps_the_name_under_which_it_is_listed(
    tmp_path: Path, given: str, name: str, state: str
) -> None:
    identifier = given.partition("=")[0].lower()
    for attempt in ([given], []):  # the second start remembers the first
        database = Database(tmp_path / "state.db")
        directory = open_directory(database, None, attempt)
        database.close()
        assert directory.subscriptions[0] == Subscription(identifier, name, state)
        assert [one.id for one in directory.subscriptions].count(identifier) == 1
