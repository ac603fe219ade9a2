"""Text from outside is data: control characters are taken out once, here, where it enters the program."""

import unicodedata
from collections.abc import Mapping
from typing import overload

from installer.jsontypes import Json

MOST_CHARACTERS = 20_000


def clean(text: str) -> str:
    """The text without control characters, terminal escapes and direction overrides; very long text is cut."""
    shortened = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}… (cut)"
    return "".join(
        character if character == "\n" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"} else " "
        for character in shortened
    )


@overload
def clean_json(value: Mapping[str, object]) -> dict[str, Json]: ...
@overload
def clean_json(value: object) -> Json: ...
def clean_json(value: object) -> Json:
    """Any JSON value with every text in it cleaned; what is no JSON becomes its text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {clean(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_json(item) for item in value]
    return clean(str(value))
