"""VM sizes that no region has."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run
from tests.emulator.providers.test_agent_pools import SCALED

if TYPE_CHECKING:
    from installer.jsontypes import Json


async def _put(it: Local, path: str, size: str) -> Reply:
    for namespace in ("Microsoft.ContainerService", "Microsoft.Compute"):
        it.emulator.registrations.set(SUBSCRIPTION, namespace, "Registered", 0)
    await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
    pool: dict[str, Json] = {**SCALED, "vmSize": size}
    properties: dict[str, Json] = {"dnsPrefix": "aks", "agentPoolProfiles": [{"name": "system", **pool}]}
    body: dict[str, Json] = {"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": properties}
    if "virtualMachines" in path:
        body = {"location": "westeurope", "properties": {"hardwareProfile": {"vmSize": size}}}
    elif "agentPools" in path:
        body = {"properties": {**pool, "mode": "User"}}
    found = await it.ask("PUT", f"{GROUP}/providers/{path}", body)
    await it.done()
    return found


@pytest.mark.parametrize("size", ["Standard_D99s_v9", "D4ds_v5", "Standard_D4ds_v5x", "Standard_NV8as_v4"])
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("Microsoft.ContainerService/managedClusters/aks?api-version=2026-03-01", "VMSizeNotSupported"),
        ("Microsoft.ContainerService/managedClusters/aks/agentPools/work?api-version=2026-03-01", "VMSizeNotSupported"),
        ("Microsoft.Compute/virtualMachines/vm?api-version=2025-04-01", "InvalidParameter"),
    ],
)
def test_a_size_that_no_region_has_is_refused(tmp_path: Path, path: str, code: str, size: str) -> None:
    it = local(tmp_path)

    async def story() -> None:
        if "agentPools" in path:
            cluster = await _put(it, path.replace("/agentPools/work", ""), "Standard_D4ds_v5")
            assert cluster.code == "", cluster.text
        found = await _put(it, path, size)
        assert found.code == code, found.text
        assert size in found.text
        accepted = await _put(it, path, "standard_d4ds_V5")
        assert accepted.code not in {"VMSizeNotSupported", "InvalidParameter"}, accepted.text

    run(story())


@pytest.mark.parametrize("size", ["Standard_B2s", "Standard_D2s_v3", "Standard_DS1_v2", "Standard_E4-2ds_v4"])
def test_a_virtual_machine_may_have_a_size_of_a_series_that_is_known_by_name(tmp_path: Path, size: str) -> None:
    machine = "Microsoft.Compute/virtualMachines/vm?api-version=2025-04-01"
    found = run(_put(local(tmp_path), machine, size))
    assert found.status < 300, found.text


def test_a_cluster_may_not(tmp_path: Path) -> None:
    cluster = "Microsoft.ContainerService/managedClusters/aks?api-version=2026-03-01"
    assert run(_put(local(tmp_path), cluster, "Standard_B2s")).code == "VMSizeNotSupported"
