"""The arguments of a function call, and the registry of functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.arm_templates.errors import TemplateError
from installer.arm_templates.values import Lambda, PendingError, Unresolved, Value, type_name

if TYPE_CHECKING:
    from installer.arm_templates.frames import Frame, Locals

ORDINALS = ("first", "second", "third", "fourth", "fifth")
HELP = "Please see https://aka.ms/arm-functions for usage details."


@dataclass(slots=True)
class Arguments:
    """Evaluated arguments. The typed accessors raise TemplateError with the engine's text, or PendingError."""

    name: str
    values: list[Value | Lambda]
    frame: Frame
    locals: Locals
    single: bool = False

    def __len__(self) -> int:
        return len(self.values)

    def value(self, index: int) -> Value:
        """Any value, unresolved ones included; a lambda raises TemplateError."""
        value = self.values[index]
        if isinstance(value, Lambda):
            raise TemplateError(f"The template function 'lambda' is not valid. {HELP}")
        return value

    def resolved(self, index: int) -> Value:
        """Any value that is not unresolved itself (its members may be)."""
        value = self.value(index)
        if isinstance(value, Unresolved):
            raise PendingError
        return value

    def all_resolved(self) -> list[Value]:
        """Every argument, none of them unresolved as a whole."""
        return [self.resolved(index) for index in range(len(self.values))]

    def text(self, index: int) -> str:
        """A string."""
        value = self.resolved(index)
        if not isinstance(value, str):
            raise self.refusal(index, "String", type_name(value))
        return value

    def integer(self, index: int) -> int:
        """An integer."""
        value = self.resolved(index)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refusal(index, "Integer", type_name(value))
        return value

    def boolean(self, index: int) -> bool:
        """A boolean."""
        value = self.resolved(index)
        if not isinstance(value, bool):
            raise self.refusal(index, "Boolean", type_name(value))
        return value

    def array(self, index: int) -> list[Value]:
        """An array."""
        value = self.resolved(index)
        if not isinstance(value, list):
            raise self.refusal(index, "Array", type_name(value))
        return value

    def object(self, index: int) -> dict[str, Value]:
        """An object."""
        value = self.resolved(index)
        if not isinstance(value, dict):
            raise self.refusal(index, "Object", type_name(value))
        return value

    def function(self, index: int) -> Lambda:
        """A lambda."""
        value = self.values[index]
        if not isinstance(value, Lambda):
            raise self.refusal(index, "lambda", "Token")
        return value

    def refusal(self, index: int, expected: str, actual: str) -> TemplateError:
        """The error for an argument of the wrong type."""
        which = "its parameter" if self.single else f"its {ORDINALS[min(index, 4)]} parameter"
        return TemplateError(
            f"The template language function '{self.name}' expects {which} to be of type '{expected}'. "
            f"The provided value is of type '{actual}'. {HELP}"
        )

    def refusal_among(self, index: int, expected: str) -> TemplateError:
        """The error for an argument that has none of several types."""
        return TemplateError(
            f"The template language function '{self.name}' expects its {ORDINALS[min(index, 4)]} parameter to "
            f"be one of the following types '{expected}'. The provided value is of type "
            f"'{type_name(self.resolved(index))}'. {HELP}"
        )


def too_few(name: str, minimum: int) -> TemplateError:
    """The error for a call with fewer arguments than a function takes."""
    wanted = {1: "one parameter", 2: "two parameter"}.get(minimum, f"{minimum} parameters")
    return TemplateError(
        f"Unable to evaluate template language function '{name}'. At least {wanted} should be provided. {HELP}"
    )


Implementation = Callable[[Arguments], Value]


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the language.

    Attributes:
        maximum: None when it takes any number of arguments.
        lambdas: Whether it accepts lambdas.
        default_only: Whether it is allowed only in the default value of a parameter.

    """

    name: str
    implementation: Implementation
    minimum: int
    maximum: int | None
    lambdas: bool = False
    default_only: bool = False

    def takes(self, count: int) -> bool:
        """Whether it takes so many arguments."""
        return count >= self.minimum and (self.maximum is None or count <= self.maximum)

    def check(self, name: str, count: int) -> None:
        """Refuse a wrong number of arguments as the engine does."""
        if self.takes(count):
            return
        if self.maximum is None:
            raise too_few(name, self.minimum)
        if self.maximum == 0:
            raise TemplateError(
                f"The provided parameters for template language function '{name}' is not valid. The function "
                f"does not accept parameters. {HELP}"
            )
        if self.name in ("parameters", "variables", "lambdaVariables", "resourceInfo"):
            raise TemplateError(f"The template language function '{name}' must have only one parameter. {HELP}")
        exact = self.minimum == self.maximum
        wanted = str(self.minimum) if exact else f"between {self.minimum} and {self.maximum}"
        raise TemplateError(
            f"Unable to evaluate template language function '{name}': function requires {wanted} argument(s) "
            f"while {count} were provided. Please see https://aka.ms/arm-resource-functions/#{name} for usage "
            "details."
        )


FUNCTIONS: dict[str, Function] = {}


def function(
    name: str, minimum: int = 0, maximum: int | None = -1, *, lambdas: bool = False, default_only: bool = False
) -> Callable[[Implementation], Implementation]:
    """Register a function; without ``maximum`` it takes exactly ``minimum`` arguments."""

    def register(implementation: Implementation) -> Implementation:
        upper = minimum if maximum == -1 else maximum
        FUNCTIONS[name.lower()] = Function(name, implementation, minimum, upper, lambdas, default_only)
        return implementation

    return register
