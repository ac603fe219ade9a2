"""A decision about an object as text, with the values that would change. Pure."""

from collections.abc import Iterator
from typing import Final

from installer.jsontypes import Json
from installer.prefect_setup.flows.compare import Decision, Fields, is_loose

_MOST: Final = 80
_CONTEXT: Final = 20
"""Characters that are shown before a difference."""


def shown(decision: Decision, found: Fields | None) -> str:
    """The object, then a line for each value that differs."""
    one = decision.one
    because = f" ({decision.reason})" if decision.reason else ""
    if decision.action in ("create", "remove"):
        return f"{'+' if decision.action == 'create' else '-'} {one.key}{because}"
    has = found or {}
    lines = [f"{'~' if decision.action == 'update' else '!'} {one.key}{because}"]
    for name in decision.fields:
        lines += [
            f"    {place}: {' -> '.join(_both(before, after))}"
            for place, before, after in _differences(
                name, has.get(name), one.fields.get(name), loose=is_loose(one.kind, name)
            )
        ]
    lines += [f"    {name}: left as it is: {_brief(has.get(name))}" for name in decision.kept]
    return "\n".join(lines)


def _differences(place: str, before: Json, after: Json, *, loose: bool) -> Iterator[tuple[str, Json, Json]]:
    """The innermost values that differ, with their place: a whole structure would be cut before its difference.

    loose: what only Prefect has are its defaults.
    """
    if isinstance(before, dict) and isinstance(after, dict) and before and after:
        for name in after if loose else dict.fromkeys((*before, *after)):
            yield from _differences(f"{place}.{name}", before.get(name), after.get(name), loose=loose)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
            yield from _differences(f"{place}[{number}]", one, other, loose=loose)
    elif before != after:
        yield place, before, after


def _both(before: Json, after: Json) -> tuple[str, str]:
    """Both values, from shortly before their difference if that is far from their begin."""
    one, other = _line(before), _line(after)
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if same + _CONTEXT < _MOST:
        return _cut(one), _cut(other)
    start = same - _CONTEXT
    return f"…{_cut(one[start:])}", f"…{_cut(other[start:])}"


def _brief(value: Json) -> str:
    return _cut(_line(value))


def _line(value: Json) -> str:
    return "none" if value is None else " ".join(str(value).split())


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"
