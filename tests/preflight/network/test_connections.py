"""Existing hub and spokes: overlaps and peerings that the installation does not make are named."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.estate.parameters.context import Installation
from installer.estate.parameters.resource_ids import network_id
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.preflight.model import Finding, Result
from installer.preflight.network.check import NETWORK
from installer.preflight.report import check_all
from tests.preflight.network.test_network import (
    HUB,
    OFFICE,
    SPOKE,
    found,
    gateway_subnet,
    halves,
    hub,
    network,
    spoke,
    with_hub,
    with_spoke,
)
from tests.preflight.surveyed import sample, subject_of
from tests.preflight.test_survey_gaps import Changed

TEST: Final = SPOKE.replace("vnet-dev", "vnet-qa")


def with_two_spokes() -> Answers:
    net = with_spoke().network.model_copy(update={"spoke_ids": [f"dev={SPOKE}", f"qa={TEST}"]})
    return sample("dev", "qa").model_copy(update={"network": net})


def second(prefix: str = "10.4.0.0/16") -> list[dict[str, Json]]:
    """A second spoke, with the subnets of the first one."""
    start = prefix.rsplit(".", 2)[0]
    copied = [
        {**one, "id": str(one["id"]).replace("vnet-dev", "vnet-qa")} for one in spoke() if "/subnets/" in str(one["id"])
    ]
    for number, one in enumerate(copied):
        one["properties"] = {**as_object(one["properties"]), "addressPrefix": f"{start}.{number}.0/24"}
    return [network(TEST, prefix), *copied]


def about(result: Result, words: str) -> list[Finding]:
    return [one for one in result.findings if words in one.what]


def test_spokes_that_overlap_each_other_are_named(tmp_path: Path) -> None:
    apart = found(tmp_path / "apart", with_two_spokes(), *hub(), *spoke(), *second(), *halves(HUB, SPOKE, TEST))
    assert not about(apart, "overlap"), apart.findings
    assert "3 existing networks overlap nowhere" in {one.text for one in apart.proofs}
    result = found(
        tmp_path / "over", with_two_spokes(), *hub(), *spoke(), *second("10.3.0.0/17"), *halves(HUB, SPOKE, TEST)
    )
    (finding,) = about(result, "overlap")
    assert finding.what == "vnet-dev (10.3.0.0/16) and vnet-qa (10.3.0.0/17) overlap"
    assert finding.severity == "blocks"
    assert finding.code == "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet"
    assert finding.ways


def test_a_spoke_that_overlaps_the_hub_is_named(tmp_path: Path) -> None:
    result = found(tmp_path, with_spoke(), *hub("10.3.128.0/17"), *spoke(), *halves(HUB, SPOKE))
    (finding,) = about(result, " overlap")
    assert finding.code == "VnetAddressSpacesOverlap"


def _without(half: int) -> list[dict[str, Json]]:
    return [one for number, one in enumerate(halves(HUB, SPOKE)) if number != half]


@pytest.mark.parametrize(
    ("peerings", "words"),
    [
        ([], "vnet-dev has no peering with vnet-hub and vnet-hub has no peering with vnet-dev"),
        (_without(0), "vnet-hub has no peering with vnet-dev"),
        (_without(1), "vnet-dev has no peering with vnet-hub"),
    ],
)
def test_a_spoke_that_is_not_peered_with_the_hub_is_named(
    tmp_path: Path, peerings: list[dict[str, Json]], words: str
) -> None:
    (finding,) = about(found(tmp_path, with_spoke(), *hub(), *spoke(), *peerings), "is not connected")
    assert words in finding.what
    assert finding.severity == "blocks"
    assert finding.ways[0].text.count("az network vnet peering create") == 2


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"peeringState": "Disconnected"}, "the peering to-vnet-dev of vnet-hub is Disconnected"),
        ({"allowVirtualNetworkAccess": False}, "the peering to-vnet-dev of vnet-hub lets no traffic through"),
    ],
)
def test_a_peering_that_does_not_work_is_named(tmp_path: Path, changed: dict[str, Json], words: str) -> None:
    one, other = halves(HUB, SPOKE)
    one["properties"] = {**as_object(one["properties"]), **changed}
    kept = [one] if "peeringState" in changed else [one, other]
    (finding,) = about(found(tmp_path, with_spoke(), *hub(), *spoke(), *kept), "is not connected")
    assert words in finding.what


def test_a_spoke_behind_another_network_may_be_connected(tmp_path: Path) -> None:
    wan = halves(OFFICE, SPOKE)
    result = found(tmp_path, with_spoke(), *hub(), *spoke(), network(OFFICE, "10.9.0.0/16"), *wan)
    (finding,) = about(result, "is not connected")
    assert finding.severity == "warns"
    assert "it may be connected through vnet-office" in finding.what
    assert finding.ways[0].text == "nothing to do, if vnet-office leads from one to the other"


def test_a_network_manager_or_a_gateway_connects_without_peerings(tmp_path: Path) -> None:
    mesh = {"id": f"{HUB.partition('/providers/')[0]}/connectivityConfigurations/mesh", "connectivityTopology": "Mesh"}
    with subject_of(tmp_path / "managed", with_spoke(), resources=[*hub(), *spoke()]) as subject:
        arm = Changed(subject.arm, "listNetworkManagerEffective", lambda _found: {"value": [mesh]})
        (result,) = check_all(replace(subject, arm=arm), [NETWORK]).results
        arm._pool.shutdown(cancel_futures=True)
    (finding,) = about(result, "is not connected")
    assert finding.severity == "warns"
    assert "through the network manager configuration mesh" in finding.what
    gateway = {**gateway_subnet(), "id": f"{SPOKE}/subnets/GatewaySubnet"}
    (other,) = about(found(tmp_path / "gateway", with_spoke(), *hub(), *spoke(), gateway), "is not connected")
    assert (other.severity, "through its gateway" in other.what) == ("warns", True)


def test_new_spokes_are_peered_by_the_installation(tmp_path: Path) -> None:
    assert not about(found(tmp_path, with_hub(), *hub()), "is not connected")


def test_one_network_for_all_needs_no_peering(tmp_path: Path) -> None:
    given = with_spoke()
    net = given.network.model_copy(update={"hub_id": SPOKE, "hub_subnet": "snet-endpoints"})
    result = found(tmp_path, given.model_copy(update={"network": net}), *spoke())
    assert not about(result, "is not connected")
    assert not about(result, "overlap")


def test_a_peering_of_another_name_is_in_the_way_of_a_new_spoke(tmp_path: Path) -> None:
    spoke_id = network_id(Installation(with_hub()), "dev")
    remote: dict[str, Json] = {"remoteVirtualNetwork": {"id": spoke_id}, "peeringState": "Disconnected"}
    remote["remoteAddressSpace"] = {"addressPrefixes": ["10.40.16.0/20"]}
    for name, count in (("peer-flowforge", 1), ("to-vnet-ff-contoso-dev", 0)):
        half: dict[str, Json] = {"id": f"{HUB}/virtualNetworkPeerings/{name}", "name": name, "properties": remote}
        result = found(tmp_path / name, with_hub(), *hub(), half)
        findings = [one for one in result.findings if one.code == "AnotherPeeringAlreadyReferencesRemoteVnet"]
        assert len(findings) == count, result.findings
