"""Resources that a rehearsal assumes. (tests/emulator/deployments/test_flowforge_estate.py checks every answers file.)"""

import ipaddress
from itertools import combinations

import pytest

from installer.estate.assumed_resources import assumed
from installer.estate.resources import resources
from installer.json_access import as_list, as_text, member
from tests.bicep.answers_matrix import MATRIX


def test_nothing_is_assumed_where_everything_is_made_anew() -> None:
    assert assumed(MATRIX["dev"]) == ()


@pytest.mark.parametrize(
    "name", ["07-hardened-gateway", "11-existing-hub", "13-existing-networks", "27-optional-existing-purview"]
)
def test_what_is_assumed_is_not_made_and_stands_after_what_it_is_in(name: str) -> None:
    answers = MATRIX[name]
    made = {resource.id.lower() for resource in resources(answers)}
    seen: set[str] = set()
    for resource in assumed(answers):
        key = as_text(resource["id"]).lower()
        assert key not in made
        assert key not in seen
        around = key.rpartition("/providers/")[0] if key.count("/") == 8 else key.rpartition("/")[0].rpartition("/")[0]
        assert "/resourcegroups/" not in around or around in seen, key
        seen.add(key)
    assert any("/resourcegroups/" in key for key in seen)


def test_networks_of_the_organisation_are_apart_from_each_other_and_from_ours() -> None:
    answers = MATRIX["13-existing-networks"]
    spaces = [
        ipaddress.ip_network(as_text(as_list(prefixes)[0]))
        for resource in assumed(answers)
        if (prefixes := member(resource, "properties", "addressSpace", "addressPrefixes"))
    ]
    assert len(spaces) == 3
    spaces.append(ipaddress.ip_network(answers.network.address_space))
    assert not [pair for pair in combinations(spaces, 2) if pair[0].overlaps(pair[1])]


def test_subnets_are_inside_their_network_and_given_over_to_who_needs_them() -> None:
    found = {as_text(resource["id"]): resource for resource in assumed(MATRIX["13-existing-networks"])}
    subnets = [name for name in found if "/subnets/" in name]
    for name in subnets:
        prefixes = member(found[name.rpartition("/subnets/")[0]], "properties", "addressSpace", "addressPrefixes")
        whole = ipaddress.IPv4Network(as_text(as_list(prefixes)[0]))
        assert ipaddress.IPv4Network(as_text(member(found[name], "properties", "addressPrefix"))).subnet_of(whole)
    [service] = {
        as_text(member(as_list(member(found[name], "properties", "delegations"))[0], "properties", "serviceName"))
        for name in subnets
        if name.endswith("snet-web")
    }
    assert service == "Microsoft.Web/serverFarms"


@pytest.mark.parametrize("own", [[], ["subnet.apps=snet-aca", "subnet.web=snet-www"]], ids=["usual names", "own names"])
def test_subnets_with_own_names_are_delegated_as_well(own: list[str]) -> None:
    answers = MATRIX["13-existing-networks"]
    platform = answers.platform.model_copy(update={"runtime": "container_apps", "control_plane": "container_app"})
    governance = answers.governance.model_copy(update={"names": own})
    given = answers.model_copy(update={"platform": platform, "governance": governance})
    name = "snet-aca" if own else "snet-apps"
    delegated = [
        member(one, "properties", "serviceName")
        for resource in assumed(given)
        if as_text(resource["id"]).endswith(f"/{name}")
        for one in as_list(member(resource, "properties", "delegations"))
    ]
    assert delegated == ["Microsoft.App/environments"] * 2


def test_existing_spokes_are_assumed_to_be_peered_with_the_hub() -> None:
    ids = [as_text(one["id"]) for one in assumed(MATRIX["13-existing-networks"])]
    halves = [one.rpartition("/virtualNetworks/")[2] for one in ids if "/virtualNetworkPeerings/" in one]
    assert sorted(halves) == [
        "vnet-dev/virtualNetworkPeerings/to-vnet-hub",
        "vnet-hub/virtualNetworkPeerings/to-vnet-dev",
        "vnet-hub/virtualNetworkPeerings/to-vnet-prod",
        "vnet-prod/virtualNetworkPeerings/to-vnet-hub",
    ]
