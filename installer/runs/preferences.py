"""Preferences of the user on this machine: colours, and how the end of a run is announced. Kept between starts."""

from dataclasses import asdict, dataclass, replace
from typing import Final, Literal, get_args

from installer.jsontypes import Json
from installer.runs.state_directory import StateDirectory

Theme = Literal["dark", "light"]
FILE: Final = "preferences.json"


@dataclass(frozen=True)
class Preferences:
    """The preferences, with their defaults.

    Attributes:
        theme: colours of the screens.
        notify: whether the terminal rings and shows a notification when a run ends or needs the user.

    """

    theme: Theme = "dark"
    notify: bool = True


def read_preferences(state: StateDirectory) -> Preferences:
    """The kept preferences; the default of each one that is missing or damaged."""
    content = state.read_json(state.path / FILE)
    return _parsed(content) if isinstance(content, dict) else Preferences()


def keep_preferences(state: StateDirectory, preferences: Preferences) -> None:
    """Keep the preferences for the next start. Raises UsageError on failure."""
    state.write_json(state.path / FILE, {**asdict(preferences)}, "the preferences")


def _parsed(content: dict[str, Json]) -> Preferences:
    found = Preferences()
    if (theme := content.get("theme")) in get_args(Theme):
        found = replace(found, theme=theme)  # type: ignore[arg-type]  # one of the literals
    if isinstance(notify := content.get("notify"), bool):
        found = replace(found, notify=notify)
    return found
