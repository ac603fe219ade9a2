"""Limits on the size of values, so that hostile templates cannot exhaust memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.errors import TemplateError, spend

if TYPE_CHECKING:
    from installer.arm_templates.values import Value

TEXT_LIMIT = 4 * 1024 * 1024


def bounded(value: Value) -> Value:
    """Charge a new value by its size, so that values cannot double without limit."""
    if isinstance(value, str):
        if len(value) > TEXT_LIMIT:
            raise TemplateError(f"The result of an expression is longer than '{TEXT_LIMIT}' characters.")
        spend(len(value) >> 8)
    elif isinstance(value, list | dict):
        charge_size(value)
    return value


def charge_size(value: Value) -> None:
    """Charge a container by the number of values in it, counted without recursion."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list | dict):
            spend(len(item))
            waiting += item.values() if isinstance(item, dict) else item
