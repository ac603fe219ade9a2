"""Fixtures: terminals with colours and Unicode, whatever the machine's environment declares."""

from pathlib import Path

import pytest

from tests.screens.fake_session import Harness


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "LC_ALL", "LC_CTYPE", "FLOWFORGE_CALLED_AS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def world(tmp_path: Path) -> Harness:
    """A harness with a fake session and a manual clock."""
    return Harness(tmp_path / "state")
