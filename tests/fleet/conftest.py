"""The real Prefect server of the tests of Prefect, as the admin's own."""

from pathlib import Path

import pytest

from installer.prefect_setup.rest import Api
from tests.fleet.scripted_members import Scripted
from tests.prefect_setup.conftest import api as api  # noqa: PLC0414  a fixture


@pytest.fixture
def scripted(api: Api, tmp_path: Path) -> Scripted:
    """A fleet whose members are scripted, with a name that no other test has."""
    return Scripted(api, tmp_path)
