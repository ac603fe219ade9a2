"""Arithmetic and comparison: 64-bit integers, and strings in the order of the invariant culture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.arguments import HELP, Arguments, function
from installer.arm_templates.collation import collation_key
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.values import PendingError, Unresolved, Value, equal

if TYPE_CHECKING:
    from collections.abc import Callable

SMALLEST, LARGEST = -(2**63), 2**63 - 1
RANGE_COUNT_LIMIT = 10_000
RANGE_SUM_LIMIT = 2**31 - 1


def _arithmetic(name: str, operation: Callable[[int, int], int]) -> None:
    def implementation(arguments: Arguments) -> Value:
        left, right = arguments.integer(0), arguments.integer(1)
        result = operation(left, right)
        if not SMALLEST <= result <= LARGEST:
            raise TemplateError(
                f"The template language function '{arguments.name}' overflowed with the operants '{left}' and "
                f"'{right}'. {HELP}"
            )
        return result

    function(name, 2)(implementation)


_arithmetic("add", lambda left, right: left + right)
_arithmetic("sub", lambda left, right: left - right)
_arithmetic("mul", lambda left, right: left * right)


def _quotient(arguments: Arguments) -> tuple[int, int]:
    left, right = arguments.integer(0), arguments.integer(1)
    if right == 0:
        raise TemplateError(f"The template language function '{arguments.name}' tried to divide by zero. {HELP}")
    magnitude = abs(left) // abs(right)
    quotient = magnitude if (left < 0) == (right < 0) else -magnitude
    return quotient, left - quotient * right


@function("div", 2)
def _div(arguments: Arguments) -> Value:
    return _quotient(arguments)[0]


@function("mod", 2)
def _mod(arguments: Arguments) -> Value:
    return _quotient(arguments)[1]


def _extreme(name: str, choose: Callable[[list[int | float]], int | float]) -> None:
    def implementation(arguments: Arguments) -> Value:
        values = arguments.all_resolved()
        if len(values) == 1 and isinstance(values[0], list):
            values = values[0]
        if not values:
            raise TemplateError(
                f"Unable to evaluate template language function '{arguments.name}'. At least one parameter "
                f"should be provided. {HELP}"
            )
        return choose(_numbers(arguments.name, values))

    function(name, 1, None)(implementation)


def _numbers(name: str, values: list[Value]) -> list[int | float]:
    numbers: list[int | float] = []
    for value in values:
        if isinstance(value, Unresolved):
            raise PendingError
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TemplateError(
                f"The provided arguments for template language function '{name}' is not valid: all function "
                f"arguments should be of numeric types. Please see https://aka.ms/arm-functions#{name} for "
                "usage details."
            )
        numbers.append(value)
    return numbers


_extreme("min", min)
_extreme("max", max)


def _comparison(name: str, decide: Callable[[int], bool]) -> None:
    def implementation(arguments: Arguments) -> Value:
        left, right = arguments.all_resolved()
        if isinstance(left, str) or isinstance(right, str):
            first, second = collation_key(arguments.text(0)), collation_key(arguments.text(1))
            return decide((first > second) - (first < second))
        one, two = _numbers(arguments.name, [left, right])
        return decide((one > two) - (one < two))

    function(name, 2)(implementation)


_comparison("less", lambda sign: sign < 0)
_comparison("lessOrEquals", lambda sign: sign <= 0)
_comparison("greater", lambda sign: sign > 0)
_comparison("greaterOrEquals", lambda sign: sign >= 0)


@function("equals", 2)
def _equals(arguments: Arguments) -> Value:
    return equal(arguments.value(0), arguments.value(1))


@function("not", 1)
def _not(arguments: Arguments) -> Value:
    return not arguments.boolean(0)


@function("true")
def _true(arguments: Arguments) -> Value:  # noqa: ARG001 - every implementation is called with its arguments
    return True


@function("false")
def _false(arguments: Arguments) -> Value:  # noqa: ARG001 - every implementation is called with its arguments
    return False


@function("null")
def _null(arguments: Arguments) -> Value:  # noqa: ARG001 - every implementation is called with its arguments
    return None


@function("range", 2)
def _range(arguments: Arguments) -> Value:
    start, count = arguments.integer(0), arguments.integer(1)
    if not 0 <= count <= RANGE_COUNT_LIMIT or start + max(count - 1, 0) > RANGE_SUM_LIMIT:
        raise TemplateError(
            f"The template language function '{arguments.name}' parameters are out of range: 'count' must be a "
            "positive integer no larger than 1000 and the sum of 'start index' and 'count' must be no larger "
            f"than {RANGE_SUM_LIMIT}. Please see https://aka.ms/arm-function-range for usage details."
        )
    return list(range(start, start + count))
