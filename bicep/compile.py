#!/usr/bin/env python3
"""Compile the stage templates to compiled/*.json with the real Bicep compiler.

python bicep/compile.py           writes compiled/*.json, and compiled/versions.json: API versions by stage and resource type
python bicep/compile.py --check   lists the files that no longer match their source, and exits with 1

`find_compiler` locates the compiler. It runs once, as a JSON-RPC server on its standard streams, which is much faster
than one process per file.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

HERE: Final = Path(__file__).resolve().parent
COMPILED: Final = HERE / "compiled"
VERSIONS: Final = "versions.json"
"""File name of the list of resource types and API versions."""
_STAGE: Final = re.compile(r"^metadata name = 'Stage (\d+):", re.MULTILINE)


def _stages() -> tuple[str, ...]:
    """Names of the templates whose metadata makes them a stage, in the order of their numbers."""
    found = {path.stem: _STAGE.search(path.read_text(encoding="utf-8")) for path in HERE.glob("*.bicep")}
    numbered = {name: int(stage[1]) for name, stage in found.items() if stage}
    return tuple(sorted(numbered, key=numbered.__getitem__))


STAGES: Final = _stages()


class CompilerError(Exception):
    """The compiler rejected a request or returned an invalid response."""


@dataclass(frozen=True)
class Diagnostic:
    """A diagnostic of the compiler or its linter; `line` starts at 1."""

    source: Path
    line: int
    level: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.source.relative_to(HERE)}:{self.line}: {self.level} {self.code}: {self.message}"


def find_compiler() -> Path | None:
    """Path of the Bicep compiler: from BICEP, ../shared/tools next to the checkout, PATH, or the Azure CLI directory."""
    named = os.environ.get("BICEP")
    on_path = shutil.which("bicep")
    candidates = [
        Path(named) if named else None,
        HERE.parent.parent / "shared" / "tools" / "bicep",
        Path(on_path) if on_path else None,
        Path.home() / ".azure" / "bin" / "bicep",
    ]
    return next((path for path in candidates if path and path.is_file() and os.access(path, os.X_OK)), None)


class Compiler:
    """A compiler process, used as a context manager. Calls are sequential: not thread-safe."""

    def __init__(self, executable: Path) -> None:
        self._process = subprocess.Popen(
            [str(executable), "jsonrpc", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise CompilerError("the compiler has no standard streams")
        self._input, self._output = self._process.stdin, self._process.stdout
        self._calls = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the input of the compiler, which makes it exit."""
        self._input.close()
        self._process.wait(timeout=30)
        self._output.close()

    def call(self, method: str, params: Mapping[str, Json]) -> dict[str, Json]:
        """Return the result of a JSON-RPC method.

        Raises:
            CompilerError: with the message of the compiler.

        """
        self._calls += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self._calls, "method": method, "params": params}).encode()
        self._input.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._input.flush()
        length = 0
        while header := self._output.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = json.loads(self._output.read(length) or b"{}")
        if "result" not in answer:
            raise CompilerError(answer.get("error", {}).get("message", f"{method} returned no result"))
        result: dict[str, Json] = answer["result"]
        return result

    def compile(self, source: Path) -> tuple[str, list[Diagnostic]]:
        """Return the ARM JSON of a template, empty if it does not compile, and its diagnostics."""
        result = self.call("bicep/compile", {"path": str(source)})
        found = result["diagnostics"]
        assert isinstance(found, list)  # noqa: S101  guaranteed by the protocol
        diagnostics = [
            Diagnostic(Path(d["source"]), d["range"]["start"]["line"] + 1, d["level"], d["code"], d["message"])
            for d in found
        ]
        contents = result.get("contents")
        return f"{contents}\n" if isinstance(contents, str) else "", diagnostics


def without_generator(value: Json) -> Json:
    """Return a template without `_generator` metadata: the compiler version and a hash that depends on it."""
    if isinstance(value, Mapping):
        return {key: without_generator(item) for key, item in value.items() if key != "_generator"}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [without_generator(item) for item in value]
    return value


def matches(stage: str, contents: str) -> bool:
    """Whether the committed template of a stage equals the one that was just compiled."""
    committed = COMPILED / f"{stage}.json"
    return committed.is_file() and without_generator(json.loads(committed.read_bytes())) == without_generator(
        json.loads(contents)
    )


def used(template: Json) -> Iterator[tuple[str, str]]:
    """Type and API version of every resource that a template deploys or references, including nested templates."""
    if isinstance(template, Mapping):
        kind, version = template.get("type"), template.get("apiVersion")
        if isinstance(kind, str) and isinstance(version, str) and kind != "Microsoft.Resources/deployments":
            yield kind, version
        for item in template.values():
            yield from used(item)
    elif isinstance(template, Sequence) and not isinstance(template, str):
        for item in template:
            yield from used(item)


def versions(templates: Mapping[str, Json]) -> str:
    """API versions by stage and resource type, as JSON, to compare with those that a region supports."""
    found: dict[str, dict[str, list[str]]] = {}
    for stage, template in templates.items():
        found[stage] = {}
        for kind, version in sorted(set(used(template))):
            found[stage].setdefault(kind, []).append(version)
    return json.dumps(found, indent=2) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Exit code 0: success; 1: a diagnostic or a difference; 2: no compiler."""
    parser = argparse.ArgumentParser(description="Compile the stage templates to compiled/*.json.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files; write nothing")
    check: bool = parser.parse_args(arguments).check
    executable = find_compiler()
    if executable is None:
        sys.stderr.write("No Bicep compiler found: set BICEP to its path, or put bicep on the PATH.\n")
        return 2
    exit_code = 0
    templates: dict[str, Json] = {}
    with Compiler(executable) as compiler:
        for stage in STAGES:
            contents, diagnostics = compiler.compile(HERE / f"{stage}.bicep")
            for diagnostic in diagnostics:
                sys.stderr.write(f"{diagnostic}\n")
            templates[stage] = json.loads(contents or "{}")
            if diagnostics or not contents:
                exit_code = 1
            elif check and not matches(stage, contents):
                sys.stderr.write(f"{stage}: compiled/{stage}.json does not match {stage}.bicep\n")
                exit_code = 1
            elif not check:
                COMPILED.mkdir(exist_ok=True)
                (COMPILED / f"{stage}.json").write_text(contents, encoding="utf-8")
    listed = COMPILED / VERSIONS
    if not check:
        listed.write_text(versions(templates), encoding="utf-8")
    elif not listed.is_file() or listed.read_text(encoding="utf-8") != versions(templates):
        sys.stderr.write(f"compiled/{VERSIONS} does not match the templates\n")
        exit_code = 1
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
