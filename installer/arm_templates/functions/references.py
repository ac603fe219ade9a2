"""reference(), references() and list*(): how they find their resource, and their result before the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.arguments import HELP
from installer.arm_templates.deferred_scope import is_known, prefix
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.expressions import Call, Expression, Literal, render
from installer.arm_templates.template_language import require_version
from installer.arm_templates.to_text import from_text, to_expression, to_json
from installer.arm_templates.values import PendingError, Unresolved, Value, as_value, predicted_value

if TYPE_CHECKING:
    from installer.arm_templates.arguments import Arguments
    from installer.arm_templates.frames import Frame, ReferencedResource


def _target(frame: Frame, text: str) -> ReferencedResource | None:
    """The resource of this template with a symbolic name, name or id."""
    found = frame.symbols.get(text.lower())
    if found is not None and frame.session.referenced is not None:
        frame.session.referenced(found)
    if found is not None and found.excluded and found.symbolic_name is None and frame.session.predicting:
        # A prediction ignores a resource that is not deployed, unless it is addressed by its symbolic name.
        return None
    return found


def _rest(arguments: Arguments, start: int) -> tuple[Expression, ...]:
    return tuple(to_expression(value) for value in arguments.values[start:])


def _only_in_bodies(arguments: Arguments) -> None:
    if arguments.locals.phase == "static":
        raise TemplateError(f"The template function '{arguments.name}' is not expected at this location. {HELP}")


def reference(arguments: Arguments) -> Value:
    """The state of one resource: queried from the runtime, or unresolved with its id filled in."""
    _only_in_bodies(arguments)
    frame = arguments.frame
    target_text = arguments.text(0)
    target = _target(frame, target_text)
    if frame.session.predicting and arguments.locals.phase == "metadata":
        raise PendingError
    full = len(arguments) > 2 and arguments.text(2).lower() == "full"
    version = arguments.text(1) if len(arguments) > 1 else None
    identifier = target.id if target else target_text
    if target is not None and target.extension is not None:
        return _declared_state(frame, target, Call(arguments.name, _rest(arguments, 0)), full=full)
    if target is not None and version is None:
        version = target.api_version
    if target is None:
        identifier = absolute_id(frame, identifier)
    runtime = frame.session.runtime
    if runtime is not None and not frame.session.predicting:
        return as_value(runtime.reference(_require_id(identifier), version, full=full))
    shown: list[Expression] = [to_expression(from_text(identifier))]
    if version is not None:
        shown.append(Literal(version))
    expression = Call(arguments.name, (*shown, *_rest(arguments, 2)))
    if frame.session.predicting and target is not None and str(version).lower() != target.api_version.lower():
        # The definition describes the resource in the API version that it is deployed with only.
        return Unresolved(expression)
    if target is None or not target.is_deployment:
        return _declared_state(frame, target, expression, full=full)
    if target.excluded or (frame.session.predicting and target.undecided):
        return Unresolved(expression)
    if frame.predicts_references and (state := target.predicted_state()) is not None:
        return {"Properties": state} if full else state
    if frame.session.predicting or target.opaque:
        return Unresolved(expression)
    known = {"outputs": target.predicted_outputs()}
    return Unresolved(expression, {"properties": Unresolved(expression, known)} if full else known)


def _declared_state(frame: Frame, target: ReferencedResource | None, expression: Expression, *, full: bool) -> Value:
    """The state of a resource from its definition where a snapshot would use that, else unresolved."""
    declared = target.declared_properties() if target is not None and frame.predicts_references else None
    if declared is None:
        return Unresolved(expression)
    return predicted_value({"Properties": declared} if full else declared, expression)


def references(arguments: Arguments) -> Value:
    """The states of all instances of a loop, in their order."""
    _only_in_bodies(arguments)
    frame = arguments.frame
    name = arguments.text(0).lower()
    nodes = [node for key, node in frame.symbols.items() if key.startswith(f"{name}[") and not node.excluded]
    if frame.session.referenced is not None:
        for node in nodes:
            frame.session.referenced(node)
    if frame.session.predicting and arguments.locals.phase == "metadata":
        raise PendingError
    values: list[Value] = []
    for node in nodes:
        full = len(arguments) > 1 and arguments.text(len(arguments) - 1).lower() == "full"
        runtime = frame.session.runtime
        if runtime is not None and not frame.session.predicting:
            values.append(as_value(runtime.reference(node.id, node.api_version, full=full)))
        else:
            tail = (Literal("full"),) if full else ()
            expression = Call("reference", (to_expression(from_text(node.id)), Literal(node.api_version), *tail))
            values.append(_declared_state(frame, node, expression, full=full))
    return values


def resource_info(arguments: Arguments) -> Value:
    """Name, type, id and API version of a resource with a symbolic name, as the template has them."""
    require_version(arguments.frame.template, "ResourceInfoFunction")
    name = arguments.text(0)
    found = arguments.frame.symbols.get(name.lower())
    instance = name.endswith("]")
    if found is None and _names_a_loop(arguments.frame, name):
        raise TemplateError(
            "The template function 'copyIndex' is not valid. Please see https://aka.ms/arm-functions for usage details."
        )
    if found is None or found.symbolic_name is None or found.key != name:
        raise TemplateError(
            f"The template resource '{name}' is not found. Please see https://aka.ms/arm-syntax for usage details."
        )
    # The id of an instance lacks the scope of the template, as the engine has it: snapshots of the compiler.
    where, mark, own = found.id.rpartition("/providers/")
    here = instance and where == arguments.frame.context.scope.id
    identifier = f"{mark}{own}" if here else found.id
    info = {"name": found.name, "type": found.type, "id": identifier, "apiVersion": found.api_version}
    return {key: from_text(text) for key, text in info.items()}


def _names_a_loop(frame: Frame, name: str) -> bool:
    """Whether a symbolic name is that of a loop whose name needs the index of an instance."""
    first = frame.symbols.get(f"{name.lower()}[0]")
    return first is not None and first.symbolic_name is not None


def listed(arguments: Arguments) -> Value:
    """The result of a list* action: queried from the runtime, or unresolved with the id filled in."""
    _only_in_bodies(arguments)
    frame = arguments.frame
    first = arguments.value(0) if len(arguments) else None
    target = _target(frame, first) if isinstance(first, str) else None
    runtime = frame.session.runtime
    if runtime is not None and not frame.session.predicting:
        arguments.all_resolved()
        version = arguments.text(1) if len(arguments) > 1 else None
        body = to_json(arguments.value(2)) if len(arguments) > 2 else None
        identifier = target.id if target else _require_id(absolute_id(frame, arguments.text(0)))
        return as_value(runtime.invoke(arguments.name, identifier, version, body))
    if target is None and not isinstance(first, str):
        raise PendingError
    identifier = target.id if target is not None else absolute_id(frame, str(first))
    return Unresolved(Call(arguments.name, (to_expression(from_text(identifier)), *_rest(arguments, 1))))


def absolute_id(frame: Frame, text: str) -> str:
    """The id of a resource given by type and name only, ``Namespace/type/name``, in the scope of the template."""
    if text.startswith("/") or "/" not in text:
        return text
    where = frame.context.scope
    if not is_known(where):
        return f"[{render(Call('concat', (*prefix(where), Literal(text))))}]"
    return f"{where.id}/providers/{text}"


def _require_id(text: str) -> str:
    if text.startswith("/"):
        return text
    raise TemplateError(
        f"The resource '{text}' is not defined in the template. Please see https://aka.ms/arm-syntax for usage details."
    )
