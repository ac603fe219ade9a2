"""Predicted resources of a deployment, evaluated offline by the Bicep compiler.

They are the reference for the templates and for the template evaluation of the emulator. One compiler process serves the
whole test run. Modules that use it set `pytestmark = NEEDS_COMPILER`.
"""

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from bicep.compile import COMPILED, Compiler, find_compiler
from installer.estate.parameters import StageSpec
from installer.jsontypes import Json

SECRET: Final = "a-value-that-no-snapshot-shows"
"""Value of every secure parameter."""

EXECUTABLE: Final = find_compiler()

NEEDS_COMPILER: Final = [
    pytest.mark.compiler,
    pytest.mark.skipif(
        EXECUTABLE is None,
        reason="no Bicep compiler: set BICEP to its path, or put bicep on the PATH",
    ),
]


@cache
def compiler() -> Compiler:
    """The compiler of this test run."""
    assert EXECUTABLE is not None, "tests that need the compiler are marked with NEEDS_COMPILER"
    running = Compiler(EXECUTABLE)
    atexit.register(running.close)
    return running


def literal(value: Json) -> str:
    """A JSON value as a Bicep literal."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${").replace("\n", "\\n")
        return f"'{escaped}'"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def parameter_file(spec: StageSpec, parameters: Mapping[str, Json], folder: Path) -> Path:
    """A .bicepparam in `folder` beside a copy of the compiled template; `parameters` are in ARM format."""
    shutil.copy(COMPILED / f"{spec.stage}.json", folder)
    lines = [f"using './{spec.stage}.json'"]
    for name, given in parameters.items():
        assert isinstance(given, dict)
        lines.append(f"param {name} = {literal(given['value'])}")
    path = folder / f"{spec.key}.bicepparam"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def snapshot(
    spec: StageSpec,
    parameters: Mapping[str, Json],
    *,
    subscription_id: str,
    tenant_id: str,
    location: str,
) -> list[dict[str, Json]]:
    """Every resource that the deployment of a stage would send.

    Secure parameters are filled in here and appear only as expressions. Values that are unknown before the deployment,
    such as `reference()`, remain expressions too.

    Args:
        parameters: result of `spec.parameters(…)`.
    """
    secure = spec.secure(dict.fromkeys(spec.secrets, SECRET)) if spec.secrets else {}
    with tempfile.TemporaryDirectory() as folder:
        path = parameter_file(spec, {**parameters, **secure}, Path(folder))
        answer = compiler().call(
            "bicep/getSnapshot",
            {
                "path": str(path),
                "metadata": {
                    "tenantId": tenant_id,
                    "subscriptionId": subscription_id,
                    "resourceGroup": None,
                    "location": location,
                    "deploymentName": spec.deployment_name,
                },
                "externalInputs": [],
            },
        )
    text = answer["snapshot"]
    assert isinstance(text, str)
    result = json.loads(text)
    assert result.get("diagnostics", []) == []
    resources: list[dict[str, Json]] = result["predictedResources"]
    return resources
