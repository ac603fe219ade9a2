"""Conditions of role assignments (ABAC) that restrict which roles may be assigned to which principals.

Supported: AND, OR, NOT in all notations, ActionMatches, and comparisons of @Request and @Resource attributes with literal
values, for any or all of them. Whether an unsupported condition is fulfilled is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

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
        return _Reader(condition, action.lower(), attributes).result()
    except _NotUnderstoodError:
        return None


_PRECEDENCE: Final = {"or": 1, "and": 2, "not": 3}


class _Reader:
    """Parses and evaluates the text in one pass, with operators on a stack, so that no depth of parentheses is too much."""

    def __init__(self, text: str, action: str, attributes: Attributes) -> None:
        self._text = text.rstrip()
        self._action = action
        self._attributes = attributes
        self._values: list[bool] = []
        self._waiting: list[str] = []

    def result(self) -> bool:
        """Whether the condition is fulfilled. Raises _NotUnderstoodError."""
        begins = True  # whether an operand has to follow
        for token in self._tokens():
            kind = next((name for name in ("and", "or", "not", "open", "close") if token[name]), "")
            if begins is not (kind in ("", "not", "open")):
                raise _NotUnderstoodError
            if kind in ("not", "open"):
                self._waiting.append(kind)
            elif kind == "close":
                self._reduce(0)
                if not self._waiting:
                    raise _NotUnderstoodError
                self._waiting.pop()
            elif kind:
                self._reduce(_PRECEDENCE[kind])
                self._waiting.append(kind)
                begins = True
            else:
                self._values.append(self._operand(token))
                begins = False
        if not begins:
            self._reduce(0)
        if begins or self._waiting:
            raise _NotUnderstoodError
        return self._values.pop()

    def _tokens(self) -> Iterator[re.Match[str]]:
        at = 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None:
                raise _NotUnderstoodError
            yield found
            at = found.end()

    def _reduce(self, least: int) -> None:
        """Apply the waiting operators that bind at least as strongly, up to an open parenthesis."""
        while self._waiting and self._waiting[-1] != "open" and _PRECEDENCE[self._waiting[-1]] >= least:
            operator, last = self._waiting.pop(), self._values.pop()
            if operator == "not":
                self._values.append(not last)
            else:
                before = self._values.pop()
                self._values.append((before and last) if operator == "and" else (before or last))

    def _operand(self, token: re.Match[str]) -> bool:
        if token["action"]:
            return any(fnmatchcase(self._action, value.lower()) for value in _values(token["actions"]))
        if token["exists"]:
            return bool(self._attributes.get(_name(token["present"])))
        return self._compare(token)

    def _compare(self, token: re.Match[str]) -> bool:
        scope, _, operator = token["operator"].lower().rpartition(":")
        own = self._attributes.get(_name(token["attribute"]), "").lower()
        hits = [_hit(operator, own, value.lower()) for value in _values(token["values"])]
        return all(hits) if scope.endswith("allvalues") or "not" in operator else any(hits)


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
