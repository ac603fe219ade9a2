"""The app as its terminal sees it: themes, lines without control characters, title. Pages and runs come with the subclasses."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from installer.runs.preferences import keep_preferences, read_preferences
from installer.sanitize import printable
from screens.base import STYLESHEET
from screens.base.background import BackgroundResult, in_background, reason
from screens.base.commands import Commands
from screens.base.frame import Frame
from screens.base.sanitize_filter import SanitizeFilter, supports_unicode
from screens.base.themes import THEMES

if TYPE_CHECKING:
    from installer.runs.preferences import Preferences, Theme
    from installer.runs.state_directory import StateDirectory


MAX_ANNOUNCEMENT: Final = 120


class TerminalApp(App[int]):
    """An app with the installer's themes and stylesheet.

    Args:
        state: the directory that keeps the preferences.

    """

    TITLE = "FlowForge Installer"
    COMMANDS = {Commands}  # noqa: RUF012  Textual declares it
    CSS_PATH = STYLESHEET
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "switch_theme", "light or dark", show=False, priority=True),
    ]

    def __init__(self, state: "StateDirectory") -> None:
        super().__init__()
        self.animation_level = "none"  # animations are too slow over a slow connection
        self._state = state
        self.preferences = read_preferences(state)
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = THEMES[self.preferences.theme].name
        self._terminal_title = ""
        self._ascii_only = not supports_unicode()
        self._sanitizer = SanitizeFilter((), ascii_only=self._ascii_only)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Every line is sanitized last."""
        before = tuple(super().get_line_filters())
        if before != self._sanitizer.before:
            self._sanitizer = SanitizeFilter(before, ascii_only=self._ascii_only)
        return (self._sanitizer,)

    def on_background_result(self, event: BackgroundResult) -> None:
        """Continue with the result of background work."""
        event.call()

    def words_of(self, title: str) -> str:  # noqa: ARG002  the wizard has questions
        """Words by which the menu finds a command beside its title."""
        return ""

    def flash(self, text: str) -> None:
        """Show a text for a few seconds on the visible page: what happened, or why it failed."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Frame):
                screen.flash(text)
                return

    # -- preferences ---------------------------------------------------------------------------------------------

    def theme_commands(self) -> Iterable[SystemCommand]:
        """The themes that Ctrl+P offers: those not in use."""
        for name, theme in THEMES.items():
            if theme.name != self.theme:
                words = "Ctrl+T switches between light and dark"
                yield SystemCommand(f"{name.capitalize()} theme", words, partial(self.use_theme, name))

    def action_switch_theme(self) -> None:
        """Switch between light and dark."""
        self.use_theme("light" if self.preferences.theme == "dark" else "dark")

    def use_theme(self, name: str) -> None:
        """Use a theme of THEMES, now and at the next start."""
        self.theme = THEMES[name].name
        self.prefer(replace(self.preferences, theme=cast("Theme", name)))

    def prefer(self, preferences: "Preferences") -> None:
        """Change the preferences and keep them."""
        self.preferences = preferences
        in_background(
            self,
            lambda: keep_preferences(self._state, preferences),
            lambda _nothing: None,
            lambda error: self.flash(reason(error)),
        )

    # -- the terminal --------------------------------------------------------------------------------------------

    def set_terminal_title(self, text: str) -> None:
        """Show the state of the run in the title of the terminal."""
        if text != self._terminal_title:
            self._terminal_title = text
            self.write_to_terminal(f"\x1b]2;FlowForge {printable(text)}\x07")

    def announce(self, text: str) -> None:
        """Ring the bell and show a notification of the terminal, unless the user has switched that off.

        OSC 9 with a text is a notification in iTerm2, WezTerm, Ghostty and Warp (https://iterm2.com/documentation-escape-codes.html);
        a text that begins with a digit would be a progress bar in ConEmu and Windows Terminal, so it begins with the product.
        """
        if self.preferences.notify:
            self.write_to_terminal(f"\x07\x1b]9;FlowForge: {printable(text)[:MAX_ANNOUNCEMENT]}\x07")

    def announcement_command(self) -> SystemCommand:
        """The command of Ctrl+P that switches notifications on or off."""
        on = self.preferences.notify
        words = "Bell and notification when a run ends or needs you"
        switched = replace(self.preferences, notify=not on)
        return SystemCommand(f"Notifications {'off' if on else 'on'}", words, partial(self.prefer, switched))

    def write_to_terminal(self, sequence: str) -> None:
        """Send a control sequence, unless no terminal shows the app."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)
