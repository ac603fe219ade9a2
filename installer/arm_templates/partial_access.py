"""The rest of a property access in a prediction, where the definition of the resource lacks the member."""

from __future__ import annotations

from functools import partial
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
    """Unevaluated arguments as a prediction renders them.

    Indexes of the loops around them are filled in, and a resource named literally is replaced by its id.
    """
    changes: list[Callable[[Call], Expression]] = []
    if scope.loops:
        changes.append(partial(_with_index, scope=scope))
    if frame.session.predicting and scope.phase in ("body", "output"):
        changes.append(partial(_with_id, frame=frame))
    for change in changes:
        trees = tuple(_changed(tree, change) for tree in trees)
    return trees


def _changed(tree: Expression, change: Callable[[Call], Expression]) -> Expression:
    """An expression in which every call is changed, its arguments before it."""
    if isinstance(tree, Access):
        return Access(_changed(tree.target, change), _changed(tree.key, change))
    if not isinstance(tree, Call):
        return tree
    return change(Call(tree.name, tuple(_changed(argument, change) for argument in tree.arguments)))


def _with_index(call: Call, scope: Locals) -> Expression:
    """The index in place of a call that asks for that of a loop around it."""
    literals = [argument.value for argument in call.arguments if isinstance(argument, Literal)]
    if call.name.lower() != "copyindex" or len(literals) != len(call.arguments):
        return call
    name = next((value.lower() for value in literals if isinstance(value, str)), scope.loop)
    offset = next((value for value in literals if isinstance(value, int)), 0)
    return call if name is None or name not in scope.loops else Literal(scope.loops[name] + offset)


def _with_id(call: Call, frame: Frame) -> Expression:
    """A query of a resource by its id."""
    name, first = call.name.lower(), call.arguments[0] if call.arguments else None
    queries = name == "reference" or name.startswith("list")
    node = frame.symbols.get(str(first.value).lower()) if queries and isinstance(first, Literal) else None
    if node is None or node.extension is not None or (node.excluded and node.symbolic_name is None):
        return call
    version = (Literal(node.api_version),) if name == "reference" and len(call.arguments) == 1 else call.arguments[1:]
    return Call(call.name, (to_expression(from_text(node.id)), *version))
