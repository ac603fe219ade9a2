"""What is typed into the wizard becomes the same answers file, to the byte, as the file that it was typed from."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from installer.answers.files import dump, load
from tests.screens.fake_session import ANSWERS, World, frame, press
from tests.screens.typing_keys import fill

FILES = sorted(ANSWERS.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_typing_a_file_by_keyboard_gives_its_dump_to_the_byte(world: World, path: Path) -> None:
    given = load(path).draft
    app = world.app()

    async def script(pilot: Pilot[int]) -> None:
        await fill(pilot, given)
        assert frame(pilot).place == "review"

    world.drive(app, script)
    assert dump(app.keeper.draft) == dump(given)
    assert dump(app.keeper.draft, explicit=True) == dump(given, explicit=True)
    assert app.keeper.draft.answers() == given.answers()


def test_looking_at_every_page_on_the_way_there_and_back_changes_nothing_of_a_file(world: World) -> None:
    given = load(ANSWERS / "firewall.yaml").draft
    app = world.app(file="firewall")

    async def script(pilot: Pilot[int]) -> None:
        for key in ("ctrl+n", "ctrl+b"):
            for _ in range(len(app.places) - 1):
                await press(pilot, key)

    world.drive(app, script)
    assert app.keeper.draft.given() == given.given()
