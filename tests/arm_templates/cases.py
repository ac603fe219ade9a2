"""The templates of this folder, the Bicep compiler's results for them, and how to record those again.

``python -m tests.arm_templates.cases`` compiles templates/*.bicep and takes the snapshots again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bicep.compile import Compiler, find_compiler
from installer.arm_templates import Context, Scope
from tests.arm_templates.compiler import (
    DEPLOYMENT,
    GROUP,
    LOCATION,
    MANAGEMENT_GROUP,
    SUBSCRIPTION,
    TENANT,
    bicep_value,
    compiled,
    snapshot,
)

if TYPE_CHECKING:
    from installer.jsontypes import Json

FOLDER = Path(__file__).parent / "templates"
GROUP_SCOPE = Scope("resourceGroup", TENANT, SUBSCRIPTION, GROUP)
SUBSCRIPTION_SCOPE = Scope("subscription", TENANT, SUBSCRIPTION)
SCOPES = {
    "subscription": SUBSCRIPTION_SCOPE,
    "managementGroup": Scope("managementGroup", TENANT, management_group=MANAGEMENT_GROUP),
    "tenant": Scope("tenant", TENANT),
}


def context(scope: str = "resourceGroup") -> Context:
    """The context that the compiler's snapshots were taken in."""
    if scope in SCOPES:
        return Context(SCOPES[scope], DEPLOYMENT, location=LOCATION)
    return Context(GROUP_SCOPE, DEPLOYMENT, resource_group_location=LOCATION)


@dataclass(frozen=True)
class Case:
    """A template, written in Bicep or by hand in ARM JSON (then ``source`` and ``compiled`` are one)."""

    name: str
    scope: str = "resourceGroup"
    parameters: dict[str, Json] = field(default_factory=dict)

    @property
    def source(self) -> Path:
        bicep = FOLDER / f"{self.name}.bicep"
        return bicep if bicep.exists() else self.compiled

    @property
    def compiled(self) -> Path:
        return FOLDER / "compiled" / f"{self.name}.json"

    @property
    def golden(self) -> Path:
        return FOLDER / "golden" / f"{self.name}.json"

    def template(self) -> dict[str, Json]:
        return cast("dict[str, Json]", json.loads(self.compiled.read_text()))

    def arguments(self) -> dict[str, Json]:
        return {name: {"value": value} for name, value in self.parameters.items()}

    def snapshot(self, compiler: Compiler) -> dict[str, Json]:
        lines = [f"param {name} = {bicep_value(value)}\n" for name, value in self.parameters.items()]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{self.name}.bicepparam"
            shutil.copy(self.compiled, folder)
            file.write_text(f"using './{self.name}.json'\n" + "".join(lines))
            return snapshot(compiler, file, self.scope)


def load_cases() -> list[Case]:
    """All cases, as templates/cases.json lists them."""
    listed = json.loads((FOLDER / "cases.json").read_text())
    return [Case(name, **entry) for name, entry in listed.items()]


def regenerate() -> None:
    """Compile every template and take its snapshot again."""
    executable = find_compiler()
    assert executable is not None, "no Bicep compiler found"
    with Compiler(executable) as compiler:
        for case in load_cases():
            if case.source != case.compiled:
                case.compiled.write_text(json.dumps(compiled(compiler, case.source), indent=2) + "\n")
            taken = case.snapshot(compiler)
            taken["outputs"] = dict(sorted(cast("dict[str, Json]", taken["outputs"]).items()))
            case.golden.write_text(json.dumps(taken, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    regenerate()
