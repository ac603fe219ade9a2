"""JSON values as Bicep expressions in a parameters file."""

import re
from collections.abc import Mapping
from typing import Final

from installer.json_access import JsonObject
from installer.jsontypes import Json

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED: Final = frozenset({"true", "false", "null"})
_ESCAPED: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_INDENT: Final = "  "


def expression(value: Json, symbols: Mapping[str, str], indent: str = "") -> str:
    """A value as a Bicep expression over several lines.

    Args:
        value: the value.
        symbols: name of the Bicep variable by placeholder: `${NAME}` in a string becomes a reference to it.
        indent: of the line that the expression begins on.

    """
    if isinstance(value, str):
        return _string(value, symbols)
    if isinstance(value, dict):
        return _object(value, symbols, indent)
    if isinstance(value, list):
        inside = indent + _INDENT
        lines = "".join(f"{inside}{expression(item, symbols, inside)}\n" for item in value)
        return f"[\n{lines}{indent}]" if value else "[]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value) if isinstance(value, int) else f"json('{value!r}')"  # Bicep has no literal for a fraction


def _object(value: JsonObject, symbols: Mapping[str, str], indent: str) -> str:
    inside = indent + _INDENT
    lines = "".join(f"{inside}{_key(key)}: {expression(item, symbols, inside)}\n" for key, item in value.items())
    return f"{{\n{lines}{indent}}}" if value else "{}"


def _key(name: str) -> str:
    plain = _IDENTIFIER.fullmatch(name) and name not in _RESERVED
    return name if plain else f"'{_escaped(name)}'"


def _string(text: str, symbols: Mapping[str, str]) -> str:
    pieces = _PLACEHOLDER.split(text)
    if len(pieces) == 3 and not pieces[0] and not pieces[2] and pieces[1] in symbols:
        return symbols[pieces[1]]
    found = [
        f"${{{symbols[piece]}}}"
        if place % 2 and piece in symbols
        else _escaped(f"${{{piece}}}" if place % 2 else piece)
        for place, piece in enumerate(pieces)
    ]
    return f"'{''.join(found)}'"


def _escaped(text: str) -> str:
    found = "".join(_ESCAPED.get(one) or (one if one.isprintable() else f"\\u{{{ord(one):x}}}") for one in text)
    return found.replace("${", "\\${")
