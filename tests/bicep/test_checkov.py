"""checkov reports no failed check for the deployed resources, except those skipped with a reason in bicep/checkov.yaml.

It has many dependencies: install it into a separate environment and set CHECKOV to its path.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from bicep.compile import HERE
from installer.estate.parameters import stages
from installer.jsontypes import Json
from tests.bicep.answers_variants import VARIANTS
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import stage_resources

CHECKOV: Final = os.environ.get("CHECKOV", "")
PUBLIC: Final = [name for name, given in VARIANTS.items() if given.network.mode == "public"]
PRIVATE: Final = [name for name in VARIANTS if name not in PUBLIC]
JUDGED_AS_SITES: Final = "Microsoft.Web/sites/config"
"""Child resources that checkov mistakes for web apps."""
CHECK_ID: Final = re.compile(r"CKV2?_AZURE_\d+")

pytestmark = [
    *NEEDS_COMPILER,
    pytest.mark.skipif(not CHECKOV, reason="no checkov: install it into a separate environment and set CHECKOV"),
]


def skipped(name: str) -> set[str]:
    """Ids of the checks that a file in bicep/ skips."""
    return set(CHECK_ID.findall((HERE / name).read_text(encoding="utf-8")))


def failed(variants: list[str], folder: Path, *lists: str) -> set[str]:
    """Check id and resource of every failed check that none of the files skips."""
    for i, name in enumerate(variants):
        given = VARIANTS[name]
        for stage in dict.fromkeys(spec.stage for spec in stages(given)):
            sent = [resource for resource in stage_resources(given, stage) if resource["type"] != JUDGED_AS_SITES]
            (folder / f"{i}-{stage}.json").write_text(json.dumps(as_template(sent)), encoding="utf-8")
    summary = report(folder, *sorted(set[str]().union(*map(skipped, lists))))
    assert summary["passed"], "checkov checked no resource"
    found = summary["failed"]
    assert isinstance(found, list)
    return {str(entry) for entry in found}


def as_template(resources: list[dict[str, Json]]) -> dict[str, Json]:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return {"$schema": schema, "contentVersion": "1.0.0.0", "resources": list[Json](resources)}


def report(folder: Path, *skip: str) -> dict[str, Json]:
    """Number of passed checks, and the failed ones."""
    command = [CHECKOV, "-d", str(folder), "--framework", "arm", "--skip-download", "-o", "json", "--soft-fail"]
    skipping = ["--skip-check", ",".join(skip)] if skip else []
    output = json.loads(subprocess.run([*command, *skipping], capture_output=True, text=True, check=True).stdout)
    found: list[Json] = [f"{one['check_id']} {one['resource']}" for one in output["results"]["failed_checks"]]
    return {"passed": output["summary"]["passed"], "failed": found}


def test_no_check_fails_without_a_reason(tmp_path: Path) -> None:
    assert failed(PRIVATE, tmp_path, "checkov.yaml") == set()


def test_a_trial_with_public_endpoints_fails_no_other_check(tmp_path: Path) -> None:
    assert failed(PUBLIC, tmp_path, "checkov.yaml", "checkov-public.yaml") == set()


def test_every_reason_is_still_needed(tmp_path: Path) -> None:
    for name, variants in (("checkov.yaml", PRIVATE), ("checkov-public.yaml", PUBLIC)):
        folder = tmp_path / name
        folder.mkdir()
        assert skipped(name) <= {entry.partition(" ")[0] for entry in failed(variants, folder)}
