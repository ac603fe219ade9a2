"""A scope of which a part is known only during the run: the text of that part is an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.expressions import Expression, Literal, is_expression
from installer.arm_templates.to_text import from_text, to_expression

if TYPE_CHECKING:
    from installer.arm_templates.scopes import Scope


def is_known(where: Scope) -> bool:
    """Whether subscription and resource group are known before the run."""
    return not any(is_expression(part or "") for part in (where.subscription_id, where.resource_group))


def prefix(where: Scope) -> tuple[Expression, ...]:
    """The pieces of the id of a scope, up to the providers."""
    pieces: list[Expression] = []
    for segment, part in (("/subscriptions/", where.subscription_id), ("/resourceGroups/", where.resource_group)):
        if part is not None:
            pieces += [Literal(segment), to_expression(from_text(part))]
    if where.management_group is not None:
        pieces += [Literal("/providers/Microsoft.Management/managementGroups/"), Literal(where.management_group)]
    return (*pieces, Literal("/providers/"))
