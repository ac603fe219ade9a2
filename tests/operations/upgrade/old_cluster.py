"""A cluster with an older version of Kubernetes than its region offers."""

from typing import Final

from installer.json_access import as_object
from installer.jsontypes import Json
from tests.operations.status.observed_estate import Seen

CLUSTER: Final = "/managedclusters/aks-ff-contoso-dev"


def has_version(one: Seen, version: str, **pools: str) -> None:
    """Give the cluster a version, and its node pools the same one or another."""
    store, where = one.estate.azure.emulator.resources, one.find(CLUSTER)
    cluster, flows = store.get(where), store.get(f"{where}/agentPools/flows")
    assert cluster is not None
    assert flows is not None
    of_pool = {name: pools.get(name, version) for name in ("system", "flows")}
    members: dict[str, Json] = {"kubernetesVersion": version, "currentKubernetesVersion": version}
    cluster.computed["properties"] = {**as_object(cluster.computed["properties"]), **members}
    cluster.internal = {"system": _shown(of_pool["system"])}
    flows.computed["properties"] = {**as_object(flows.computed["properties"]), **_shown(of_pool["flows"])}
    store.save(cluster)
    store.save(flows)


def _shown(version: str) -> dict[str, Json]:
    return {"orchestratorVersion": version, "currentOrchestratorVersion": version}
