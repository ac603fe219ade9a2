"""The order of strings in .NET's invariant culture, for the characters that templates use.

Letters compare by base letter first, then by accents, then lower case before upper; white space and
punctuation count and come before digits, digits before letters (the root order of the Unicode collation).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_PUNCTUATION = (
    "\t\n\v\f\r\u0085\u2028\u2029 _\u203e-\u2010\u2011\u2012\u2013\u2014,;:!\u00a1?\u00bf.\u2026\u00b7'\u2018\u2019\""
    "\u201c\u201d\u00ab\u00bb()[]{}\u00a7\u00b6@*/\\&#%\u2030\u2020\u2021\u2022`\u00b4\u02dc^\u00a8\u00b0\u00a9\u00ae+\u00b1"
    "\u00f7\u00d7<=>|\u00a6~\u00ac\u00a4\u00a2$\u00a3\u00a5\u20ac"
)
_RANKS = {character: rank for rank, character in enumerate(_PUNCTUATION)}
_EXPANSIONS = {"ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ĳ": "ij", "þ": "th"}

Key = tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[int, ...]]


@lru_cache(maxsize=4096)
def collation_key(text: str) -> Key:
    """A sort key with the order of the invariant culture: base characters, accents, case."""
    bases: list[tuple[int, int]] = []
    accents: list[int] = []
    cases: list[int] = []
    for original in unicodedata.normalize("NFD", text):
        wide = unicodedata.decomposition(original).startswith("<wide>")
        character = unicodedata.normalize("NFKD", original) if wide else original
        if unicodedata.combining(character):
            if accents:
                accents[-1] = accents[-1] * 1024 + ord(character)
            continue
        if unicodedata.category(character) in ("Cf", "Cc") and character not in _RANKS:
            continue
        for part in _EXPANSIONS.get(character, character):
            bases.append(_base(part))
            accents.append(0)
            cases.append(
                (1 if character != character.lower() else 0) + (2 if character in _EXPANSIONS else 0) + 4 * wide
            )
    return tuple(bases), tuple(accents), tuple(cases)


def _base(character: str) -> tuple[int, int]:
    if character in _RANKS:
        return 0, _RANKS[character]
    category = unicodedata.category(character)
    if category.startswith("N"):
        digit = unicodedata.digit(character, None)
        return 2, digit if digit is not None else 10 + ord(character)
    if category.startswith("L"):
        lower = character.lower()
        return 3, ord(lower[0]) if lower else ord(character)
    return 1, ord(character)
