"""The list of types and API versions says what every compiled template uses."""

import json

from bicep.compile import COMPILED, STAGES, VERSIONS, versions


def test_the_list_is_what_the_compiled_templates_use() -> None:
    templates = {stage: json.loads((COMPILED / f"{stage}.json").read_bytes()) for stage in STAGES}
    assert (COMPILED / VERSIONS).read_text(encoding="utf-8") == versions(templates)


def test_every_stage_has_its_types_each_with_its_version() -> None:
    listed = json.loads((COMPILED / VERSIONS).read_bytes())
    assert list(listed) == list(STAGES)
    vaults = "Microsoft.KeyVault/vaults"
    assert listed["secrets"] == {vaults: ["2026-02-01"], f"{vaults}/secrets": ["2026-02-01"]}
    assert "Microsoft.ContainerService/managedClusters/agentPools" in listed["runtime"]
