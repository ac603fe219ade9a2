"""Versions of AKS: one minor version at a time, the control plane before its node pools, never back."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.survey import Survey, parse
from installer.json_access import as_text, member, objects_of
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

AKS: Final = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
VERSION: Final = "api-version=2026-03-01"
SYSTEM: Final[dict[str, Json]] = {"name": "system", "mode": "System", "vmSize": "Standard_D4ds_v5", "count": 2}
FLOWS: Final[dict[str, Json]] = {"mode": "User", "vmSize": "Standard_D4ds_v5", "count": 1}
Story = Callable[[Local], Awaitable[None]]


async def cluster(it: Local, version: str = "", **system: Json) -> Reply:
    """Write the cluster, without a version if none is given."""
    asked: dict[str, Json] = {"kubernetesVersion": version} if version else {}
    properties: Json = {"dnsPrefix": "aks", "agentPoolProfiles": [{**SYSTEM, **system}], **asked}
    found = await it.ask("PUT", f"{AKS}?{VERSION}", {"location": "westeurope", "properties": properties})
    await it.done()
    return found


async def pool(it: Local, name: str, version: str = "") -> Reply:
    """Write a node pool, without a version if none is given."""
    own = SYSTEM if name == "system" else FLOWS
    asked: dict[str, Json] = {"orchestratorVersion": version} if version else {}
    properties: Json = {key: value for key, value in {**own, **asked}.items() if key != "name"}
    found = await it.ask("PUT", f"{AKS}/agentPools/{name}?{VERSION}", {"properties": properties})
    await it.done()
    return found


async def versions(it: Local) -> tuple[str, str, str]:
    """The versions that reads show: control plane, system pool, pool of the flows."""
    read = (await it.ask("GET", f"{AKS}?{VERSION}")).json
    pools = [(await it.ask("GET", f"{AKS}/agentPools/{name}?{VERSION}")).json for name in ("system", "flows")]
    shown = [as_text(member(one, "properties", "currentOrchestratorVersion")) for one in pools]
    (inline,) = objects_of(member(read, "properties", "agentPoolProfiles"))
    assert inline["currentOrchestratorVersion"] == shown[0]
    return as_text(member(read, "properties", "currentKubernetesVersion")), shown[0], shown[1]


def on_azure(path: Path, story: Story, survey: Survey | None = None) -> None:
    """Run a story on an embedded Azure with a cluster of version 1.34."""
    it = local(path, survey=survey)
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.ContainerService", "Registered", 0)

    async def told() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        for made in (await cluster(it, "1.34"), await pool(it, "flows")):
            assert made.status < 300, made.text
        await story(it)

    run(told())
    it.database.close()


def test_a_request_without_a_version_leaves_it_and_a_new_pool_has_that_of_the_control_plane(tmp_path: Path) -> None:
    async def story(it: Local) -> None:
        assert await versions(it) == ("1.34.0", "1.34.0", "1.34.0")
        assert (await cluster(it)).status < 300
        assert (await cluster(it, "1.35")).status < 300
        assert await versions(it) == ("1.35.0", "1.34.0", "1.34.0")
        assert (await cluster(it)).status < 300
        assert (await pool(it, "flows")).status < 300
        assert await versions(it) == ("1.35.0", "1.34.0", "1.34.0")

    on_azure(tmp_path, story)


def test_minor_versions_of_a_control_plane_are_not_skipped_and_there_is_no_way_back(tmp_path: Path) -> None:
    async def story(it: Local) -> None:
        skipped = await cluster(it, "1.36.0")
        assert skipped.code == "OperationNotAllowed"
        assert (
            "Upgrading Kubernetes version 1.34.0 to 1.36.0 is not allowed. Available upgrades: [1.35.0]" in skipped.text
        )
        back = await cluster(it, "1.33.0")
        assert back.code == "OperationNotAllowed"
        assert "Downgrading Kubernetes version 1.34.0 to 1.33.0" in back.text
        assert (await cluster(it, "1.35.7")).code == "OperationNotAllowed"  # no such patch release
        assert (await cluster(it, "1.34")).status < 300  # as it is
        assert await versions(it) == ("1.34.0", "1.34.0", "1.34.0")

    on_azure(tmp_path, story)


def test_a_pool_comes_after_its_control_plane_and_at_most_two_minor_versions_behind(tmp_path: Path) -> None:
    async def story(it: Local) -> None:
        early = await pool(it, "flows", "1.35.0")
        assert early.code == "NodePoolMcVersionIncompatible"
        assert "Minor version of node pool version 35 is bigger than control plane version 34" in early.text
        assert (await cluster(it, "1.34", orchestratorVersion="1.35.0")).code == "NodePoolMcVersionIncompatible"
        for version in ("1.35", "1.36"):
            assert (await cluster(it, version)).status < 300
        assert (await pool(it, "flows", "1.36.0")).code == "AgentPoolUpgradeVersionNotAllowed"
        for version in ("1.35.0", "1.36.0"):
            assert (await pool(it, "flows", version)).status < 300
        assert (await pool(it, "flows", "1.35.0")).code == "AgentPoolUpgradeVersionNotAllowed"
        assert await versions(it) == ("1.36.0", "1.34.0", "1.36.0")
        assert (await pool(it, "system", "1.35.0")).status < 300
        assert (await cluster(it)).status < 300
        assert await versions(it) == ("1.36.0", "1.35.0", "1.36.0")

    on_azure(tmp_path, story)


def test_a_control_plane_does_not_leave_its_pools_three_minor_versions_behind(tmp_path: Path) -> None:
    async def story(it: Local) -> None:
        for version in ("1.35", "1.36"):
            assert (await cluster(it, version)).status < 300
        refused = await cluster(it, "1.37")
        assert (refused.status, refused.code) == (400, "NodePoolMcVersionIncompatible")

    on_azure(tmp_path, story, surveyed("1.34", "1.35", "1.36", "1.37"))


def surveyed(*minors: str) -> Survey:
    """A survey whose region offers these versions."""
    found: Json = [
        {"location": "westeurope", "version": one, "isDefault": place == 0} for place, one in enumerate(minors)
    ]
    return parse(json.dumps({"version": 1, "subscriptionId": SUBSCRIPTION, "kubernetesVersions": found}))


def test_the_upgrade_profile_lists_what_would_be_accepted(tmp_path: Path) -> None:
    async def story(it: Local) -> None:
        assert (await cluster(it, "1.35")).status < 300
        found = (await it.ask("GET", f"{AKS}/upgradeProfiles/default?{VERSION}")).json["properties"]
        upgrades = objects_of(member(found, "controlPlaneProfile", "upgrades"))
        assert [one["kubernetesVersion"] for one in upgrades] == ["1.36.0"]
        pools = {as_text(one["name"]): one for one in objects_of(member(found, "agentPoolProfiles"))}
        assert set(pools) == {"system", "flows"}
        assert [one["kubernetesVersion"] for one in objects_of(pools["flows"]["upgrades"])] == ["1.35.0"]

    on_azure(tmp_path, story)


@pytest.mark.parametrize(
    ("version", "code", "settled"),
    [("", "", "1.35.0"), ("1.36", "", "1.36.0"), ("1.33.0", "K8sVersionNotSupported", "")],
)
def test_a_new_cluster_has_a_version_of_its_region(tmp_path: Path, version: str, code: str, settled: str) -> None:
    it = local(tmp_path, survey=surveyed("1.35", "1.36"))
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.ContainerService", "Registered", 0)

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        assert (await cluster(it, version)).code == code
        found = (await it.ask("GET", f"{AKS}?{VERSION}")).json
        assert as_text(member(found, "properties", "kubernetesVersion")) == settled

    run(story())
    it.database.close()


def test_an_unsupported_cluster_skips_to_the_oldest_supported_version(tmp_path: Path) -> None:
    async def story(it: Local) -> None:
        found = it.emulator.resources.get(AKS)
        assert found is not None
        found.computed["properties"] = {"currentKubernetesVersion": "1.31.4"}
        it.emulator.resources.save(found)
        it.emulator.resources.remove(f"{AKS}/agentPools/flows")
        profile = (await it.ask("GET", f"{AKS}/upgradeProfiles/default?{VERSION}")).json["properties"]
        listed = objects_of(member(profile, "controlPlaneProfile", "upgrades"))
        assert [one["kubernetesVersion"] for one in listed] == ["1.33.0"]

    on_azure(tmp_path, story)
