"""Entrypoints: whether a file of the project defines the flow, found in its syntax tree without running it."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from installer.flow_project.source import decoded

_FILE: Final = re.compile(r"(?P<file>[^:]+\.py):(?P<name>[A-Za-z_]\w*(\.[A-Za-z_]\w*)?)")
_MODULE: Final = re.compile(
    r"(?P<module>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)(\.(?P<last>[A-Za-z_]\w*)|:(?P<name>[A-Za-z_]\w*(\.[A-Za-z_]\w*)?))"
)
"""As import_object of prefect 3.8.8 (utilities/importtools.py) takes them."""


@dataclass(frozen=True)
class Found:
    """An entrypoint: the name of its flow, "" if the code computes it, or its problem."""

    flow: str = ""
    problem: str = ""


def find_flow(files: Mapping[str, bytes], entrypoint: str) -> Found:
    """The flow of an entrypoint: "folder/file.py:function", "package.module.function" or "package.module:function"."""
    match = _FILE.fullmatch(entrypoint) or _MODULE.fullmatch(entrypoint)
    if match is None:
        return Found(problem=f'entrypoint "{entrypoint}" is not valid; write it as file.py:function')
    parts = match.groupdict()
    file = _file_of(files, parts)
    if file is None:
        return Found(problem=f'entrypoint "{entrypoint}": the project has no such file')
    text = decoded(files, file)
    try:
        tree = ast.parse(text or "", filename=file)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        return Found(problem=f"{file}{line}: not valid Python: {getattr(error, 'msg', error)}")
    if text is None:
        return Found(problem=f"{file} is not UTF-8 text")
    return _in_tree(tree, file, parts["name"] or parts["last"] or "")


def _file_of(files: Mapping[str, bytes], parts: Mapping[str, str]) -> str | None:
    if "file" in parts:
        path = PurePosixPath(parts["file"].replace("\\", "/"))
        return None if path.is_absolute() or ".." in path.parts or str(path) not in files else str(path)
    folder = parts["module"].replace(".", "/")
    return next((name for name in (f"{folder}.py", f"{folder}/__init__.py") if name in files), None)


def _in_tree(tree: ast.Module, file: str, name: str) -> Found:
    owner, _, method = name.rpartition(".")
    body: list[ast.stmt] = tree.body
    if owner:
        classes = [one for one in ast.walk(tree) if isinstance(one, ast.ClassDef) and one.name == owner]
        body = classes[0].body if classes else []
    functions = [one for one in _statements(body) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    defined = next((one for one in functions if one.name == method), None)
    if defined is not None:
        decorators = [one for one in defined.decorator_list if _called(one).rpartition(".")[2] == "flow"]
        if not decorators:
            return Found(problem=f"{file}: {name} is a function without @flow")
        return Found(_flow_name(decorators[0], method))
    if method in _assigned(body):
        return Found()
    known = ", ".join(one.name for one in functions if one.decorator_list) or "none"
    return Found(problem=f"{file}: there is no flow {name}; flows in this file: {known}")


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements at the top, also in `if` and `try`."""
    for one in body:
        yield one
        for part in ("body", "orelse", "finalbody"):
            if isinstance(one, ast.If | ast.Try):
                yield from _statements(getattr(one, part, []))


def _assigned(body: list[ast.stmt]) -> set[str]:
    """Names that are assigned or imported."""
    found: set[str] = set()
    for one in _statements(body):
        if isinstance(one, ast.Assign):
            found |= {target.id for target in one.targets if isinstance(target, ast.Name)}
        elif isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            found.add(one.target.id)
        elif isinstance(one, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in one.names}
    return found


def _called(decorator: ast.expr) -> str:
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)


def _flow_name(decorator: ast.expr, function: str) -> str:
    """Name of a flow: the one in its decorator, else that of the function with dashes, as Prefect's Flow does."""
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
        if keyword.arg == "name":
            return str(keyword.value.value) if isinstance(keyword.value, ast.Constant) and keyword.value.value else ""
    return function.replace("_", "-")
