"""Messages about answers that are not accepted: what is wrong, at which item of a list, and what would be right."""

from collections.abc import Sequence
from typing import Final, Protocol

from pydantic import TypeAdapter, ValidationError

from installer.answers.ask import Ask
from installer.answers.yamltree import printable
from installer.sanitize import hidden_character

MAX_ITEMS: Final = 5
"""Wrong items that a message names; a longer list is wrong as a whole."""


class Refusing(Protocol):
    """Parts of a question that a message uses."""

    @property
    def ask(self) -> Ask:
        """Declaration of the question."""

    @property
    def kind(self) -> str:
        """Kind of its field."""

    @property
    def maximum(self) -> int | None:
        """Upper limit of a number."""

    @property
    def adapter(self) -> TypeAdapter[object]:
        """Validates a value of the field alone."""

    @property
    def allowed(self) -> str:
        """Description of the accepted values."""

    def accepts(self, value: object) -> bool:
        """Whether the value is valid for the field."""

    def parse(self, text: str) -> object:
        """Convert typed text to the type of the field."""

    def text(self, value: object) -> str:
        """The value as a user would type it."""


def refusal(question: Refusing, value: object) -> str:
    """Message about an invalid value, with the accepted values; never shows what might be a secret."""
    if hidden := hidden_character(value):
        return f"has the hidden character {hidden}; accepted: {question.allowed}"
    if value is None or value in ("", []):
        return f"required: {question.allowed}{_example(question, None)}"
    if question.ask.secret:
        return f"the value is not valid; allowed: {question.allowed}{_example(question, None)}"
    if question.kind == "several":
        return _of_list(question, value)
    if question.kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
        fault = "too large" if question.maximum is not None and value > question.maximum else "too small"
        return f"{value} is {fault}; allowed: {question.allowed}"
    if question.kind == "integer" and isinstance(value, str) and question.accepts(question.parse(value)):
        return f"{quoted(value)} is text; write the number without quotes"
    return f"{quoted(value)} is not valid; allowed: {question.allowed}{_example(question, value)}"


def _of_list(question: Refusing, value: object) -> str:
    allowed = question.allowed
    if not isinstance(value, (list, tuple)):
        items = question.parse(question.ask.example)
        example = f", for example [{', '.join(map(str, items))}]" if isinstance(items, list) and items else ""
        return f"{quoted(value)} is not a list; write {f'one{example}' if example else f'a list of {allowed}'}"
    wrong = _wrong_items(question, value)
    if not wrong:  # the list as a whole: an item twice, too many of them
        return f"the list {_items(value)} is not valid; allowed: {allowed}{_example(question, value)}"
    named = [f"item {index + 1} ({quoted(value[index])})" for index in wrong[:MAX_ITEMS]]
    named += [f"{len(wrong) - MAX_ITEMS} more"] if len(wrong) > MAX_ITEMS else []
    verb = "is" if len(wrong) == 1 else "are"
    where = quoted(value[0]) if len(value) == 1 else " and ".join(named)
    return f"{where} {verb} not valid; allowed: {allowed}{_example(question, value)}"


def _wrong_items(question: Refusing, value: Sequence[object]) -> list[int]:
    """Places of the items that are wrong each for itself."""
    try:
        question.adapter.validate_python(value, strict=True)
    except ValidationError as error:
        places = (one["loc"][0] for one in error.errors(include_input=False, include_url=False) if one["loc"])
        return sorted({place for place in places if isinstance(place, int) and place < len(value)})
    return []


def _example(question: Refusing, value: object) -> str:
    """An example, unless it is the refused value itself: another answer makes that wrong."""
    example = question.ask.example
    given = question.text(value) if isinstance(value, (list, tuple)) else str(value)
    return f", for example {example}" if example and given != example else ""


def quoted(value: object) -> str:
    """A value as a file has it, cleaned for a terminal."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return f"the list {_items(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = printable(str(value))
    return f'"{text}"' if isinstance(value, str) else text


def _items(value: Sequence[object]) -> str:
    return f"[{printable(', '.join(quoted(item) for item in value[:10]))}]"
