"""Expansion matches the compiler's snapshot: resources, their order, and the remaining expressions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from bicep.compile import Compiler, find_compiler
from installer.arm_templates import expand
from tests.arm_templates.cases import Case, context, load_cases
from tests.arm_templates.compiler import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json

CASES = load_cases()


def by_name(case: Case) -> str:
    return case.name


@pytest.fixture(scope="module")
def compiler() -> Iterator[Compiler]:
    executable = find_compiler()
    if executable is None:
        pytest.skip("no Bicep compiler found: set BICEP to one")
    with Compiler(executable) as running:
        yield running


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_prediction_matches_the_recorded_snapshot(case: Case) -> None:
    golden = json.loads(case.golden.read_text())
    plan = expand(case.template(), case.arguments(), context(case.scope))
    assert plan.predict() == golden["predictedResources"]


@pytest.mark.compiler
@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_recorded_files_match_the_compiler(case: Case, compiler: Compiler) -> None:
    if case.source != case.compiled:
        assert bare(compiled(compiler, case.source)) == bare(case.template())
    golden = json.loads(case.golden.read_text())
    taken = case.snapshot(compiler)
    assert taken["predictedResources"] == golden["predictedResources"]
    assert taken["outputs"] == golden["outputs"]


def bare(template: Json) -> Json:
    """A template without the compiler's signature, and without the order of dependsOn, which varies."""
    if isinstance(template, dict):
        kept = {key: bare(value) for key, value in template.items() if key != "_generator"}
        if isinstance(entries := kept.get("dependsOn"), list):
            kept["dependsOn"] = [*sorted({str(entry) for entry in entries})]
        return kept
    if isinstance(template, list):
        return [bare(item) for item in template]
    return template


def test_every_template_has_a_golden_file() -> None:
    names = cast("list[str]", sorted(case.name for case in CASES))
    assert names == sorted(path.stem for path in CASES[0].golden.parent.glob("*.json"))
