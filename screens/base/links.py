"""Addresses: as links that the terminal opens (OSC 8), whose text is the address itself; and opened in the browser of the desktop."""

import os
import sys
from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style

from installer.sanitize import link_target
from screens.base.background import in_background, reason
from screens.base.glyphs import one_line

if TYPE_CHECKING:
    from screens.base.terminal_app import TerminalApp


def linked(address: str) -> Content:
    """An address as text and as link."""
    text = Content.styled(one_line(address), "underline $text-accent")
    target = link_target(address)
    return text.stylize(Style(link=target)) if target else text


def open_address(app: "TerminalApp", address: str, remark: str = "") -> None:
    """Open an address in the browser of the desktop; without one, copy it. The remark follows in the help line."""
    import webbrowser  # first needed here: the first frame does without it

    app.copy_to_clipboard(address)
    if not _has_desktop():
        app.flash(f"Copied the address: {address}{remark}")
        return
    in_background(
        app,
        lambda: webbrowser.open(address),
        lambda opened: app.flash(f"{'Opened' if opened else 'Copied the address'}: {address}{remark}"),
        lambda error: app.flash(reason(error)),
    )


def _has_desktop() -> bool:
    """Whether a browser has a screen: without one, Python would start a text browser in this terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
