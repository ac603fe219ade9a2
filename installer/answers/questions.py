"""The questions as data, read once from the pages; used by forms, prompts, validation and exports."""

import re
import shlex
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Annotated, Literal, cast, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from installer.answers.ask import Ask, View
from installer.answers.model import ENVIRONMENTS, PAGES
from installer.answers.pages.environment import differs
from installer.answers.refusals import refusal
from installer.sanitize import hidden_character

Kind = Literal["text", "integer", "yesno", "choice", "several", "secret"]
YES = ("yes", "y", "true", "on")
NO = ("no", "n", "false", "off")


@dataclass(frozen=True)
class Question:
    """A question of the wizard: the field of the model with its `Ask`."""

    key: str
    page: str
    ask: Ask
    kind: Kind
    field: FieldInfo
    values: tuple[str | int, ...]
    minimum: int | None = None
    maximum: int | None = None

    @property
    def default(self) -> object:
        """Default value; None if there is none."""
        default = self.field.get_default(call_default_factory=True, validated_data={})
        return None if default is PydanticUndefined or default == "" else default

    @cached_property
    def adapter(self) -> TypeAdapter[object]:
        """Validates a value of the field alone."""
        return TypeAdapter(cast("type[object]", Annotated[(self.field.annotation, *self.field.metadata)]))

    def accepts(self, value: object) -> bool:
        """Whether the value is valid for the field, regardless of other answers."""
        if hidden_character(value):
            return False
        try:
            self.adapter.validate_python(value, strict=True)
        except ValidationError:
            return False
        return True

    def parse(self, text: str) -> object:
        """Convert typed text to the type of the field; text that cannot be converted is returned unchanged."""
        text = text.strip()
        if self.kind == "yesno":
            word = text.lower()
            return True if word in YES else False if word in NO else text
        if self.kind == "several":
            return self.ask.split(text) if self.ask.split is not None else _parts(text)
        if self.kind == "integer" or (self.values and isinstance(self.values[0], int)):
            return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text
        return text

    def text(self, value: object) -> str:
        """The value as a user would type it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, (list, tuple)):
            return " ".join(_quotable(str(item)) for item in value)
        return str(value)

    def shown(self, value: object) -> str:
        """The value with its description or unit, for the review and the plain mode."""
        if self.kind == "several" and isinstance(value, (list, tuple)):
            return ", ".join(str(item) for item in value)
        label = self.ask.options.get(str(value))
        return label if label and self.kind == "choice" else f"{self.text(value)} {self.ask.unit}".strip()

    @property
    def allowed(self) -> str:
        """Description of the accepted values."""
        if self.kind == "yesno":
            return "yes or no (true or false in a file)"
        if self.values:
            words = ", ".join(str(value) for value in self.values)
            return f"one or more of {words}" if self.kind == "several" else f"one of {words}"
        if self.kind == "integer":
            return f"a whole number from {self.minimum} to {self.maximum}"
        return self.ask.allowed or "text"

    @property
    def accepted(self) -> str:
        """Description of the accepted values for a form, which shows the labels of choices."""
        if self.kind != "choice" or not self.ask.options:
            return self.allowed
        return f"one of {', '.join(self.ask.options.get(str(value)) or str(value) for value in self.values)}"

    def refusal(self, value: object) -> str:
        """Message about an invalid value, with the accepted values; never shows what might be a secret."""
        return refusal(self, value)


def _parts(text: str) -> list[str]:
    """Split at spaces and commas; double quotes keep an item with spaces or commas together."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace += ","
    lexer.whitespace_split, lexer.commenters, lexer.escape, lexer.quotes = True, "", "", '"'
    try:
        return list(lexer)
    except ValueError:  # an unclosed quote
        return text.replace(",", " ").split()


def _quotable(item: str) -> str:
    return f'"{item}"' if re.search(r"[\s,]", item) else item


def _question(page: str, name: str, info: FieldInfo) -> Question:
    ask = next(meta for meta in info.metadata if isinstance(meta, Ask))
    annotation: object = info.annotation
    if isinstance(annotation, types.UnionType):
        annotation = next(part for part in get_args(annotation) if part is not types.NoneType)
        ask = replace(ask, optional=True)
    if page in ENVIRONMENTS:
        ask = replace(ask, applies=_of_environment(page, ask.applies))
    bounds = {key: getattr(meta, key) for meta in info.metadata for key in ("ge", "le") if hasattr(meta, key)}
    kind: Kind = "secret" if ask.secret else "text"
    values: tuple[str | int, ...] = ()
    if annotation is bool:
        kind = "yesno"
    elif annotation is int:
        kind = "integer"
    elif get_origin(annotation) is Literal:
        kind, values = "choice", get_args(annotation)
    elif isinstance(annotation, types.GenericAlias):
        item = get_args(annotation)[0]
        kind, values = "several", get_args(item) if get_origin(item) is Literal else ()
    return Question(f"{page}.{name}", page, ask, kind, info, values, bounds.get("ge"), bounds.get("le"))


def _of_environment(name: str, applies: Callable[[View], bool]) -> Callable[[View], bool]:
    """Bind the predicate to one environment; its questions apply only if it has overrides."""

    def bound(view: View) -> bool:
        here = {**view, "environment": name}
        return differs(here) and applies(here)

    return bound


@cache
def all_questions() -> dict[str, Question]:
    """All questions by dotted key, in screen order."""
    found = (_question(page, name, info) for page, model in PAGES.items() for name, info in model.model_fields.items())
    return {question.key: question for question in found}


def questions_of(page: str) -> Iterator[Question]:
    """Questions of one page, in screen order."""
    return (question for question in all_questions().values() if question.page == page)
