"""Templates of single features and their corners: what the compiler's snapshot makes of them is what we make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bicep.compile import Compiler, find_compiler
from tests.arm_templates import judged

if TYPE_CHECKING:
    from installer.jsontypes import Json

CASES = judged.load()
ASKED = ("label", "scope", "template", "parameters")


def recorded(case: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in case.items() if name not in ASKED}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["label"]))
def test_same_verdict(case: dict[str, Json]) -> None:
    assert judged.verdict(case) == recorded(case)


def test_cases_are_many_and_of_both_kinds() -> None:
    refused = [case for case in CASES if judged.REFUSED in case]
    assert len({str(case["label"]) for case in CASES}) == len(CASES)
    assert len(refused) > 100
    assert len(CASES) - len(refused) > 300


@pytest.mark.compiler
def test_verdicts_are_those_of_the_compiler() -> None:
    executable = find_compiler()
    if executable is None:
        pytest.skip("no Bicep compiler found: set BICEP to one")
    with Compiler(executable) as compiler:
        for case in CASES:
            assert judged.judge(compiler, case) == recorded(case), case["label"]
