"""Length and substrings in UTF-16 code units, as in .NET."""

from __future__ import annotations


def length(text: str) -> int:
    """Number of UTF-16 code units."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def substring(text: str, start: int, end: int) -> str:
    """The units from ``start`` to before ``end``; half a surrogate pair becomes a replacement character."""
    if not any(character > "\uffff" for character in text):
        return text[start:end]
    units = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
    return units.decode("utf-16-le", "replace")
