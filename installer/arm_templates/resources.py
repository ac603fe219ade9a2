"""Expands the resources section of a template: nested children, symbolic names, conditions, loops, scopes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from installer.arm_templates.errors import Place, TemplateError, UnknownCountError, path_text
from installer.arm_templates.evaluator import loop_count, loop_name, resolve
from installer.arm_templates.expressions import is_expression, quoted_expression
from installer.arm_templates.frames import STATIC
from installer.arm_templates.nodes import Loop, Node, OwningPlan
from installer.arm_templates.scoping import base_id, deferred_id, target_scope
from installer.arm_templates.to_text import to_json
from installer.arm_templates.values import Unresolved, Value, find_key, type_name
from installer.resource_id import resource_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.arm_templates.frames import Locals
    from installer.arm_templates.ordering import Index
    from installer.jsontypes import Json

USAGE = "Please see https://aka.ms/arm-syntax-resources for usage details."


class UnfilledPlan(OwningPlan, Protocol):
    """A plan whose nodes are being created."""

    @property
    def root(self) -> Place:
        """Where the template starts in the submitted document."""

    @property
    def index(self) -> Index:
        """Names of the nodes, and of the resources without an instance."""


@dataclass(slots=True)
class _Source:
    """One resource of the template: its definition, symbolic name and parent instance."""

    symbol: str | None
    definition: dict[str, Json]
    place: Place
    parent: Node | None = None


def instances(plan: UnfilledPlan) -> Iterator[Node]:
    """Every instance in template order, children after their parent; a false condition sets ``excluded``."""
    key = find_key(plan.frame.template, "resources")
    section = plan.frame.template[key] if key else None
    for source in _sources(section, (*plan.root, "resources"), None):
        yield from _instances_of(plan, source, STATIC)


def _sources(section: Json, place: Place, parent: Node | None) -> Iterator[_Source]:
    if isinstance(section, dict):
        for symbol, item in section.items():
            yield _Source(symbol, _object(item, (*place, symbol)), (*place, symbol), parent)
    elif isinstance(section, list):
        for index, item in enumerate(section):
            yield _Source(None, _object(item, (*place, index)), (*place, index), parent)
    elif section is not None:
        raise TemplateError("The template section 'resources' is not valid: it is neither an object nor an array.")


def _object(item: Json, place: Place) -> dict[str, Json]:
    if not isinstance(item, dict):
        raise TemplateError(f"The template resource '{place[-1]}' is not valid: it is not an object. {USAGE}")
    return item


def _instances_of(plan: UnfilledPlan, source: _Source, scope: Locals) -> Iterator[Node]:
    copy = source.definition.get("copy")
    if not isinstance(copy, dict):
        yield from _instance(plan, source, scope, None)
        return
    try:
        count = loop_count(copy, plan.frame, scope)
        loop = Loop(loop_name(copy, plan.frame, scope), _batch_size(plan, copy, scope))
    except TemplateError as error:
        if error.message.startswith("The template 'copy' definition has"):
            raise _bad_count(plan, source, copy, error) from None
        raise plan.located_error(error, source.place, _shown_name(source)) from None
    if count is None:
        unknown = TemplateError("The copy count can not be evaluated before the deployment runs")
        located = plan.located_error(unknown, source.place, _shown_name(source))
        raise UnknownCountError(located.message, path=located.path, line=located.line, column=located.column)
    plan.index.without_instances |= {loop.name.lower(), (source.symbol or loop.name).lower()} if count == 0 else set()
    for index in range(count):
        yield from _instance(plan, source, scope.in_loop(loop.name, index), loop, index)


def _bad_count(plan: UnfilledPlan, source: _Source, copy: dict[str, Json], error: TemplateError) -> TemplateError:
    literal = isinstance(copy.get("count"), str)
    line, column = plan.position((*source.place, "copy", "count") if literal else (*source.place, "copy"))
    text = error.message.replace(" has", f" at line '{line}' and column '{column}' has", 1)
    return error.wrapped(text).at(path_text((*source.place, "copy")), line, column)


def _batch_size(plan: UnfilledPlan, copy: dict[str, Json], scope: Locals) -> int:
    mode, size = resolve(copy.get("mode"), plan.frame, scope), resolve(copy.get("batchSize"), plan.frame, scope)
    if not isinstance(mode, str) or mode.lower() != "serial":
        return 0
    return size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else 1


def _instance(plan: UnfilledPlan, source: _Source, scope: Locals, loop: Loop | None, index: int = 0) -> Iterator[Node]:
    definition = source.definition
    included: Value = True
    try:
        included = resolve(definition.get("condition", True), plan.frame, scope)
        if not isinstance(included, bool | Unresolved):
            raise TemplateError(
                f"The condition of a resource must be a boolean, the value is of type '{type_name(included)}'"
            )
        node = _node(plan, source, scope, loop, index)
    except TemplateError as error:
        if included is False:
            plan.index.without_instances.add(str(source.symbol or definition.get("name")).lower())
            return
        raise plan.located_error(error, source.place, _shown_name(source)) from None
    node.excluded = included is False
    node.condition = included
    if loop is not None:
        loop.nodes.append(node)
    yield node
    for child in _sources(definition.get("resources"), (*source.place, "resources"), node):
        yield from _instances_of(plan, child, scope)


def _node(plan: UnfilledPlan, source: _Source, scope: Locals, loop: Loop | None, index: int) -> Node:
    definition, parent = source.definition, source.parent
    kind = _text(plan, definition, "type", scope)
    if find_key(definition, "import") is not None or find_key(definition, "extension") is not None:
        return _extension_node(plan, source, scope, loop, index)
    raw_name = resolve(definition.get("name"), plan.frame, scope)
    own = _name(plan, source, kind, raw_name)
    inside = parent is not None and "." not in kind.partition("/")[0]
    if not isinstance(raw_name, Unresolved):
        _check_segments(plan, source, kind, own, relative=inside)
    kind, name = (f"{parent.type}/{kind}", f"{parent.name}/{own}") if parent is not None and inside else (kind, own)
    try:
        version = _text(plan, definition, "apiVersion", scope) if "apiVersion" in definition else None
    except TemplateError as error:
        raise plan.located_error(error, source.place, source.symbol or own) from None
    if version is None:
        raise _missing_api_version(plan, source, name, kind)
    where = target_scope(plan, definition, scope)
    base = base_id(plan, definition, scope, where, parent if inside else None)
    if isinstance(raw_name, Unresolved):
        identifier = deferred_id(where, base, kind, raw_name)
    else:
        identifier = resource_id(base, kind, name)
    return Node(
        plan=plan,
        definition=definition,
        locals=replace(scope, phase="body"),
        place=source.place,
        key=_key(source, loop, index) or identifier,
        symbolic_name=source.symbol,
        id=identifier,
        type=kind,
        name=name,
        api_version=version,
        scope=where,
        existing=definition.get("existing") is True,
        loop=loop,
        index=index,
        parent=parent,
    )


def _key(source: _Source, loop: Loop | None, index: int) -> str:
    if source.symbol is None:
        return ""
    return source.symbol if loop is None else f"{source.symbol}[{index}]"


def _extension_node(plan: UnfilledPlan, source: _Source, scope: Locals, loop: Loop | None, index: int) -> Node:
    """A node for a resource of an extension: predicted as written, but not deployable."""
    node = Node(
        plan=plan,
        definition=source.definition,
        locals=replace(scope, phase="body"),
        place=source.place,
        key=_key(source, loop, index),
        symbolic_name=source.symbol,
        id="",
        type=_text(plan, source.definition, "type", scope),
        name="",
        api_version="",
        scope=plan.context.scope,
        existing=source.definition.get("existing") is True,
        loop=loop,
        index=index,
    )
    if plan.frame.session.runtime is not None:
        raise TemplateError(
            f"The resource '{node.key}' of type '{node.type}' belongs to the extension '{node.extension}', which is not "
            f"available here. {USAGE}"
        )
    return node


def _text(plan: UnfilledPlan, definition: dict[str, Json], key: str, scope: Locals) -> str:
    value = resolve(definition.get(key), plan.frame, scope)
    if isinstance(value, Unresolved):
        return str(to_json(value))
    if not isinstance(value, str):
        raise _wrong_type(value)
    return value


def _wrong_type(value: Value) -> TemplateError:
    shown = {"Array": "[array]", "Object": "[object]"}.get(type_name(value), str(to_json(value)))
    return TemplateError(
        f"Evaluation result of language expression '{shown}' is type '{type_name(value)}', expected type is 'String'."
    )


def _name(plan: UnfilledPlan, source: _Source, kind: str, value: Value) -> str:
    if isinstance(value, Unresolved):
        return str(to_json(value))
    if value is None or value == "":
        line, column = plan.position(source.place)
        raise TemplateError(
            f"The template resource '{_shown_name(source)}' of type '{kind}' at line "
            f"'{line}' and column '{column}' is not valid. The name property cannot be null or empty. {USAGE}",
            path=path_text(source.place),
            line=line,
            column=column,
        )
    if isinstance(value, int) and value == source.definition.get("name"):
        return str(value)
    if not isinstance(value, str):
        raise _wrong_type(value)
    return value


def _shown_name(source: _Source) -> str:
    """The name of a resource in errors: its symbolic name, or the expression of its name."""
    written = source.definition.get("name")
    if source.symbol is not None:
        return source.symbol
    if isinstance(written, str) and is_expression(written):
        return quoted_expression(written)
    return f"resources[{source.place[-1]}]" if written is None else str(written)


def _missing_api_version(plan: UnfilledPlan, source: _Source, name: str, kind: str) -> TemplateError:
    line, column = plan.position(source.place)
    return TemplateError(
        f"The template resource '{name}' is not valid. The api-version property at line '{line}' and column "
        f"'{column}' is not defined. The api-profile '<null>' for the template does not match any valid api-version "
        f"for the resource type '{kind}'.  Either explicitly specify the api-version for the resource or specify "
        f"the correct api-profile for the template.. {USAGE}",
        path=path_text(source.place),
        line=line,
        column=column,
    )


def _check_segments(plan: UnfilledPlan, source: _Source, kind: str, name: str, *, relative: bool) -> None:
    """Refuse a name whose number of segments does not match its type."""
    expected, actual = kind.count("/") + relative, name.count("/") + 1
    if expected == actual:
        return
    line, column = plan.position((*source.place, "type"))
    parent = f" with parent resource '{source.parent.display_name}'" if source.parent is not None else ""
    wanted = expected if source.parent is None else kind.count("/") + 1
    raise TemplateError(
        f"The template resource '{name}' of type '{kind}' at line '{line}' and column '{column}'{parent} has an invalid "
        f"name. The name '{name}' contains '{actual}' name segment(s) separated by '/', but '{wanted}' segment(s) were "
        f"expected. {USAGE}"
    ).at(path_text(source.place), line, column)
