"""The exception of this package, and the limits on the work that a template can cause."""

from __future__ import annotations

from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Place = tuple[str | int, ...]
P = ParamSpec("P")
T = TypeVar("T")


class TemplateError(Exception):
    """A template error with ARM's text.

    Attributes:
        code: ARM's error code, ``InvalidTemplate`` by default.
        message: ARM's text.
        path: Place in the template (``resources[0].name``).
        line: Counted from 1; 0 where the place is unknown.
        column: As ``line``.

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


class UnknownCountError(TemplateError):
    """A template that cannot be expanded before the run, because a copy count depends on it."""


def path_text(place: Place) -> str:
    """A place as ARM writes it: ``properties.template.resources[0]``."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


STEP_LIMIT = 1_000_000
_steps: ContextVar[list[int] | None] = ContextVar("steps", default=None)


def spend(steps: int = 1) -> None:
    """Count work against the limit of the outermost guarded call; TemplateError beyond it.

    A step is the evaluation of one function call, or the output of one value of a result.
    """
    left = _steps.get()
    if left is None:
        return
    left[0] -= steps
    if left[0] < 0:
        raise TemplateError(f"The template takes more than '{STEP_LIMIT}' steps to evaluate.")


def guarded(function: Callable[P, T]) -> Callable[P, T]:
    """Bound the cost of hostile input: too much nesting or too many steps raise a TemplateError."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if _steps.get() is not None:
            return function(*args, **kwargs)
        token = _steps.set([STEP_LIMIT])
        try:
            return function(*args, **kwargs)
        except RecursionError:
            raise TemplateError("The template is nested too deeply to be evaluated.") from None
        finally:
            _steps.reset(token)

    return call
