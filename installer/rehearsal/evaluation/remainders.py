"""What remains of an access in a prediction where the template says too little of the resource it asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from installer.rehearsal.evaluation.expressions import Access, Call, Expression, Literal
from installer.rehearsal.evaluation.rendering import to_expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.rehearsal.evaluation.frames import Frame, Locals
    from installer.rehearsal.evaluation.values import Lambda, Value

Evaluate: TypeAlias = "Callable[[Expression, Frame, Locals], Value | Lambda]"

_STATES = {"reference", "references"}
_MAKERS = {"createobject", "createarray"}
_CONDITIONAL = {"if", "and", "or"}


def refers(tree: Expression, frame: Frame) -> bool:
    """Whether what is accessed comes from the state of a resource; all of a deployment's state is known."""
    while isinstance(tree, Access):
        tree = tree.target
    if not isinstance(tree, Call) or tree.name.lower() in _MAKERS:
        return False
    if tree.name.lower() in _STATES:
        named = tree.arguments[0]
        node = frame.symbols.get(str(named.value).lower()) if isinstance(named, Literal) else None
        return node is None or not node.is_deployment
    return any(refers(argument, frame) for argument in tree.arguments)


def remainder(tree: Expression, frame: Frame, scope: Locals, evaluate: Evaluate) -> Expression:
    """An access as it is left to the run: the function that it starts from with its arguments evaluated, but not itself.

    A function that does not look at all its arguments has those evaluated that it looked at.
    """
    if isinstance(tree, Access):
        return Access(remainder(tree.target, frame, scope, evaluate), tree.key)
    if not isinstance(tree, Call) or tree.name.lower() in _STATES:
        return tree
    if tree.name.lower() in _CONDITIONAL:
        return Call(tree.name, (remainder(tree.arguments[0], frame, scope, evaluate), *tree.arguments[1:]))
    seen: list[Expression] = []
    for argument in tree.arguments:
        value = evaluate(argument, frame, scope)
        seen.append(to_expression(value))
        if tree.name.lower() == "coalesce" and value is not None:
            break
    return Call(tree.name, (*seen, *tree.arguments[len(seen) :]))
