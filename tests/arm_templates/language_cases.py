"""Small programs that together cover the language, with the Bicep compiler's results.

``python -m tests.arm_templates.language_cases`` compiles language/sources.txt and takes the snapshots again.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from bicep.compile import Compiler, find_compiler
from tests.arm_templates.compiler import compiled, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json

FOLDER: Final = Path(__file__).parent / "language"
GOLDEN: Final = FOLDER / "golden.json"
_SHORT: Final = {
    "ID": "'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30'",
    "ST": "'Microsoft.Storage/storageAccounts@2025-06-01'",
    "TG": "'Microsoft.Resources/tags@2025-04-01'",
    "RG": "'Microsoft.Resources/resourceGroups@2025-04-01'",
}
_RESOURCE: Final = re.compile(r"^(resource \w+) (ID|ST|RG|TG)\b", re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """A program: its name, the scope that it is deployed at, and its text."""

    name: str
    scope: str
    text: str


def programs() -> Iterator[Program]:
    """Every program of the file, which abbreviates the most frequent types to two letters."""
    for part in re.split(r"^//# ", (FOLDER / "sources.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, _, text = part.partition("\n")
        name, _, scope = head.strip().partition(" ")
        whole = _RESOURCE.sub(lambda found: f"{found[1]} {_SHORT[found[2]]}", text)
        target = f"targetScope = '{scope}'\n" if scope else ""
        yield Program(name, scope or "resourceGroup", target + whole)


def golden() -> dict[str, dict[str, Json]]:
    """The compiler's results by program name: scope, template, predicted resources and outputs."""
    return cast("dict[str, dict[str, Json]]", json.loads(GOLDEN.read_text(encoding="utf-8")))


def compile_program(compiler: Compiler, program: Program, folder: Path) -> dict[str, Json]:
    """Compile one program beside the modules that it may use, and take its snapshot."""
    source = folder / f"{program.name}.bicep"
    source.write_text(program.text, encoding="utf-8")
    template = compiled(compiler, source)
    (folder / f"{program.name}.json").write_text(json.dumps(template), encoding="utf-8")
    parameters = folder / f"{program.name}.bicepparam"
    parameters.write_text(f"using './{program.name}.json'\n", encoding="utf-8")
    taken = snapshot(compiler, parameters, program.scope)
    outputs = dict(sorted(cast("dict[str, Json]", taken["outputs"]).items()))
    resources = taken["predictedResources"]
    return {"scope": program.scope, "template": template, "resources": resources, "outputs": outputs}


def regenerate() -> None:
    """Compile every program and take its snapshot again: a line for each."""
    executable = find_compiler()
    assert executable is not None, "no Bicep compiler found"
    with tempfile.TemporaryDirectory() as name, Compiler(executable) as compiler:
        folder = Path(name)
        for file in (*FOLDER.glob("*.bicep"), FOLDER / "data.json"):
            shutil.copy(file, folder)
        lines = [
            f"{json.dumps(program.name)}: {json.dumps(compile_program(compiler, program, folder), ensure_ascii=False)}"
            for program in programs()
        ]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    regenerate()
