"""The one exception of this package: what ARM says when a template cannot be used."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Place = tuple[str | int, ...]
P = ParamSpec("P")
T = TypeVar("T")


class TemplateError(Exception):
    """A refusal in ARM's words.

    ``code`` is ARM's error code (``InvalidTemplate`` unless said otherwise), ``message`` its text, ``path``
    the place in the template (``resources[0].name``), ``line`` and ``column`` count from 1 and are 0 where
    the place is unknown.
    """

    def __init__(
        self, message: str, *, code: str = "InvalidTemplate", path: str = "", line: int = 0, column: int = 0
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path
        self.line = line
        self.column = column

    def at(self, path: str, line: int = 0, column: int = 0) -> TemplateError:
        """The same error with a place, unless it already has one."""
        if self.path:
            return self
        return TemplateError(self.message, code=self.code, path=path, line=line, column=column)

    def wrapped(self, message: str) -> TemplateError:
        """The same code and place under a longer message."""
        return TemplateError(message, code=self.code, path=self.path, line=self.line, column=self.column)


def path_text(place: Place) -> str:
    """A place as ARM writes it: ``properties.template.resources[0]``."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def guarded(function: Callable[P, T]) -> Callable[P, T]:
    """Turn exhaustion of the interpreter's stack by hostile nesting into a TemplateError."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except RecursionError:
            raise TemplateError("The template is nested too deeply to be evaluated.") from None

    return call
