"""Reasons in bicep/checkov.yaml that are true of the templates; checkov itself is not needed for this."""

import json
import re
from typing import Final

import pytest

from bicep.compile import COMPILED, HERE, VERSIONS
from tests.bicep.answers_variants import answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, stage_resources

CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
pytestmark = NEEDS_COMPILER
KNOWN_TO_CHECKOV: Final = 19
"""Types of the templates that the ARM checks of checkov 3.3.30 name (supported_resources in checkov/arm/checks)."""


def test_the_share_of_resource_types_that_checkov_checks_is_stated() -> None:
    versions = json.loads((COMPILED / VERSIONS).read_text(encoding="utf-8"))
    types = {kind.lower() for kinds in versions.values() for kind in kinds}
    for name in ("checkov.yaml", "README.md"):
        text = (HERE / name).read_text(encoding="utf-8")
        assert f"checks {KNOWN_TO_CHECKOV} of the {len(types)} resource types" in text


def test_every_skipped_check_of_the_registry_or_cluster_has_a_reason_of_its_own() -> None:
    for name, check in (("checkov.yaml", "CKV_AZURE_172"), ("checkov-public.yaml", "CKV_AZURE_139")):
        text = (HERE / name).read_text(encoding="utf-8")
        assert re.search(rf"^  # .+\n  - {check}$", text, re.MULTILINE)


@pytest.mark.parametrize("insights", [True, False])
def test_the_reasons_about_clusters_are_true(insights: bool) -> None:
    given = answers("dev", monitoring={"container_insights": insights})
    (cluster,) = of_type(stage_resources(given, "runtime"), CLUSTERS)
    addons = at(cluster, "properties", "addonProfiles")
    assert at(addons, "azureKeyvaultSecretsProvider", "config", "enableSecretRotation") == "true"
    assert at(addons, "omsagent", "enabled") is insights


def test_the_registry_is_public_only_without_the_answer_private_registry() -> None:
    for private, access in ((True, "Disabled"), (False, "Enabled")):
        resources = stage_resources(answers("dev", network={"private_registry": private}), "foundation")
        (registry,) = of_type(resources, "Microsoft.ContainerRegistry/registries")
        assert at(registry, "properties", "publicNetworkAccess") == access
