"""The limits on what a template can cause, so that a hostile one exhausts neither memory nor time.

Real templates make large values and many calls: they are limited by the size of one value, by the growth of all of them
together, and by the time of the processor, not by the number of calls.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from installer.arm_templates.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.arm_templates.values import Value

P = ParamSpec("P")
T = TypeVar("T")

TEXT_LIMIT: Final = 4 * 1024 * 1024
"""Characters of one text."""
SIZE_LIMIT: Final = 1_000_000
"""Values in one value, at any depth."""
GROWTH_LIMIT = 20_000_000
"""Values that all results have together."""
TIME_LIMIT = 60.0
"""Seconds of processor time for one plan, body or output."""
_STEPS_BETWEEN_LOOKS: Final = 4096

TOO_LARGE: Final = f"The result of an expression has more than '{SIZE_LIMIT}' values."
TOO_MUCH: Final = f"The template makes more than '{GROWTH_LIMIT}' values."
TOO_LONG: Final = f"The template takes more than '{TIME_LIMIT:g}' seconds to evaluate."
TOO_DEEP: Final = "The template is nested too deeply to be evaluated."


@dataclass(slots=True)
class _Budget:
    """The remaining budget of the outermost guarded call."""

    growth: int = field(default_factory=lambda: GROWTH_LIMIT)
    steps: int = _STEPS_BETWEEN_LOOKS
    until: float = field(default_factory=lambda: time.thread_time() + TIME_LIMIT)


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


def spend(steps: int = 1) -> None:
    """Count steps, of which one is about the evaluation of a call; TemplateError when the time is over."""
    budget = _budget.get()
    if budget is None:
        return
    budget.steps -= steps
    if budget.steps < 0:
        budget.steps = _STEPS_BETWEEN_LOOKS
        if time.thread_time() > budget.until:
            raise TemplateError(TOO_LONG)


def grow(values: int = 1) -> None:
    """Count new values; TemplateError where they are too many."""
    budget = _budget.get()
    if budget is None:
        return
    budget.growth -= values
    if budget.growth < 0:
        raise TemplateError(TOO_MUCH)


def bounded(value: Value) -> Value:
    """A new value, which is not too large."""
    if isinstance(value, str):
        if len(value) > TEXT_LIMIT:
            raise TemplateError(f"The result of an expression is longer than '{TEXT_LIMIT}' characters.")
        grow(len(value) >> 8)
    elif isinstance(value, list | dict):
        charge_size(value)
    return value


def charge_size(value: Value) -> None:
    """Refuse a container with too many values in it, counted without recursion."""
    if not isinstance(value, list | dict):
        return
    grow(len(value))
    waiting: list[Value] = [value]
    left = SIZE_LIMIT
    while waiting:
        item = waiting.pop()
        if isinstance(item, list | dict):
            left -= len(item)
            if left < 0:
                raise TemplateError(TOO_LARGE)
            waiting += item.values() if isinstance(item, dict) else item
    spend((SIZE_LIMIT - left) >> 4)


def guarded(function: Callable[P, T]) -> Callable[P, T]:
    """Bound the cost of hostile input: too much nesting, growth or time raises a TemplateError."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if _budget.get() is not None:
            return function(*args, **kwargs)
        token = _budget.set(_Budget())
        try:
            return function(*args, **kwargs)
        except RecursionError:
            raise TemplateError(TOO_DEEP) from None
        finally:
            _budget.reset(token)

    return call
