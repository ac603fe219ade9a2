"""The part of the Common Expression Language that validating admission policies of an installation use.

Grammar: github.com/google/cel-spec, doc/langdef.md. Fields, indices, comparisons, `in`, logic, conditional, `has`, `size`,
`all`, `exists`, `startsWith`, `endsWith` and `contains`; anything else is an error, as an unknown name is in a cluster.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.emulator.providers.kubernetes.cel_operations import (
    CelError,
    Node,
    Selection,
    compare,
    indexed,
    items,
    on_text,
    size,
    truth,
    variable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.emulator.providers.kubernetes.cel_operations import Environment
    from installer.jsontypes import Json

_TOKENS: Final = re.compile(
    r"""\s*(?:(?P<number>\d+)|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<sign>&&|\|\||==|!=|<=|>=|[-!<>?:.,()\[\]]))"""
)
_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_LITERALS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_MACROS: Final = frozenset({"all", "exists"})


def evaluate(expression: str, values: Environment) -> Json:
    """Evaluates an expression with these variables; raises CelError."""
    return _parsed(expression)(values)


@cache
def _parsed(expression: str) -> Node:
    tokens, at, text = list[tuple[str, str]](), 0, expression.rstrip()
    while at < len(text):
        found = _TOKENS.match(text, at)
        if found is None or found.lastgroup is None:
            raise CelError(f"Syntax error: token recognition error at: '{text[at:].strip()[:1]}'")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    parser = _Parser(tokens)
    node = parser.conditional()
    if parser.at < len(tokens):
        raise CelError(f"Syntax error: extraneous input '{tokens[parser.at][1]}'")
    return node


@dataclass
class _Parser:
    tokens: list[tuple[str, str]]
    at: int = field(default=0)

    def _peek(self) -> str:
        kind, word = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "<EOF>")
        return "" if kind == "text" else word

    def _next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise CelError("Syntax error: mismatched input '<EOF>'")
        self.at += 1
        return self.tokens[self.at - 1]

    def _expect(self, sign: str) -> None:
        if (found := self._next()[1]) != sign:
            raise CelError(f"Syntax error: mismatched input '{found}' expecting '{sign}'")

    def conditional(self) -> Node:
        test = self._joined("||", lambda: self._joined("&&", self._comparison))
        if self._peek() != "?":
            return test
        self._next()
        then = self.conditional()
        self._expect(":")
        otherwise = self.conditional()
        return lambda values: then(values) if truth(test(values)) else otherwise(values)

    def _joined(self, sign: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._peek() == sign:
            self._next()
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        join = any if sign == "||" else all
        return lambda values: join(truth(one(values)) for one in parts)

    def _comparison(self) -> Node:
        left = self._unary()
        if self._peek() not in _COMPARISONS:
            return left
        sign = self._next()[1]
        right = self._unary()
        return lambda values: compare(sign, left(values), right(values))

    def _unary(self) -> Node:
        if self._peek() != "!":
            return self._member()
        self._next()
        inner = self._unary()
        return lambda values: not truth(inner(values))

    def _member(self) -> Node:
        node = self._primary()
        while self._peek() in {".", "["}:
            if self._next()[1] == "[":
                index = self.conditional()
                self._expect("]")
                node = indexed(node, index)
                continue
            kind, name = self._next()
            if kind != "name":
                raise CelError(f"Syntax error: mismatched input '{name}'")
            node = self._called(node, name) if self._peek() == "(" else Selection(node, name)
        return node

    def _called(self, target: Node, name: str) -> Node:
        self._expect("(")
        if name in _MACROS:
            loop = self._next()[1]
            self._expect(",")
            test = self.conditional()
            self._expect(")")
            join = all if name == "all" else any
            return lambda values: join(truth(test({**values, loop: item})) for item in items(target(values)))
        argument = self.conditional()
        self._expect(")")
        return lambda values: on_text(name, target(values), argument(values))

    def _primary(self) -> Node:
        kind, word = self._next()
        if kind == "number":
            number = int(word)
            return lambda _: number
        if kind == "text":
            literal = json.loads(word) if word[0] == '"' else word[1:-1].replace("\\'", "'")
            return lambda _: str(literal)
        if word == "(":
            inner = self.conditional()
            self._expect(")")
            return inner
        if word == "[":
            return self._list()
        if kind != "name":
            raise CelError(f"Syntax error: mismatched input '{word}'")
        if word in _LITERALS:
            return lambda _: _LITERALS[word]
        if self._peek() == "(":
            return self._function(word)
        return lambda values: variable(word, values)

    def _list(self) -> Node:
        found = list[Node]()
        while self._peek() != "]":
            found.append(self.conditional())
            if self._peek() == ",":
                self._next()
        self._expect("]")
        return lambda values: [item(values) for item in found]

    def _function(self, name: str) -> Node:
        self._expect("(")
        argument = self.conditional()
        self._expect(")")
        if name == "has":
            if not isinstance(argument, Selection):
                raise CelError("invalid argument to has() macro")
            return argument.exists
        if name == "size":
            return lambda values: size(argument(values))
        raise CelError(f"undeclared reference to '{name}' (in container '')")
