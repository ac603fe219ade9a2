"""What remains of an access in a prediction where the template says too little of the resource it asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from installer.arm_templates.expressions import Access, Call, Expression, Literal
from installer.arm_templates.to_text import to_expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.arm_templates.frames import Frame, Locals
    from installer.arm_templates.values import Lambda, Value

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


def untouched(trees: tuple[Expression, ...], frame: Frame, scope: Locals) -> tuple[Expression, ...]:
    """Arguments that were not looked at, as a prediction shows them: resources named outright have their ids."""
    if not frame.session.predicting or scope.phase not in ("body", "output"):
        return trees
    return tuple(_named(tree, frame) for tree in trees)


def _named(tree: Expression, frame: Frame) -> Expression:
    if isinstance(tree, Access):
        return Access(_named(tree.target, frame), _named(tree.key, frame))
    if not isinstance(tree, Call):
        return tree
    arguments = tuple(_named(argument, frame) for argument in tree.arguments)
    name, first = tree.name.lower(), arguments[0] if arguments else None
    asks = name == "reference" or name.startswith("list")
    node = frame.symbols.get(str(first.value).lower()) if asks and isinstance(first, Literal) else None
    if node is None or node.extension is not None or (node.excluded and node.symbolic_name is None):
        return Call(tree.name, arguments)
    version = (Literal(node.api_version),) if name == "reference" and len(arguments) == 1 else arguments[1:]
    return Call(tree.name, (Literal(node.id), *version))
