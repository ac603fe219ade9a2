"""Footer of every page: the keys that are available on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import ActiveBinding
from textual.content import Content
from textual.events import Click
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


@dataclass(frozen=True)
class ShownKey:
    """A key binding in the footer.

    Attributes:
        key: Textual's name of the key.
        name: label of the key.
        words: what the key does.
        enabled: whether it is available now.

    """

    key: str
    name: str
    words: str
    enabled: bool

    @property
    def text(self) -> str:
        """Label and description."""
        return f"{self.name} {self.words}"


class KeyFooter(Widget):
    """One line of keys; unavailable keys are muted."""

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
            if binding.show and binding.description and binding.action not in found:
                name = binding.key_display or _name(binding.key)
                found[binding.action] = ShownKey(binding.key, name, binding.description, active.enabled)
        return list(found.values())

    def _gap(self, shown: list[ShownKey]) -> int:
        roomy = sum(cells(key.text) + 2 for key in shown) <= self.size.width
        return 2 if roomy else 1

    def render(self) -> Content:
        """The keys, two cells apart, or one cell if space is short."""
        shown = self.shown()
        gap = self._gap(shown)
        return Content(" " * (gap - 1)) + Content(" " * gap).join(_piece(key) for key in shown)

    def on_click(self, event: Click) -> None:
        """A click on a key presses it."""
        shown = self.shown()
        gap = self._gap(shown)
        position = gap - 1
        for key in shown:
            if position <= event.x < position + cells(key.text) and key.enabled:
                self.app.simulate_key(key.key)
            position += cells(key.text) + gap


def _name(key: str) -> str:
    return NAMES.get(key) or (f"^{key[5:].upper()}" if key.startswith("ctrl+") else key)


def keys_text(bindings: Iterable[ActiveBinding]) -> str:
    """A line for each action with a description: all of its keys, and what it does.

    Descriptions of this package are in lower case; those of Textual's widgets, such as Scroll Left, are left out.
    """
    found: dict[str, tuple[list[str], str]] = {}
    for active in bindings:
        binding = active.binding
        if binding.description[:1].islower() and active.enabled:
            names, _words = found.setdefault(binding.action, ([], binding.description))
            names.append(_name(binding.key))
    return "\n".join(f"{', '.join(dict.fromkeys(names)):<16} {words}" for names, words in found.values())


def _piece(key: ShownKey) -> Content:
    if not key.enabled:
        return Content.styled(key.text, "$text-muted")
    return Content.styled(key.name, "bold $text-accent") + Content(f" {key.words}")
