"""The rest of a property access in a prediction, where the definition of the resource lacks the member."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from installer.arm_templates.expressions import Access, Call, Expression, Literal
from installer.arm_templates.to_text import from_text, to_expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.arm_templates.frames import Frame, Locals
    from installer.arm_templates.values import Lambda, Value

Evaluate: TypeAlias = "Callable[[Expression, Frame, Locals], Value | Lambda]"

_STATES = {"reference", "references"}
_MAKERS = {"createobject", "createarray"}
_CONDITIONAL = {"if", "and", "or"}


def refers_to_state(tree: Expression, frame: Frame) -> bool:
    """Whether an expression accesses the state of a resource; the state of a deployment is known and does not count."""
    while isinstance(tree, Access):
        tree = tree.target
    if not isinstance(tree, Call) or tree.name.lower() in _MAKERS:
        return False
    if tree.name.lower() in _STATES:
        named = tree.arguments[0]
        node = frame.symbols.get(str(named.value).lower()) if isinstance(named, Literal) else None
        return node is None or not node.is_deployment
    return any(refers_to_state(argument, frame) for argument in tree.arguments)


def remainder(tree: Expression, frame: Frame, scope: Locals, evaluate: Evaluate) -> Expression:
    """An access as it is left to the run: the arguments of its innermost function are evaluated, the function is not.

    Arguments that the function would not evaluate stay as they are.
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


def unevaluated(trees: tuple[Expression, ...], frame: Frame, scope: Locals) -> tuple[Expression, ...]:
    """Unevaluated arguments as a prediction renders them: a resource named literally is replaced by its id."""
    if scope.loops:
        trees = tuple(_with_index(tree, scope) for tree in trees)
    if not frame.session.predicting or scope.phase not in ("body", "output"):
        return trees
    return tuple(_with_ids(tree, frame) for tree in trees)


def _with_index(tree: Expression, scope: Locals) -> Expression:
    """An expression that no longer depends on the loop around it."""
    if isinstance(tree, Access):
        return Access(_with_index(tree.target, scope), _with_index(tree.key, scope))
    if not isinstance(tree, Call):
        return tree
    arguments = tuple(_with_index(argument, scope) for argument in tree.arguments)
    if tree.name.lower() != "copyindex" or not all(isinstance(argument, Literal) for argument in arguments):
        return Call(tree.name, arguments)
    values = [argument.value for argument in arguments if isinstance(argument, Literal)]
    name = next((value.lower() for value in values if isinstance(value, str)), scope.loop)
    offset = next((value for value in values if isinstance(value, int)), 0)
    if name is None or name not in scope.loops:
        return tree
    return Literal(scope.loops[name] + offset)


def _with_ids(tree: Expression, frame: Frame) -> Expression:
    if isinstance(tree, Access):
        return Access(_with_ids(tree.target, frame), _with_ids(tree.key, frame))
    if not isinstance(tree, Call):
        return tree
    arguments = tuple(_with_ids(argument, frame) for argument in tree.arguments)
    name, first = tree.name.lower(), arguments[0] if arguments else None
    queries = name == "reference" or name.startswith("list")
    node = frame.symbols.get(str(first.value).lower()) if queries and isinstance(first, Literal) else None
    if node is None or node.extension is not None or (node.excluded and node.symbolic_name is None):
        return Call(tree.name, arguments)
    version = (Literal(node.api_version),) if name == "reference" and len(arguments) == 1 else arguments[1:]
    return Call(tree.name, (to_expression(from_text(node.id)), *version))
