"""Typing the answers of a file into the wizard produces the same file, byte for byte."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from installer.answers.files import dump, load
from tests.screens.fake_session import ANSWERS, Harness, frame, press
from tests.screens.typing_keys import fill

FILES = sorted(ANSWERS.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_typing_the_answers_of_a_file_reproduces_it(world: Harness, path: Path) -> None:
    given = load(path).draft
    app = world.app()

    async def script(pilot: Pilot[int]) -> None:
        await fill(pilot, given)
        assert frame(pilot).page_key == "review"

    world.drive(app, script)
    assert dump(app.draft_store.draft) == dump(given)
    assert dump(app.draft_store.draft, explicit=True) == dump(given, explicit=True)
    assert app.draft_store.draft.answers() == given.answers()


def test_visiting_every_page_forward_and_back_changes_no_answer(world: Harness) -> None:
    given = load(ANSWERS / "firewall.yaml").draft
    app = world.app(file="firewall")

    async def script(pilot: Pilot[int]) -> None:
        for key in ("ctrl+n", "ctrl+b"):
            for _ in range(len(app.page_keys) - 1):
                await press(pilot, key)

    world.drive(app, script)
    assert app.draft_store.draft.given() == given.given()
