"""Values as the compiler's console prints them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.arm_templates.functions.formatting import plain_text
from installer.arm_templates.to_text import number_text

if TYPE_CHECKING:
    from installer.jsontypes import Json

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def show(value: Json, indent: int = 0) -> str:
    """Bicep notation: single quotes, one member per line, floats in quotes."""
    inner = "  " * (indent + 1)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        text = number_text(value)
        return f"'{plain_text(value) if text[-1].isdigit() else text}'"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        lines = [f"{inner}{show(item, indent + 1)}\n" for item in value]
        return f"[\n{''.join(lines)}{'  ' * indent}]" if lines else "[]"
    if isinstance(value, dict):
        lines = [f"{inner}{_key(key)}: {show(item, indent + 1)}\n" for key, item in value.items()]
        return f"{{\n{''.join(lines)}{'  ' * indent}}}" if lines else "{}"
    return str(value)


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    printable = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    for character, escape in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\t", "\\t"), ("${", "\\${")):
        printable = printable.replace(character, escape)
    return f"'{printable}'"
