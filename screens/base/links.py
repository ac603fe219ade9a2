"""Addresses that the terminal opens (OSC 8), for terminals that take them; the text is the address itself."""

from urllib.parse import quote

from textual.content import Content
from textual.style import Style

from screens.base.glyphs import one_line

_SAFE = "".join(chr(code) for code in range(33, 127))


def linked(address: str) -> Content:
    """An address as text and as link. The link has printable ASCII characters only: it is sent to the terminal as it is."""
    text = Content.styled(one_line(address), "underline $text-accent")
    if not address.startswith(("https://", "http://")):
        return text
    return text.stylize(Style(link=quote(address, safe=_SAFE)))
