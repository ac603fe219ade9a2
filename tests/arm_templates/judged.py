"""Templates in JSON that the compiler's snapshot has judged: resources and outputs, or the refusal.

``python -m tests.arm_templates.judged`` has all of data/judged.json judged again.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from bicep.compile import Compiler, CompilerError, find_compiler
from installer.arm_templates import TemplateError, expand, parse_document
from tests.arm_templates.cases import context
from tests.arm_templates.compiler import bicep_value, snapshot
from tests.arm_templates.output_prediction import predicted_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.jsontypes import Json

FILE: Final = Path(__file__).parent / "data" / "judged.json"
REFUSED: Final = "message"


def load() -> list[dict[str, Json]]:
    """Every case: label, template (as text) and, where there are any, scope and parameters; and its verdict."""
    return cast("list[dict[str, Json]]", json.loads(FILE.read_text(encoding="utf-8")))


def _parameters(case: Mapping[str, Json]) -> dict[str, Json]:
    return cast("dict[str, Json]", case.get("parameters", {}))


def verdict(case: Mapping[str, Json]) -> dict[str, Json]:
    """Our own judgement: ``predicted`` resources and ``foretold`` outputs, or the ``message`` of a refusal."""
    document = parse_document(str(case["template"]))
    given: dict[str, Json] = {name: {"value": value} for name, value in _parameters(case).items()}
    where = context(str(case.get("scope", "resourceGroup")))
    try:
        plan = expand(document.value, given, where, document=document)
        return {"predicted": cast("Json", plan.predict()), "foretold": cast("Json", predicted_outputs(plan))}
    except TemplateError as error:
        return {REFUSED: error.message}


def judge(compiler: Compiler, case: Mapping[str, Json]) -> dict[str, Json]:
    """The compiler's judgement, in the same form."""
    with tempfile.TemporaryDirectory() as folder:
        parameters = Path(folder) / "case.bicepparam"
        (Path(folder) / "case.json").write_text(str(case["template"]), encoding="utf-8")
        lines = [f"param {name} = {bicep_value(value)}\n" for name, value in _parameters(case).items()]
        parameters.write_text("using './case.json'\n" + "".join(lines), encoding="utf-8")
        try:
            taken = snapshot(compiler, parameters, str(case.get("scope", "resourceGroup")))
        except CompilerError as refusal:
            return {REFUSED: str(refusal)}
    outputs = dict(sorted(cast("dict[str, Json]", taken["outputs"]).items()))
    return {"predicted": taken["predictedResources"], "foretold": outputs}


def record() -> None:
    """Have every case judged again, and write the verdicts."""
    executable = find_compiler()
    assert executable is not None, "no Bicep compiler found"
    lines = []
    with Compiler(executable) as compiler:
        for case in load():
            asked = {name: case[name] for name in ("label", "scope", "template", "parameters") if name in case}
            lines.append(json.dumps(asked | judge(compiler, case), ensure_ascii=False))
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    record()
