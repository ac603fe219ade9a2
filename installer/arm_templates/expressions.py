"""The grammar of ARM's ``[…]`` expressions: text to tree, and tree back to the engine's own text.

``parse`` is cached: the same expression recurs in every instance of a loop.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

from installer.arm_templates.errors import TemplateError

LENGTH_LIMIT: Final = 24_576
NESTING_LIMIT: Final = 200
DIGITS_LIMIT: Final = 40


@dataclass(frozen=True, slots=True)
class Literal:
    """A string or an integer written in the expression."""

    value: str | int


UNKNOWN = "unknown"
"""The function that a prediction shows in place of a value that it has not even as an expression."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; the ``name`` of a user-defined function has a dot (``__bicep.f``)."""

    name: str
    arguments: tuple[Expression, ...] = ()
    prepared: object = field(default=None, init=False, compare=False, repr=False)
    """Kept by the evaluator: facts about the call."""


@dataclass(frozen=True, slots=True)
class Access:
    """A member (``.name``) or an element (``[index]``) of ``target``."""

    target: Expression
    key: Expression


Expression: TypeAlias = Literal | Call | Access

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<Literal>'(?:[^']|'')*+')|(?P<Integer>[-+]?\d+|[-+])|(?P<Identifier>[^\W\d][\w$]*|\$[\w$]*)"
    r"|(?P<mark>[()\[\],.])"
)
_MARKS = {
    "(": "LeftParenthesis",
    ")": "RightParenthesis",
    "[": "LeftSquareBracket",
    "]": "RightSquareBracket",
    ",": "Comma",
    ".": "Dot",
}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(slots=True)
class _Token:
    kind: str
    text: str


def is_expression(text: str) -> bool:
    """Whether a string of a template is an expression and not plain text."""
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def literal_text(text: str) -> str:
    """The value of a string that is no expression: ``[[`` at its start is an escaped bracket."""
    return text[1:] if text.startswith("[[") and text.endswith("]") else text


@lru_cache(maxsize=8192)
def parse(text: str) -> Expression:
    """The tree of ``[…]``; TemplateError with the engine's text when it is not well-formed."""
    if len(text) > LENGTH_LIMIT:
        raise TemplateError(
            f"The language expression length limit exceeded. Limit: '{LENGTH_LIMIT}' and actual: '{len(text)}'."
        )
    return _Parser(text).parse_all()


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._tokens = self._scan(text[1:-1])
        self._next = 0
        self._depth = 0

    def _scan(self, body: str) -> list[_Token]:
        tokens: list[_Token] = []
        position = 0
        while position < len(body):
            match = _TOKEN.match(body, position)
            if match is None:
                raise self._unreadable(body, position)
            kind, text = match.lastgroup or "", match.group()
            if kind == "Integer":
                self._check_integer(body, position, text)
            if kind != "space":
                tokens.append(_Token(_MARKS.get(text, kind), text))
            position = match.end()
        tokens.append(_Token("EndOfData", ""))
        return tokens

    @staticmethod
    def _unreadable(body: str, position: int) -> TemplateError:
        if body[position] == "'":
            return TemplateError(
                f"The language expression '{body}' is not valid: the string constant at position '{position}' is not "
                "terminated. String constants must be enclosed within a pair of single quotes."
            )
        return TemplateError(
            f"The language expression '{body}' is not valid: the string character '{body[position]}' at position "
            f"'{position}' is not expected."
        )

    @staticmethod
    def _check_integer(body: str, position: int, text: str) -> None:
        following = body[position + len(text) : position + len(text) + 2]
        if following[:1] == "." and following[1:].isdigit():
            raise TemplateError(
                f"The language expression '{body}' at position '{position}' is not valid: float point numbers are not "
                "supported."
            )
        if following[:1].isalpha():
            raise TemplateError(
                f"The language expression '{body}' is not valid: the string character '{following[0]}' at position "
                f"'{position + len(text)}' is not expected."
            )
        if text in "+-" or len(text) > DIGITS_LIMIT or not -(2**63) <= int(text) < 2**63:
            raise TemplateError(
                f"The language expression '{body}' is not valid: the value '{text}' at position '{position}' cannot be "
                "converted to number."
            )

    def _refusal(self, reason: str) -> TemplateError:
        return TemplateError(f"Unable to parse language expression '{self._source[1:-1]}': {reason}.")

    def _peek(self) -> str:
        return self._tokens[self._next].kind

    def _take(self, kind: str) -> str:
        token = self._tokens[self._next]
        if token.kind != kind:
            raise self._refusal(f"expected token '{kind}' and actual '{token.kind}'")
        self._next += 1
        return token.text

    def parse_all(self) -> Expression:
        tree = self._expression()
        self._take("EndOfData")
        return tree

    def _expression(self) -> Expression:
        self._depth += 1
        if self._depth > NESTING_LIMIT:
            raise self._refusal(f"the expression is nested more than '{NESTING_LIMIT}' levels deep")
        tree = self._primary()
        self._depth -= 1
        return tree

    def _primary(self) -> Expression:
        kind = self._peek()
        if kind == "Literal":
            return Literal(self._take("Literal")[1:-1].replace("''", "'"))
        if kind == "Integer":
            return Literal(int(self._take("Integer")))
        tree: Expression = self._call()
        while self._peek() in ("Dot", "LeftSquareBracket"):
            if self._peek() == "Dot":
                self._take("Dot")
                tree = Access(tree, Literal(self._take("Identifier")))
            else:
                self._take("LeftSquareBracket")
                tree = Access(tree, self._expression())
                self._take("RightSquareBracket")
        return tree

    def _call(self) -> Call:
        name = self._take("Identifier")
        if self._peek() == "Dot":
            self._take("Dot")
            name = f"{name}.{self._take('Identifier')}"
        self._take("LeftParenthesis")
        arguments: list[Expression] = []
        if self._peek() != "RightParenthesis":
            arguments.append(self._expression())
            while self._peek() == "Comma":
                self._take("Comma")
                arguments.append(self._expression())
        self._take("RightParenthesis")
        return Call(name, tuple(arguments))


def render(tree: Expression) -> str:
    """The text of a tree as the engine writes it, without the outer brackets."""
    if isinstance(tree, Literal):
        return _quote(tree.value) if isinstance(tree.value, str) else str(tree.value)
    if isinstance(tree, Call):
        return f"{tree.name}({', '.join(render(argument) for argument in tree.arguments)})"
    target = render(tree.target)
    if isinstance(tree.key, Literal) and isinstance(tree.key.value, str) and _PLAIN_NAME.match(tree.key.value):
        return f"{target}.{tree.key.value}"
    return f"{target}[{render(tree.key)}]"


def quoted_expression(text: str) -> str:
    """Expression text as errors quote it: normalised, or unchanged where it cannot be parsed."""
    try:
        return f"[{render(parse(text))}]"
    except TemplateError:
        return text


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
