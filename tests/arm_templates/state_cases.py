"""Outputs that refer to the state of resources and deployments, with the compiler's predictions.

Hand-written templates refer to states in ways that compiled ones do not: with another API version, by name only, or to
the full state. ``python -m tests.arm_templates.state_cases`` takes the answers of data/states.json again.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from bicep.compile import Compiler, CompilerError, find_compiler
from tests.arm_templates.compiler import snapshot

if TYPE_CHECKING:
    from installer.jsontypes import Json

FILE: Final = Path(__file__).parent / "data" / "states.json"
_SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_KINDS: Final = ("object", "string", "int", "array", "bool")
_SHORT: Final = {
    "STORE": "reference(resourceId('A.B/c', 's'), '1')",
    "OTHER": "reference(resourceId('A.B/c', 's'), '2')",
    "DEPLOYMENT": "reference(resourceId('Microsoft.Resources/deployments', 'd'), '1')",
    "NEWER": "reference(resourceId('Microsoft.Resources/deployments', 'd'), '2')",
    "SILENT": "reference(resourceId('Microsoft.Resources/deployments', 'e'), '1')",
}
_STORE: Final[dict[str, Json]] = {
    "type": "A.B/c",
    "apiVersion": "1",
    "name": "s",
    "location": "w",
    "properties": {
        "k": "v",
        "n": None,
        "o": {"p": 1, "n": None},
        "l": ["[reference('/x/y/z/a').q]"],
        "z": ["[parameters('a')]"],
    },
}


def _deployment(name: str, members: dict[str, Json]) -> dict[str, Json]:
    inner: dict[str, Json] = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": [], **members}
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "1",
        "name": name,
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"pp": {"value": "[parameters('a')]"}},
            "template": {**inner, "parameters": {"pp": {"type": "string"}}},
        },
    }


_OUTPUTS: Final[dict[str, Json]] = {
    "x": {"type": "object", "value": {"i": "[[lit", "n": "[null()]", "p": "[concat(parameters('pp'), '1')]"}},
    "late": {"type": "string", "value": "[reference('/x/y/z/a').q]"},
}


def template(kind: str, text: str) -> dict[str, Json]:
    """The template whose one output of type ``kind`` has the expression (names in capitals are abbreviated references)."""
    for short, whole in _SHORT.items():
        text = text.replace(short, whole)
    return {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"a": {"type": "string", "defaultValue": "A"}},
        "resources": [_STORE, _deployment("d", {"outputs": _OUTPUTS}), _deployment("e", {})],
        "outputs": {"out": {"type": kind, "value": f"[{text}]"}},
    }


def answer(compiler: Compiler, kind: str, text: str, folder: Path) -> dict[str, Json]:
    """The compiler's prediction of one output: its value, or the error."""
    (folder / "state.json").write_text(json.dumps(template(kind, text)))
    parameters = folder / "state.bicepparam"
    parameters.write_text("using './state.json'\n")
    try:
        outputs = cast("dict[str, Json]", snapshot(compiler, parameters, "resourceGroup")["outputs"])
    except CompilerError as refusal:
        return {"message": str(refusal)}
    return {"result": outputs["out"]}


def load() -> list[dict[str, Json]]:
    """The cases: ``type`` and ``value`` of the output, and ``result`` or ``message``."""
    return cast("list[dict[str, Json]]", json.loads(FILE.read_text(encoding="utf-8")))


def regenerate() -> None:
    """Record the predictions again; a case without a type gets the first that the compiler accepts."""
    executable = find_compiler()
    assert executable is not None, "no Bicep compiler found"
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as name, Compiler(executable) as compiler:
        for entry in load():
            text = str(entry["value"])
            for kind in [str(entry["type"])] if "type" in entry else _KINDS:
                predicted = answer(compiler, kind, text, Path(name))
                if "type 'Null'" in str(predicted) or "Expected a value of type" not in str(predicted):
                    break
            lines.append(json.dumps({"type": kind, "value": text, **predicted}, ensure_ascii=False))
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    regenerate()
