"""The templates compile without warnings, and the committed files match them."""

import json
import re
from functools import cache
from pathlib import Path
from typing import ClassVar

import pytest

from bicep.compile import COMPILED, HERE, STAGES, VERSIONS, Diagnostic, matches
from tests.bicep.snapshots import NEEDS_COMPILER, compiler

SOURCES = sorted([*HERE.glob("*.bicep"), *HERE.glob("modules/*.bicep")])
AGEING_RULE = "use-recent-api-versions"


@cache
def findings(source: Path) -> list[Diagnostic]:
    _, diagnostics = compiler().compile(source)
    return diagnostics


class TestCompiled:
    pytestmark: ClassVar = NEEDS_COMPILER

    @pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
    def test_no_warning(self, source: Path) -> None:
        assert [str(found) for found in findings(source) if found.code != AGEING_RULE] == []

    def test_every_api_version_is_recent(self) -> None:
        """The rule measures age from today: it fails when API versions need an update."""
        assert [str(found) for source in SOURCES for found in findings(source) if found.code == AGEING_RULE] == []

    @pytest.mark.parametrize("stage", STAGES)
    def test_the_committed_template_matches_its_source(self, stage: str) -> None:
        contents, _ = compiler().compile(HERE / f"{stage}.bicep")
        assert matches(stage, contents), "run: python bicep/compile.py"


def test_every_stage_is_compiled_and_nothing_else() -> None:
    assert sorted(path.name for path in COMPILED.glob("*.json")) == sorted(
        [*(f"{stage}.json" for stage in STAGES), VERSIONS]
    )


def test_stages_have_the_order_of_the_readme() -> None:
    rows = re.findall(r"^\| (\d+) ([a-z ]+) \|", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [(int(number), name.replace(" ", "")) for number, name in rows] == [*enumerate(STAGES, 1)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_has_at_most_300_lines(source: Path) -> None:
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_names_are_not_computed_in_templates(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert [
        word for word in ("uniqueString", "newGuid", "utcNow", "environment()", ".outputs!", "fail(") if word in text
    ] == []


def test_every_linter_rule_is_a_warning() -> None:
    rules = json.loads((HERE / "bicepconfig.json").read_bytes())["analyzers"]["core"]["rules"]
    assert {rule["level"] for rule in rules.values()} == {"warning"}
