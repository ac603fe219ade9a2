"""Dependencies between the nodes of a plan, and the checks on them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from installer.arm_templates.errors import TemplateError
from installer.arm_templates.evaluator import resolve
from installer.arm_templates.frames import Session
from installer.arm_templates.nodes import Dependencies
from installer.arm_templates.values import find_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from installer.arm_templates.frames import Frame, ReferencedResource
    from installer.arm_templates.nodes import Node
    from installer.arm_templates.values import Value


_MAX_INSTANCES = 800
"""Documented limit of resources in a copy loop (azure/azure-resource-manager/templates/copy-resources)."""
_INSTANCE = re.compile(r"(.+)\[\d+\]\Z")


@dataclass(frozen=True)
class EmptyLoop:
    """A loop with a count of 0: its symbolic name, and the id that an instance would have, None beyond the last one."""

    symbol: str | None
    id_of: Callable[[int], str | None]

    def would_have(self, entry: str) -> bool:
        """Whether an instance of the loop is meant by its index, its id, its type and name, or its name."""
        found = _INSTANCE.match(entry)
        if found is not None and self.symbol is not None:
            return found[1] == self.symbol.lower()
        return entry in self._ids

    @cached_property
    def _ids(self) -> set[str]:
        found: set[str] = set()
        for index in range(_MAX_INSTANCES):
            own = self.id_of(index)
            if own is None or own.lower() in found:
                break  # no further instance, or a name without the index
            key = own.lower()
            found |= {key, key.rpartition("/providers/")[2], key.rpartition("/")[2]}
        return found


@dataclass(slots=True)
class Index:
    """The nodes of a plan by every name that dependsOn accepts, lower-case."""

    nodes: dict[str, Node] = field(default_factory=dict)
    groups: dict[str, list[Node]] = field(default_factory=dict)
    without_instances: set[str] = field(default_factory=set)
    empty_loops: list[EmptyLoop] = field(default_factory=list)
    on_reference: Callable[[ReferencedResource], None] | None = None
    _listening: Frame | None = None

    def listening(self, frame: Frame) -> Frame:
        """The names of a plan in a session that passes every referenced resource to ``on_reference``."""
        if self._listening is None:

            def pass_on(other: ReferencedResource) -> None:
                if self.on_reference is not None:
                    self.on_reference(other)

            self._listening = frame.in_session(Session(predicting=frame.session.predicting, referenced=pass_on))
        return self._listening

    def find(self, text: str) -> list[Node]:
        """The nodes with a symbolic name, loop name, id or name; empty when unknown."""
        key = text.lower().rstrip("/")
        if key not in self.nodes and key in self.groups:
            return self.groups[key]
        found = self.nodes.get(key) or self.nodes.get(key.rpartition("/providers/")[2])
        return [found] if found is not None else []

    def absent(self, entry: str) -> bool:
        """Whether an entry of dependsOn names what the template defines, but does not deploy this time.

        Resource Manager removes what is not deployed from the dependencies: learn.microsoft.com,
        azure/azure-resource-manager/templates/resource-dependency#dependent-conditional-resources.
        """
        return entry in self.without_instances or any(loop.would_have(entry) for loop in self.empty_loops)


def index_nodes(result: Index, nodes: Iterable[Node], frame: Frame) -> None:
    """Index the nodes, and register them as symbols of the frame for reference() and list*().

    Nodes of which at most one is deployed can have the same id and name: those mean the deployed one.
    """
    items = sorted(nodes, key=lambda node: node.excluded)
    for node in items:
        result.nodes.setdefault(node.key.lower(), node)
        if node.loop is not None:
            name = node.symbolic_name or node.loop.name
            for alias in {name.lower(), node.loop.name.lower()}:
                result.groups.setdefault(alias, []).append(node)
                frame.symbols.setdefault(f"{alias}[{node.index}]", node)
    items = [node for node in items if node.extension is None]
    for node in items:
        result.nodes.setdefault(node.id.lower(), node)
    for node in items:
        for alias in (_typed_name(node), node.name.lower()):
            if alias not in result.groups:
                result.nodes.setdefault(alias, node)
    for node in items:
        # A nested child can also be addressed by the name that the template gives it.
        alias = node.name.lower().rpartition("/")[2]
        if node.parent is not None and alias not in result.groups:
            result.nodes.setdefault(alias, node)
    for key, node in result.nodes.items():
        frame.symbols.setdefault(key, node)


def _typed_name(node: Node) -> str:
    return node.id.lower().rpartition("/providers/")[2]


def dependencies(known: Index, node: Node, frame: Frame) -> Dependencies:
    """The nodes that come before ``node``."""
    explicit, earlier = _explicit(known, node, frame), _earlier_batch(node)
    referenced = _referenced(known, node)
    parent = [node.parent] if node.parent is not None else []
    first = [other for member, other in referenced if member == "properties"]
    needed = [*explicit, *(other for _, other in referenced), *earlier, *parent]
    return Dependencies(
        all=_keys(node, [other for other in needed if not other.excluded]),
        predicted=_keys(node, [*first, *([] if earlier else explicit), *earlier, *parent]),
    )


def _referenced(known: Index, node: Node) -> list[tuple[str, ReferencedResource]]:
    """The resources that a node refers to. A node whose condition is false may be invalid: it is not evaluated."""
    try:
        return _referenced_by_body(known, node)
    except TemplateError:
        if node.excluded:
            return []
        raise


def _referenced_by_body(known: Index, node: Node) -> list[tuple[str, ReferencedResource]]:
    """The resources that the body refers to through reference() or list*(), with the member that does."""
    found: list[tuple[str, ReferencedResource]] = []
    member = [""]
    if node.existing:
        return found
    # One frame for all nodes, so that it evaluates each variable once; nodes nest, so the callback is put back.
    frame = known.listening(node.plan.frame)
    before, known.on_reference = known.on_reference, lambda other: found.append((member[0], other))
    try:
        node.evaluated(frame, lambda name: member.__setitem__(0, name))
        if node.outer_evaluation:
            member[0] = "properties"
            node.submitted_template(frame)
    finally:
        known.on_reference = before
    return found


def _keys(node: Node, others: Iterable[ReferencedResource]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(other.key for other in others if other is not node))


def _explicit(known: Index, node: Node, frame: Frame) -> list[Node]:
    key = find_key(node.definition, "dependsOn")
    try:
        entries: Value = resolve(node.definition[key], frame, replace(node.locals, phase="static")) if key else None
    except TemplateError as error:
        if node.excluded:
            return []
        raise node.plan.located_error(error, node.place, node.display_name) from None
    result: list[Node] = []
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, str):
            continue
        found = known.find(entry)
        if not found and not known.absent(entry.lower().rstrip("/")) and not frame.session.predicting:
            line, column = node.plan.position(node.place)
            raise TemplateError(
                f"The resource '{entry}' is not defined in the template. Please see https://aka.ms/arm-syntax for "
                "usage details.",
                line=line,
                column=column,
            )
        result += found
    return result


def _earlier_batch(node: Node) -> list[Node]:
    loop = node.loop
    if loop is None or not loop.batch_size:
        return []
    place = loop.nodes.index(node)
    start = place - place % loop.batch_size
    return loop.nodes[max(start - loop.batch_size, 0) : start]


def check(nodes: Sequence[Node]) -> None:
    """Refuse duplicate resources and circular dependencies."""
    seen: set[str] = set()
    for node in nodes:
        if node.existing or node.extension is not None:
            continue
        if node.id.lower() in seen:
            line, column = node.plan.position(node.place)
            raise TemplateError(
                f"The resource '{node.type}/{node.name}' at line '{line}' and column '{column}' is "
                "defined multiple times in a template. Please see https://aka.ms/arm-syntax-resources for usage "
                "details.",
                line=line,
                column=column,
            )
        seen.add(node.id.lower())
    _refuse_cycles(nodes)


def _refuse_cycles(nodes: Sequence[Node]) -> None:
    waiting = {node.key: set(node.depends_on) for node in nodes}
    while True:
        ready = [key for key, before in waiting.items() if not before & waiting.keys()]
        if not ready:
            break
        for key in ready:
            del waiting[key]
    if waiting:
        by_key = {node.key: node for node in nodes}
        first = by_key[next(iter(waiting))]
        line, column = first.plan.position(first.place)
        raise TemplateError(
            f"Circular dependency detected on resource: '{first.id}'. Please see "
            "https://aka.ms/arm-syntax-resources for usage details.",
            line=line,
            column=column,
        )
