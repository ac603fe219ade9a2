"""checkov finds nothing wrong with what the stages send, but for what bicep/checkov.yaml gives a reason for.

It is a program with many dependencies of its own: installed into an environment of its own, and named by CHECKOV.
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
from tests.bicep.stage_requests import taken

CHECKOV: Final = os.environ.get("CHECKOV", "")
PUBLIC: Final = [name for name, given in VARIANTS.items() if given.network.mode == "public"]
PRIVATE: Final = [name for name in VARIANTS if name not in PUBLIC]
JUDGED_AS_SITES: Final = "Microsoft.Web/sites/config"
"""Parts of a web app that checkov takes for whole web apps, without what the app itself says."""
CHECK_ID: Final = re.compile(r"CKV2?_AZURE_\d+")

pytestmark = [
    *NEEDS_COMPILER,
    pytest.mark.skipif(not CHECKOV, reason="no checkov: install it into an environment of its own, named by CHECKOV"),
]


def skipped(name: str) -> set[str]:
    """Ids of the checks that a list in bicep/ gives reasons for."""
    return set(CHECK_ID.findall((HERE / name).read_text(encoding="utf-8")))


def failed(variants: list[str], folder: Path, *lists: str) -> set[str]:
    """Id of the check and of the resource, for everything that checkov finds wrong and no list gives a reason for."""
    for i, name in enumerate(variants):
        given = VARIANTS[name]
        for stage in dict.fromkeys(spec.stage for spec in stages(given)):
            sent = [resource for resource in taken(given, stage) if resource["type"] != JUDGED_AS_SITES]
            (folder / f"{i}-{stage}.json").write_text(json.dumps(as_template(sent)), encoding="utf-8")
    told = report(folder, *sorted(set[str]().union(*map(skipped, lists))))
    assert told["passed"], "it has looked at something"
    found = told["failed"]
    assert isinstance(found, list)
    return {str(entry) for entry in found}


def as_template(resources: list[dict[str, Json]]) -> dict[str, Json]:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return {"$schema": schema, "contentVersion": "1.0.0.0", "resources": list[Json](resources)}


def report(folder: Path, *skip: str) -> dict[str, Json]:
    """How many checks passed, and those that failed."""
    command = [CHECKOV, "-d", str(folder), "--framework", "arm", "--skip-download", "-o", "json", "--soft-fail"]
    skipping = ["--skip-check", ",".join(skip)] if skip else []
    told = json.loads(subprocess.run([*command, *skipping], capture_output=True, text=True, check=True).stdout)
    found: list[Json] = [f"{one['check_id']} {one['resource']}" for one in told["results"]["failed_checks"]]
    return {"passed": told["summary"]["passed"], "failed": found}


def test_nothing_is_wrong_that_has_no_reason(tmp_path: Path) -> None:
    assert failed(PRIVATE, tmp_path, "checkov.yaml") == set()


def test_a_trial_without_networks_is_open_and_no_more(tmp_path: Path) -> None:
    assert failed(PUBLIC, tmp_path, "checkov.yaml", "checkov-public.yaml") == set()


def test_every_reason_is_still_needed(tmp_path: Path) -> None:
    for name, variants in (("checkov.yaml", PRIVATE), ("checkov-public.yaml", PUBLIC)):
        folder = tmp_path / name
        folder.mkdir()
        assert skipped(name) <= {entry.partition(" ")[0] for entry in failed(variants, folder)}
