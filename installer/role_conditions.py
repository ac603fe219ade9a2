"""Conditions of role assignments (ABAC) that restrict which roles may be assigned to which principals.

Supported: AND, OR, NOT in all notations, ActionMatches, and comparisons of @Request and @Resource attributes with literal
values, for any or all of them. Whether an unsupported condition is fulfilled is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

_TOKEN = re.compile(
    r"\s*(?:(?P<and>&&|AND\b)|(?P<or>\|\||OR\b)|(?P<not>!(?!=)|NOT\b)|(?P<open>\()|(?P<close>\))"
    r"|(?P<action>(?:Sub)?(?:Operation|Action)Matches)\s*\{(?P<actions>[^}]*)\}"
    r"|(?P<exists>Exists)\s+@\w+\[(?P<present>[^\]]+)\]"
    r"|@\w+\[(?P<attribute>[^\]]+)\]\s*(?P<operator>[A-Za-z:]+)\s*(?P<values>\{[^}]*\}|'[^']*'|\S+))",
    re.IGNORECASE,
)
_VALUE = re.compile(r"'([^']*)'|([\w\-./*]+)")
Attributes = Mapping[str, str]


class _NotUnderstoodError(Exception):
    pass


def fulfilled(condition: str, action: str, attributes: Attributes) -> bool | None:
    """Whether a condition allows an action, None if the condition is not supported.

    Args:
        condition: Text of the condition.
        action: The action.
        attributes: Attributes of the request by lower-case name, such as `roledefinitionid`.

    """
    try:
        reader = _Reader(condition, action.lower(), attributes)
        result = reader.alternatives()
    except _NotUnderstoodError:
        return None
    return result if reader.over else None


class _Reader:
    """Parses and evaluates the text in one pass."""

    def __init__(self, text: str, action: str, attributes: Attributes) -> None:
        self._tokens: list[re.Match[str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise _NotUnderstoodError
            self._tokens.append(found)
            at = found.end()
        self._at = 0
        self._action = action
        self._attributes = attributes

    @property
    def over(self) -> bool:
        return self._at == len(self._tokens)

    def alternatives(self) -> bool:
        result = self._all()
        while self._next_is("or"):
            result = self._all() or result
        return result

    def _all(self) -> bool:
        result = self._one()
        while self._next_is("and"):
            result = self._one() and result
        return result

    def _one(self) -> bool:
        if self._next_is("not"):
            return not self._one()
        if self._next_is("open"):
            result = self.alternatives()
            if not self._next_is("close"):
                raise _NotUnderstoodError
            return result
        if self.over:
            raise _NotUnderstoodError
        token = self._tokens[self._at]
        self._at += 1
        if token["action"]:
            return any(fnmatchcase(self._action, value.lower()) for value in _values(token["actions"]))
        if token["exists"]:
            return bool(self._attributes.get(_name(token["present"])))
        if token["attribute"]:
            return self._compare(token)
        raise _NotUnderstoodError

    def _compare(self, token: re.Match[str]) -> bool:
        scope, _, operator = token["operator"].lower().rpartition(":")
        own = self._attributes.get(_name(token["attribute"]), "").lower()
        hits = [_hit(operator, own, value.lower()) for value in _values(token["values"])]
        return all(hits) if scope.endswith("allvalues") or "not" in operator else any(hits)

    def _next_is(self, kind: str) -> bool:
        if not self.over and self._tokens[self._at][kind]:
            self._at += 1
            return True
        return False


def _hit(operator: str, own: str, value: str) -> bool:
    operator = operator.removesuffix("ignorecase")
    match operator:
        case "guidequals" | "stringequals":
            return own == value
        case "guidnotequals" | "stringnotequals":
            return own != value
        case "stringlike":
            return fnmatchcase(own, value)
        case "stringnotlike":
            return not fnmatchcase(own, value)
        case _:
            raise _NotUnderstoodError


def _name(attribute: str) -> str:
    return attribute.rpartition(":")[2].strip().lower()


def _values(text: str) -> list[str]:
    return [quoted or plain for quoted, plain in _VALUE.findall(text)]
