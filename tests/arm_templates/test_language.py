"""150 small programs: resources, their order and outputs match the compiler's snapshot."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, cast

import pytest

from bicep.compile import Compiler, find_compiler
from installer.arm_templates import expand
from tests.arm_templates.cases import context
from tests.arm_templates.language_cases import FOLDER, compile_program, golden, programs
from tests.arm_templates.output_prediction import predicted_outputs
from tests.arm_templates.test_snapshots import bare

if TYPE_CHECKING:
    from pathlib import Path

    from installer.jsontypes import Json

GOLDEN = golden()


def test_every_program_has_its_golden_result() -> None:
    assert [program.name for program in programs()] == list(GOLDEN)
    assert len(GOLDEN) >= 150


@pytest.mark.parametrize("name", list(GOLDEN))
def test_expansion_matches_the_recorded_snapshot(name: str) -> None:
    entry = GOLDEN[name]
    plan = expand(cast("dict[str, Json]", entry["template"]), {}, context(str(entry["scope"])))
    assert plan.predict() == entry["resources"]
    assert predicted_outputs(plan) == entry["outputs"]


@pytest.mark.compiler
def test_recorded_results_match_the_compiler(tmp_path: Path) -> None:
    executable = find_compiler()
    if executable is None:
        pytest.skip("no Bicep compiler found: set BICEP to one")
    for file in (*FOLDER.glob("*.bicep"), FOLDER / "data.json"):
        shutil.copy(file, tmp_path)
    with Compiler(executable) as compiler:
        for program in programs():
            entry, again = GOLDEN[program.name], compile_program(compiler, program, tmp_path)
            assert bare(again["template"]) == bare(entry["template"]), program.name
            assert (again["resources"], again["outputs"]) == (entry["resources"], entry["outputs"]), program.name
