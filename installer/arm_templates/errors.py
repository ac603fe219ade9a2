"""The exceptions of this package."""

from __future__ import annotations

Place = tuple[str | int, ...]


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
