"""Small hand-written templates: the engine's resources, or its error with line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.arm_templates import TemplateError, expand, parse_document
from tests.arm_templates.cases import context
from tests.arm_templates.output_prediction import predicted_outputs
from tests.arm_templates.test_vectors import load, output

if TYPE_CHECKING:
    from installer.jsontypes import Json


@pytest.mark.parametrize("entry", load("templates"), ids=lambda e: str(e["label"]))
def test_same_result_as_the_engine(entry: dict[str, Json]) -> None:
    document = parse_document(str(entry["template"]))
    given = entry.get("parameters", {})
    assert isinstance(given, dict)
    parameters: dict[str, Json] = {name: {"value": value} for name, value in given.items()}

    def evaluate() -> list[dict[str, Json]]:
        plan = expand(document.value, parameters, context(str(entry.get("scope", ""))), document=document)
        predicted = plan.predict()
        plan.outputs()
        assert entry.get("foretold") in (None, predicted_outputs(plan))
        return predicted

    if "message" in entry:
        with pytest.raises(TemplateError) as caught:
            evaluate()
        assert caught.value.message == entry["message"]
    else:
        assert evaluate() == entry["predicted"]


@pytest.mark.parametrize("entry", load("grammar"), ids=lambda e: str(e["arm"]))
def test_grammar(entry: dict[str, Json]) -> None:
    if "message" in entry:
        with pytest.raises(TemplateError) as caught:
            output(entry["arm"])
        assert caught.value.message == entry["message"]
    else:
        assert output(entry["arm"]) == entry["result"]
