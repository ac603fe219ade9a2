"""The pictures in the README match the wizard."""

from pathlib import Path

import pytest

from tests.screens.pictures import FOLDER, PICTURES, TOPOLOGY, drawn, topology_of_example

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_up_to_date(name: str, tmp_path: Path) -> None:
    kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn(name, tmp_path) == kept, "run python -m tests.screens.pictures"


def test_the_topology_is_up_to_date() -> None:
    kept = (FOLDER / f"{TOPOLOGY}.svg").read_text(encoding="utf-8")
    assert topology_of_example() == kept, "run python -m tests.screens.pictures"


def test_the_readme_shows_every_picture_and_no_other() -> None:
    text = README.read_text(encoding="utf-8")
    names = {*PICTURES, TOPOLOGY}
    assert {f"{name}.svg" for name in names} == {path.name for path in FOLDER.iterdir()}
    assert all(f"](screens/pictures/{name}.svg)" in text for name in names)
