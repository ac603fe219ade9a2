"""The list of resource types and API versions matches the compiled templates."""

import json

from bicep.compile import COMPILED, STAGES, VERSIONS, versions


def test_the_list_matches_the_compiled_templates() -> None:
    templates = {stage: json.loads((COMPILED / f"{stage}.json").read_bytes()) for stage in STAGES}
    assert (COMPILED / VERSIONS).read_text(encoding="utf-8") == versions(templates)


def test_every_stage_lists_its_types_with_versions() -> None:
    listed = json.loads((COMPILED / VERSIONS).read_bytes())
    assert list(listed) == list(STAGES)
    vaults = "Microsoft.KeyVault/vaults"
    assert listed["secrets"] == {vaults: ["2026-02-01"], f"{vaults}/secrets": ["2026-02-01"]}
    assert "Microsoft.ContainerService/managedClusters/agentPools" in listed["runtime"]
