"""Predicted states of resources and deployments match the compiler's snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bicep.compile import Compiler, find_compiler
from installer.arm_templates import TemplateError, expand
from tests.arm_templates.cases import context
from tests.arm_templates.output_prediction import predicted_outputs
from tests.arm_templates.state_cases import answer, load, template

if TYPE_CHECKING:
    from pathlib import Path

    from installer.jsontypes import Json


@pytest.mark.parametrize("entry", load(), ids=lambda e: f"{e['type']} {e['value']}"[:90])
def test_states_are_predicted_as_by_the_compiler(entry: dict[str, Json]) -> None:
    source = template(str(entry["type"]), str(entry["value"]))
    if "message" in entry:
        with pytest.raises(TemplateError) as refused:
            predicted_outputs(expand(source, {}, context()))
        assert refused.value.message == entry["message"]
    else:
        assert predicted_outputs(expand(source, {}, context()))["out"] == entry["result"]


@pytest.mark.compiler
def test_recorded_answers_match_the_compiler(tmp_path: Path) -> None:
    executable = find_compiler()
    if executable is None:
        pytest.skip("no Bicep compiler found: set BICEP to one")
    with Compiler(executable) as compiler:
        for entry in load():
            again = answer(compiler, str(entry["type"]), str(entry["value"]), tmp_path)
            assert again == {key: entry[key] for key in again}, entry["value"]
