"""Imports of the project's own modules, read from the source: those under TYPE_CHECKING and inside functions too."""

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("installer", "screens")


def module_name(path: Path) -> str:
    """Dotted name of a source file of the checkout."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def sources(*packages: str) -> Mapping[str, Path]:
    """Every module of these packages (default: the product's) with its file."""
    found = (path for package in packages or PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {module_name(path): path for path in found}


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Module to the modules that it imports; a package that is only on the way to a module does not count."""
    modules = sources()
    return {
        name: frozenset(_imported(ast.parse(path.read_text(encoding="utf-8")), modules) - {name})
        for name, path in modules.items()
    }


def _imported(tree: ast.AST, modules: Mapping[str, Path]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module in modules:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names} & modules.keys()
            found |= submodules
            if len(submodules) < len(node.names):
                found.add(node.module)
    return found


def by_room(depth: int = 2) -> dict[str, frozenset[str]]:
    """The same graph between rooms: packages of this depth, each module below counted to its room."""
    graph: dict[str, set[str]] = {}
    for name, targets in imports().items():
        home = _room(name, depth)
        graph.setdefault(home, set()).update({_room(it, depth) for it in targets} - {home})
    return {name: frozenset(targets) for name, targets in graph.items()}


def _room(name: str, depth: int) -> str:
    path = sources()[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    if package in PACKAGES and path.name != "__init__.py":
        return name  # a ground module counts as a room
    return ".".join(package.split(".")[:depth])


def circles(graph: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Groups of nodes that reach each other (Tarjan's strongly connected components of more than one node)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            at = stack.index(node)
            group, stack[at:] = stack[at:], []
            if len(group) > 1:
                found.append(tuple(sorted(group)))

    for node in graph:
        if node not in index:
            visit(node)
    return found
