"""Snapshots of the Bicep compiler: its prediction for a template, in a fixed context."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pathlib import Path

    from bicep.compile import Compiler
    from installer.jsontypes import Json

TENANT = "00000000-0000-0000-0000-00000000000a"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = "rg1"
MANAGEMENT_GROUP = "mg1"
LOCATION = "westeurope"
DEPLOYMENT = "dep1"


def compiled(compiler: Compiler, source: Path) -> dict[str, Json]:
    """The ARM template that the source compiles to."""
    text, findings = compiler.compile(source)
    assert text, findings
    return cast("dict[str, Json]", json.loads(text))


def snapshot(compiler: Compiler, parameters: Path, scope: str) -> dict[str, Json]:
    """The compiler's prediction for a parameter file, in the context of this module."""
    answer = compiler.call(
        "bicep/getSnapshot",
        {
            "path": str(parameters),
            "metadata": {
                "tenantId": TENANT,
                "subscriptionId": SUBSCRIPTION if scope in ("resourceGroup", "subscription") else None,
                "resourceGroup": GROUP if scope == "resourceGroup" else None,
                "managementGroupId": MANAGEMENT_GROUP if scope == "managementGroup" else None,
                "location": LOCATION,
                "deploymentName": DEPLOYMENT,
            },
            "externalInputs": [],
        },
    )
    return cast("dict[str, Json]", json.loads(str(answer["snapshot"])))


def bicep_value(value: Json) -> str:
    """A JSON value in Bicep's own notation, for parameter files."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${").replace("\n", "\\n")
        return f"'{escaped}'"
    if isinstance(value, list):
        return "[\n" + "".join(f"{bicep_value(item)}\n" for item in value) + "]"
    if isinstance(value, dict):
        return "{\n" + "".join(f"{bicep_value(key)}: {bicep_value(item)}\n" for key, item in value.items()) + "}"
    return json.dumps(value)
