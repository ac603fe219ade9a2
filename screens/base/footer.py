"""Footer of every page: the keys that are available on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import ActiveBinding
from textual.content import Content
from textual.events import Click
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

from screens.base.glyphs import cells

NAMES: Final[Mapping[str, str]] = {
    "enter": "Enter",
    "tab": "Tab",
    "escape": "Esc",
    "space": "Space",
    "f1": "F1",
    "question_mark": "?",
    "slash": "/",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "equals_sign": "=",
    "minus": "-",
    "plus": "+",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
}
EVERYWHERE: Final = ("c", "o")
"""Keys that do the same on every page, copy and open: known, they give way first."""
KEYS: Final = "question_mark"
"""The key that lists all keys of a page."""


@dataclass(frozen=True)
class ShownKey:
    """A key binding in the footer.

    Attributes:
        key: Textual's name of the key.
        name: label of the key.
        words: what the key does.

    """

    key: str
    name: str
    words: str

    @property
    def text(self) -> str:
        """Label and description."""
        return f"{self.name} {self.words}"


class KeyFooter(Widget):
    """One line of keys: only those that do something now."""

    def on_mount(self) -> None:
        """Redraw when the bindings change."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _changed(self, _screen: Screen[object]) -> None:
        self.refresh()

    def shown(self) -> list[ShownKey]:
        """Keys of the field, the page and the app, in this order; one per action."""
        found: dict[str, ShownKey] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if self._is_typed(binding.key):
                continue
            if binding.show and binding.description and active.enabled and binding.action not in found:
                name = binding.key_display or _name(binding.key)
                found[binding.action] = ShownKey(binding.key, name, binding.description)
        return list(found.values())

    def _is_typed(self, key: str) -> bool:
        """Whether a field has the focus that takes this key as a character."""
        focused = self.screen.focused
        character = "/" if key == "slash" else key_to_character(key)  # Textual's table knows it as solidus only
        return focused is not None and focused.check_consume_key(key, character)

    def _fitted(self) -> tuple[list[ShownKey], int]:
        """The keys that the line has room for, and the cells between two of them.

        Letters of the page give way to the key that lists all keys; keys that lead to another page stay.
        """
        shown = self.shown()
        if _width(shown, 2) <= self.size.width:
            return shown, 2
        letters = sorted((key for key in shown if len(key.key) == 1), key=lambda key: key.key in EVERYWHERE)
        listing = self._listing() if _width(shown, 1) > self.size.width else []
        while letters and _width(shown + listing, 1) > self.size.width:
            shown.remove(letters.pop())
        place = next((at for at, key in enumerate(shown) if key.key.startswith("ctrl+")), len(shown))
        return shown[:place] + listing + shown[place:], 1

    def _listing(self) -> list[ShownKey]:
        """The key that lists all keys of the page, where there is one that is not in the line yet."""
        active = self.screen.active_bindings.get(KEYS)
        if active is None or not active.enabled or active.binding.show or self._is_typed(KEYS):
            return []
        return [ShownKey(KEYS, NAMES[KEYS], "keys")]

    def render(self) -> Content:
        """The keys, two cells apart, or one cell if space is short."""
        shown, gap = self._fitted()
        return Content(" " * (gap - 1)) + Content(" " * gap).join(_piece(key) for key in shown)

    def on_click(self, event: Click) -> None:
        """A click on a key presses it."""
        shown, gap = self._fitted()
        position = gap - 1
        for key in shown:
            if position <= event.x < position + cells(key.text):
                self.app.simulate_key(key.key)
            position += cells(key.text) + gap


def _width(keys: Iterable[ShownKey], gap: int) -> int:
    return sum(cells(key.text) + gap for key in keys)


def _name(key: str) -> str:
    return NAMES.get(key) or (f"^{key[5:].upper()}" if key.startswith("ctrl+") else key)


def keys_text(bindings: Iterable[ActiveBinding]) -> str:
    """A line for everything that keys do: all of its keys, and what it is, in the longer words of a tooltip if there are any.

    Descriptions of this package are in lower case; those of Textual's widgets, such as Scroll Left, are left out.
    """
    found: dict[str, list[str]] = {}
    for active in bindings:
        binding = active.binding
        if binding.description[:1].islower() and active.enabled:
            found.setdefault(binding.tooltip or binding.description, []).append(_name(binding.key))
    return "\n".join(f"{', '.join(dict.fromkeys(names)):<16} {words}" for words, names in found.items())


def _piece(key: ShownKey) -> Content:
    return Content.styled(key.name, "bold $text-accent") + Content(f" {key.words}")
