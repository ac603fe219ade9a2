"""Three-way merge of settings: those applied before, those wanted now, and those found, which others may have changed. Pure."""

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from typing import Final, TypeAlias

from installer.json_access import as_object, as_text
from installer.jsontypes import Json

_MAX_LENGTH: Final = 4800
"""Characters of a record; the value of a variable has at most 5000 (prefect/types)."""
_KEY: Final = "applied"


class _Missing:
    """A member that does not exist."""


_MISSING: Final = _Missing()
_Value: TypeAlias = Json | _Missing


@dataclass(frozen=True)
class Merged:
    """Settings to apply, and the paths of those that others have changed and that are kept."""

    value: dict[str, Json]
    kept: tuple[str, ...]


def merge(before: dict[str, Json], now: dict[str, Json], found: dict[str, Json]) -> Merged:
    """Take what is wanted now, but keep values that differ from those applied before: others have changed them."""
    kept: list[str] = []
    value = _merged(before, now, found, "", kept)
    return Merged(as_object(None if isinstance(value, _Missing) else value), tuple(kept))


def _merged(before: _Value, now: _Value, found: _Value, path: str, kept: list[str]) -> _Value:
    if isinstance(before, dict) and isinstance(now, dict) and isinstance(found, dict):
        members: dict[str, Json] = {}
        for name in dict.fromkeys((*now, *found)):
            own = f"{path}.{name}" if path else name
            one = _merged(before.get(name, _MISSING), now.get(name, _MISSING), found.get(name, _MISSING), own, kept)
            if not isinstance(one, _Missing):
                members[name] = one
        return members
    if (
        isinstance(before, list)
        and isinstance(now, list)
        and isinstance(found, list)
        and len(before) == len(now) == len(found)
    ):
        parts = enumerate(zip(before, now, found, strict=True))
        items = [_merged(*each, f"{path}[{number}]", kept) for number, each in parts]
        return [item for item in items if not isinstance(item, _Missing)]
    if found in (before, now):
        return now
    kept.append(path)
    return found


def record(applied: dict[str, Json]) -> dict[str, str]:
    """Applied settings as the value of a variable; empty if they are too long for one."""
    packed = zlib.compress(json.dumps(applied, sort_keys=True, separators=(",", ":")).encode(), 9)
    text = base64.b85encode(packed).decode("ascii")
    return {_KEY: text} if len(text) <= _MAX_LENGTH else {}


def recorded(value: Json) -> dict[str, Json] | None:
    """The settings in such a value; None without a readable record."""
    try:
        packed = base64.b85decode(as_text(as_object(value).get(_KEY)))
        return as_object(json.loads(zlib.decompress(packed))) if packed else None
    except (ValueError, zlib.error, binascii.Error):
        return None
