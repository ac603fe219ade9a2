"""The queries of alert rules and workbook parse against their tables with the Kusto language service.

It is a Node package: run `npm install` in a copy of tests/bicep/kql/ and set KUSTO to that folder.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from bicep.compile import HERE
from installer.estate.parameters import template
from installer.jsontypes import Json

CHECK: Final = Path(__file__).parent / "kql" / "check.mjs"
FOLDER: Final = Path(os.environ.get("KUSTO") or CHECK.parent)
PACKAGE: Final = FOLDER / "node_modules" / "@kusto" / "language-service-next"
NODE: Final = shutil.which("node")
QUERIES: Final = sorted(HERE.glob("kql/*.kql"))
OF_AZURE: Final[Mapping[str, Mapping[str, str]]] = {
    "AppRequests": {"TimeGenerated": "datetime", "Name": "string", "Success": "bool", "DurationMs": "real"},
    "ContainerLogV2": {
        "TimeGenerated": "datetime",
        "PodNamespace": "string",
        "PodName": "string",
        "LogLevel": "string",
        "LogMessage": "dynamic",
    },
    "AddonAzureBackupJobs": {
        "TimeGenerated": "datetime",
        "JobOperation": "string",
        "JobStatus": "string",
        "JobFailureCode": "string",
        "JobUniqueId": "string",
        "_ResourceId": "string",
    },
    # A function, which returns the columns of the table Operation: azure-monitor-docs, articles/azure-monitor/logs/monitor-workspace.md
    "_LogOperation": {"TimeGenerated": "datetime", "Category": "string", "Detail": "string"},
}
"""Azure tables with the columns that the queries use; from the Azure Monitor table reference."""

NEEDS_KUSTO: Final = pytest.mark.skipif(
    NODE is None or not PACKAGE.is_dir(),
    reason="no Node, or no @kusto/language-service-next: npm install in a copy of tests/bicep/kql, named by KUSTO",
)


def found(value: Json, key: str) -> Iterator[Json]:
    """Every value of a key, anywhere in a JSON value."""
    for inner in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from found(inner, key)
    if isinstance(value, dict) and key in value:
        yield value[key]


def tables() -> dict[str, Mapping[str, str]]:
    """Column types by table; those of the run table come from its template."""
    (columns,) = [given for given in found(dict(template("observability")), "columns") if isinstance(given, list)]
    run_columns = {str(column["name"]): str(column["type"]) for column in columns if isinstance(column, dict)}
    return {"FlowForgeRuns_CL": run_columns, **OF_AZURE}


def diagnostics(queries: Mapping[str, str]) -> dict[str, list[str]]:
    """Errors of the language service by query."""
    assert NODE is not None, "tests that need Node are marked with NEEDS_KUSTO"
    given = json.dumps({"tables": tables(), "queries": dict(queries)})
    run = subprocess.run([NODE, str(CHECK), str(FOLDER)], input=given, capture_output=True, text=True, check=True)
    errors: dict[str, list[str]] = json.loads(run.stdout)
    return errors


@NEEDS_KUSTO
def test_every_query_parses_against_its_tables() -> None:
    assert diagnostics({path.name: path.read_text(encoding="utf-8") for path in QUERIES}) == {
        path.name: [] for path in QUERIES
    }


@NEEDS_KUSTO
@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("FlowForgeRuns_CL | where Stat == 1", "'Stat'"),
        ("Nowhere | take 1", "'Nowhere'"),
        ("AppRequests | summarise", "Query operator expected"),
    ],
)
def test_an_invalid_query_is_reported(query: str, error: str) -> None:
    errors = diagnostics({"valid": "AppRequests | take 1", "invalid": query})
    assert errors["valid"] == []
    assert error in " ".join(errors["invalid"])


def test_every_query_is_in_a_template() -> None:
    assert QUERIES
    sources = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("modules/*.bicep"))
    assert [path.name for path in QUERIES if f"../kql/{path.name}" not in sources] == []
