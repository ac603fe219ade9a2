"""Text measured and cut in UTF-16 units, as .NET counts them."""

from __future__ import annotations


def length(text: str) -> int:
    """How many UTF-16 units the text has."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def piece(text: str, start: int, end: int) -> str:
    """The units from ``start`` to before ``end``; half a surrogate pair becomes a replacement character."""
    if not any(character > "\uffff" for character in text):
        return text[start:end]
    units = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
    return units.decode("utf-16-le", "replace")
