"""Themes: every colour of a text can be read, the choice of the user is kept, and no state is shown by colour alone."""

from typing import get_args

import pytest
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import Theme

from installer.engine.progress_rows import State
from installer.runs.preferences import Preferences, keep_preferences, read_preferences
from screens.base.states import LOOKS
from screens.base.themes import THEMES
from tests.screens.contrast import MIN_RATIO, ratio
from tests.screens.fake_session import Harness, press


def _colour(theme: Theme, name: str) -> tuple[int, int, int]:
    values = {**theme.to_color_system().generate(), **theme.variables}
    return Color.parse(values[name]).rgb


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ground", ["background", "surface", "panel"])
def test_every_text_colour_can_be_read_on_every_ground(name: str, ground: str) -> None:
    theme = THEMES[name]
    colours = {"foreground", *(name for name in theme.variables if name == "text" or name.startswith("text-"))}
    colours |= {look.colour for look in LOOKS.values()}
    found = {colour: ratio(_colour(theme, colour), _colour(theme, ground)) for colour in colours}
    assert {colour: value for colour, value in found.items() if value < MIN_RATIO} == {}


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("part", ["block-cursor", "block-cursor-blurred", "input-selection", "screen-selection"])
def test_a_selection_can_be_read(name: str, part: str) -> None:
    theme = THEMES[name]
    assert ratio(_colour(theme, f"{part}-foreground"), _colour(theme, f"{part}-background")) >= MIN_RATIO


def test_a_badge_can_be_read_on_each_colour_that_signals_a_state() -> None:
    for theme in THEMES.values():
        for colour in {look.colour for look in LOOKS.values()}:
            assert ratio(_colour(theme, "background"), _colour(theme, colour)) >= MIN_RATIO


def test_every_state_has_a_sign_a_word_and_a_colour() -> None:
    assert set(LOOKS) == set(get_args(State))
    assert all(look.sign and look.word and look.colour for look in LOOKS.values())
    assert len({look.word for look in LOOKS.values()}) == len(LOOKS)


def test_the_theme_is_switched_by_a_key_and_kept_for_the_next_start(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        assert pilot.app.theme == "flowforge-dark"
        await press(pilot, "ctrl+t")
        assert pilot.app.theme == "flowforge-light"

    world.drive(world.app(file="dev"), script)
    again = world.app(file="dev")
    assert again.theme == "flowforge-light"
    assert again.preferences == Preferences(theme="light")

    async def back(pilot: Pilot[int]) -> None:
        await press(pilot, "ctrl+t")

    world.drive(again, back)
    assert read_preferences(world.session.state).theme == "dark"


def test_the_palette_offers_the_theme_that_is_not_in_use(world: Harness) -> None:
    app = world.app(file="dev")

    def offered() -> list[str]:
        return [command.title for command in app.get_system_commands(app.screen) if "theme" in command.title]

    async def script(pilot: Pilot[int]) -> None:
        assert offered() == ["Light theme"]
        await press(pilot, "ctrl+t")
        assert offered() == ["Dark theme"]

    world.drive(app, script)


@pytest.mark.parametrize("content", ["", "[]", '{"theme": "pink", "notify": "no"}', '{"theme": 7}', "{"])
def test_damaged_preferences_count_as_none(world: Harness, content: str) -> None:
    (world.path / "preferences.json").write_text(content)
    assert read_preferences(world.session.state) == Preferences()


def test_one_preference_does_not_undo_another(world: Harness) -> None:
    keep_preferences(world.session.state, Preferences("light", notify=False))
    assert world.app().preferences == Preferences("light", notify=False)
