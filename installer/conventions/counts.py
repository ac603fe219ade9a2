"""Numbers with their noun, as people write them: 1 node, 2 nodes."""

from __future__ import annotations


def counted(number: float, noun: str, several: str = "") -> str:
    """The number with its noun.

    Args:
        number: The number.
        noun: The noun for one.
        several: The noun for any other number; the same with an s if left out.

    """
    shown = f"{number:,}" if isinstance(number, int) else f"{number:.10g}"
    return f"{shown} {noun if number == 1 else several or f'{noun}s'}"
