"""Name patterns of policies: what names have to match, and answers with names that do.

Sources: azure-docs, governance/policy/concepts/definition-structure-policy-rule.md, conditions (like: one `*` and more in text without
case; match: `#` a digit, `?` a letter, `.` any character) and fields (name, fullName).
"""

from __future__ import annotations

import re
from itertools import cycle
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text
from installer.preflight.names import kind_of_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from installer.conventions.naming import NameRule, Names
    from installer.estate.bodies import PlannedBody
    from installer.jsontypes import Json

_FIELDS: Final = frozenset({"name", "fullname"})
_LIKE: Final = frozenset({"like", "contains"})
_MATCH: Final = frozenset({"match", "matchinsensitively"})
_MAX_PREFIXES: Final = 2
_PREFIX: Final = re.compile(r"[a-z][a-z0-9]{1,9}")


def patterns(condition: Json, constant: Callable[[Json], Json]) -> list[tuple[str, str]]:
    """Operator and pattern of what a rule that denies wants names to be; `constant` evaluates values of its definition."""
    return [*dict.fromkeys(_wanted(condition, constant, inverted=False))]


def _wanted(condition: Json, constant: Callable[[Json], Json], *, inverted: bool) -> Iterator[tuple[str, str]]:
    if isinstance(condition, list):
        for item in condition:
            yield from _wanted(item, constant, inverted=inverted)
    if not isinstance(condition, dict):
        return
    lowered = {key.lower(): item for key, item in condition.items()}
    if as_text(constant(lowered.get("field"))).lower() in _FIELDS:
        for key, item in lowered.items():
            operator = key.removeprefix("not")
            if operator in _LIKE | _MATCH and key.startswith("not") is not inverted and (text := constant(item)):
                yield operator, as_text(text)
    for key, item in lowered.items():
        if key in ("allof", "anyof", "not"):
            yield from _wanted(item, constant, inverted=inverted is not (key == "not"))


def said(wanted: Iterable[tuple[str, str]]) -> str:
    """The patterns in words."""
    return " or ".join(f"{'containing ' if operator == 'contains' else ''}{text}" for operator, text in wanted)


def prefixes(wanted: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Prefixes of the installation that are parts of a pattern."""
    parts = [part for _, text in wanted for part in re.split(r"[^a-z0-9]+", text.lower()) if _PREFIX.fullmatch(part)]
    yield from [*dict.fromkeys(sorted(parts, key=len, reverse=True))][:_MAX_PREFIXES]


def names_that_match(names: Names, bodies: Iterable[PlannedBody], wanted: list[tuple[str, str]]) -> list[str]:
    """Entries of the answer Resource names for all of these resources; none if one of them can have no such name."""
    entries: dict[str, None] = {}
    for number, body in enumerate(bodies, 1):
        found = kind_of_name(names, body.name)
        if found is None:
            return []
        kind, rule = found
        filled = (one for operator, text in wanted for one in _filled(operator, text, body.name, names.prefix, number))
        name = next((one for one in filled if _allowed(rule, one)), "")
        if not name:
            return []
        entries[f"{kind}={name}"] = None
    return [*entries]


def _allowed(rule: NameRule, name: str) -> bool:
    return len(name) <= rule.longest and re.fullmatch(rule.pattern, name) is not None


def _filled(operator: str, text: str, present: str, prefix: str, number: int) -> Iterator[str]:
    """Names of a pattern, those most like the present name first."""
    pattern = text.lower()
    if operator in _MATCH:
        letters, digits = cycle(re.sub(r"[^a-z]", "", present)), iter(f"{number:0{max(pattern.count('#'), 1)}}")
        yield "".join(next(digits, "0") if one == "#" else next(letters) if one in "?." else one for one in pattern)
        return
    start, _, end = (pattern if operator == "like" else f"*{pattern}-*").partition("*")
    end = end.replace("*", "")
    for stub in _stubs(present, start, prefix):
        yield f"{start}{stub}{end}" if operator == "like" else f"{end}{stub}"


def _stubs(present: str, start: str, prefix: str) -> Iterator[str]:
    """Ever shorter parts of the present name, without what the pattern begins with already."""
    shared = present
    for part in re.findall(r"[a-z0-9]+-?", start):
        shared = shared.removeprefix(part)
    for one in dict.fromkeys((present, shared)) if not start else (shared,):
        yield from dict.fromkeys((one, one.replace("ff-", ""), one.replace("ff", "", 1), one.replace(f"{prefix}-", "")))
