"""Terminals of tests have colours and signs, whatever the machine that runs them says."""

from pathlib import Path

import pytest

from tests.screens.fake_session import World


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "LC_ALL", "LC_CTYPE", "FLOWFORGE_CALLED_AS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A clock, a session and an app over them."""
    return World(tmp_path / "state")
