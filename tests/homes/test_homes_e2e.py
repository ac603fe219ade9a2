"""One home of the matrix as an example: `python -m tests.homes` has them all, and kills processes, too."""

from pathlib import Path

import pytest

from tests.homes.journey import Journey, Row
from tests.homes.matrix import HOMES

pytestmark = [pytest.mark.e2e, pytest.mark.long]


def test_a_second_run_changes_nothing_and_interrupted_rotations_continue(tmp_path: Path) -> None:
    home = HOMES["apps-app-1"]
    row = Journey(home, tmp_path / home.name, Row(home)).go(rotate=True)
    assert row.wrong == []
    assert (row.first, row.second, row.rotated) == ("passed", "no change", "prefect-auth, sign-on")
