"""Addresses that the terminal opens (OSC 8), for terminals that take them; the text is the address itself."""

from textual.content import Content
from textual.style import Style

from installer.sanitize import link_target
from screens.base.glyphs import one_line


def linked(address: str) -> Content:
    """An address as text and as link."""
    text = Content.styled(one_line(address), "underline $text-accent")
    target = link_target(address)
    return text.stylize(Style(link=target)) if target else text
