"""An unchanged installation of an earlier version is deployed with the templates of this one."""

from pathlib import Path

from tests.bicep.answers_variants import answers
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.in_memory import run

CLUSTERS = "Microsoft.ContainerService/managedClusters"


def _left_to_azure(estate: DeployedEstate) -> list[str]:
    """Make the OS disks of all node pools ephemeral, as Azure chose for templates that did not name them."""
    resources, found = estate.azure.emulator.resources, []
    for one in (*resources.of_type(CLUSTERS), *resources.of_type(f"{CLUSTERS}/agentPools")):
        properties = one.desired["properties"]
        assert isinstance(properties, dict)
        pools = properties.get("agentPoolProfiles", [properties])
        assert isinstance(pools, list)
        for pool in pools:
            assert isinstance(pool, dict)
            pool["osDiskType"] = "Ephemeral"
            found.append(one.id)
        resources.save(one)
    return found


def test_node_pools_keep_the_os_disks_that_they_were_created_with(tmp_path: Path) -> None:
    given = answers("dev", governance={"customer_keys": True})
    estate = new_estate(tmp_path, given)

    async def upgrade() -> None:
        await estate.deploy(given, all_stages=True)
        assert _left_to_azure(estate)
        await estate.deploy(given, all_stages=True)

    run(upgrade())
    disks = {estate.parameters["runtime-dev"][f"current{pool}Disks"] for pool in ("Worker", "System")}
    assert disks == {"Ephemeral"}
