"""Expands the resources section of a template: nested children, symbolic names, conditions, loops, scopes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from installer.arm_templates.batches import batch_size
from installer.arm_templates.errors import Place, TemplateError, UnknownCountError, path_text
from installer.arm_templates.evaluator import loop_count, loop_name, resolve
from installer.arm_templates.frames import STATIC
from installer.arm_templates.identifiers import child_name, declared_scope, identifier
from installer.arm_templates.nodes import Loop, Node, OwningPlan
from installer.arm_templates.ordering import EmptyLoop
from installer.arm_templates.resource_section import (
    USAGE,
    Source,
    bad_count,
    check_segments,
    missing_api_version,
    shown_name,
    sources,
    wrong_type,
)
from installer.arm_templates.scoping import target_scope
from installer.arm_templates.to_text import from_text, to_json
from installer.arm_templates.values import Unresolved, Value, find_key, type_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.arm_templates.frames import Locals
    from installer.arm_templates.ordering import Index
    from installer.jsontypes import Json


class UnfilledPlan(OwningPlan, Protocol):
    """A plan whose nodes are being created."""

    @property
    def root(self) -> Place:
        """Where the template starts in the submitted document."""

    @property
    def index(self) -> Index:
        """Names of the nodes, and of the resources without an instance."""


def instances(plan: UnfilledPlan) -> Iterator[Node]:
    """Every instance in template order, children after their parent; a false condition sets ``excluded``."""
    key = find_key(plan.frame.template, "resources")
    section = plan.frame.template[key] if key else None
    for source in sources(section, (*plan.root, "resources"), None):
        yield from _instances_of(plan, source, STATIC)


def _instances_of(plan: UnfilledPlan, source: Source, scope: Locals) -> Iterator[Node]:
    copy = source.definition.get("copy")
    if not isinstance(copy, dict):
        yield from _instance(plan, source, scope, None)
        return
    try:
        count = loop_count(copy, plan.frame, scope)
        loop = Loop(loop_name(copy, plan.frame, scope), batch_size(plan, source, copy, scope) if count else 0)
    except TemplateError as error:
        if error.message.startswith("The template 'copy' definition has"):
            raise bad_count(plan, source, copy, error) from None
        raise plan.located_error(error, source.place, shown_name(source)) from None
    if count is None:
        unknown = TemplateError("The copy count can not be evaluated before the deployment runs")
        located = plan.located_error(unknown, source.place, shown_name(source))
        raise UnknownCountError(located.message, path=located.path, line=located.line, column=located.column)
    if count == 0:
        names = {loop.name.lower(), (source.symbol or loop.name).lower()}
        plan.index.without_instances |= names
        plan.index.empty_loops.append(EmptyLoop(source.symbol, lambda index: _id_in(plan, source, scope, loop, index)))
    for index in range(count):
        yield from _instance(plan, source, scope.in_loop(loop.name, index), loop, index)


def _id_in(plan: UnfilledPlan, source: Source, scope: Locals, loop: Loop, index: int) -> str | None:
    """The id that an instance of a loop would have; None where its name cannot be evaluated, as beyond the end of a list."""
    try:
        return _node(plan, source, scope.in_loop(loop.name, index), loop, index).id
    except TemplateError:
        return None


def _instance(plan: UnfilledPlan, source: Source, scope: Locals, loop: Loop | None, index: int = 0) -> Iterator[Node]:
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
            own = str(source.symbol or definition.get("name")).lower()
            plan.index.without_instances |= (
                {own} if loop is None else {own, f"{own}[{index}]", f"{loop.name.lower()}[{index}]"}
            )
            return
        raise plan.located_error(error, source.place, shown_name(source)) from None
    node.excluded = included is False
    node.condition = included
    if loop is not None:
        loop.nodes.append(node)
    if node.symbolic_name is not None:
        plan.frame.symbols[node.key.lower()] = node  # resourceInfo() in the names of later resources
    yield node
    for child in sources(definition.get("resources"), (*source.place, "resources"), node):
        yield from _instances_of(plan, child, scope)


def _node(plan: UnfilledPlan, source: Source, scope: Locals, loop: Loop | None, index: int) -> Node:
    definition, parent = source.definition, source.parent
    if find_key(definition, "import") is not None or find_key(definition, "extension") is not None:
        return _extension_node(plan, source, scope, loop, index)
    raw_name = resolve(definition.get("name"), plan.frame, scope)
    kind = _text(plan, definition, "type", scope)
    own = _name(plan, source, kind, raw_name)
    inside = parent is not None and "." not in kind.partition("/")[0]
    if not isinstance(raw_name, Unresolved):
        check_segments(plan, source, kind, own, relative=inside)
    full_name: Value = raw_name if isinstance(raw_name, Unresolved) else own
    if parent is not None and inside:
        kind, full_name = f"{parent.type}/{kind}", child_name(from_text(parent.name), full_name)
    name = str(to_json(full_name))
    try:
        version = _text(plan, definition, "apiVersion", scope) if "apiVersion" in definition else None
    except TemplateError as error:
        raise plan.located_error(error, source.place, source.symbol or own) from None
    if version is None:
        raise missing_api_version(plan, source, name, kind)
    where = target_scope(plan, definition, scope)
    declared = declared_scope(plan, definition, scope, parent if inside else None)
    full_id = identifier(where, declared, kind, full_name)
    return Node(
        plan=plan,
        definition=definition,
        locals=replace(scope, phase="body"),
        place=source.place,
        key=_key(source, loop, index) or full_id,
        symbolic_name=source.symbol,
        id=full_id,
        type=kind,
        name=name,
        api_version=version,
        scope=where,
        existing=definition.get("existing") is True,
        loop=loop,
        index=index,
        parent=parent,
    )


def _key(source: Source, loop: Loop | None, index: int) -> str:
    if source.symbol is None:
        return ""
    return source.symbol if loop is None else f"{source.symbol}[{index}]"


def _extension_node(plan: UnfilledPlan, source: Source, scope: Locals, loop: Loop | None, index: int) -> Node:
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
        raise wrong_type(value)
    return value


def _name(plan: UnfilledPlan, source: Source, kind: str, value: Value) -> str:
    if isinstance(value, Unresolved):
        return str(to_json(value))
    if value is None or value == "":
        line, column = plan.position(source.place)
        raise TemplateError(
            f"The template resource '{shown_name(source)}' of type '{kind}' at line "
            f"'{line}' and column '{column}' is not valid. The name property cannot be null or empty. {USAGE}",
            path=path_text(source.place),
            line=line,
            column=column,
        )
    if isinstance(value, int) and value == source.definition.get("name"):
        return str(value)
    if not isinstance(value, str):
        raise wrong_type(value)
    return value
