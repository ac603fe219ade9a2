"""The address plan: networks keep apart, what exists stays where it is, and what will not do is refused with a way out."""

from ipaddress import IPv4Network
from itertools import combinations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installer.answers.model import ENVIRONMENTS
from installer.conventions.address_ranges import AddressError
from installer.conventions.addressing import MAX_PREFIX_LENGTH, AddressPlan, plan

RUNTIMES: Final = ({"aks"}, {"container_apps"}, {"aks", "container_apps"})
AKS: Final = {"aks"}
LEAST = {
    "nodes": 25,
    "apps": 27,
    "web": 28,
    "endpoints": 27,
    "gateway": 28,
    "api": 28,
    "resolver": 28,
    "postgres": 28,
}
"""Largest prefix length that a subnet can live with: 50 nodes, their surge and load balancers; Azure's own minimum."""

SUBSETS = [chosen for size in range(1, 5) for chosen in combinations(ENVIRONMENTS, size)]


@st.composite
def spaces(draw: st.DrawFn) -> str:
    """Private address spaces that are large enough."""
    within = draw(st.sampled_from(["10.0.0.0/8", "172.16.0.0/13", "172.24.0.0/14", "192.168.0.0/16", "100.64.0.0/11"]))
    outer = IPv4Network(within)
    length = draw(st.integers(outer.prefixlen, MAX_PREFIX_LENGTH))
    index = draw(st.integers(0, 2 ** (length - outer.prefixlen) - 1))
    return str(IPv4Network((int(outer.network_address) + index * 2 ** (32 - length), length)))


def networks(made: AddressPlan) -> list[IPv4Network]:
    return [IPv4Network(network.prefix) for network in made.networks]


@given(space=spaces(), environments=st.sampled_from(SUBSETS), runtime=st.sampled_from(RUNTIMES))
def test_every_plan_holds_together(space: str, environments: tuple[str, ...], runtime: set[str]) -> None:
    made = plan(space, dict.fromkeys(environments, runtime))
    assert [network.name for network in made.networks] == ["hub", *environments]
    assert all(network.subnet_of(IPv4Network(space)) for network in networks(made))
    assert not any(a.overlaps(b) for a, b in combinations(networks(made), 2))
    for network in made.networks:
        subnets = [IPv4Network(subnet.prefix) for subnet in network.subnets]
        assert subnets
        assert all(subnet.subnet_of(IPv4Network(network.prefix)) for subnet in subnets)
        assert not any(a.overlaps(b) for a, b in combinations(subnets, 2))
        assert all(IPv4Network(subnet.prefix).prefixlen <= LEAST[subnet.name] for subnet in network.subnets)
        assert {subnet.name: subnet.least for subnet in network.subnets}.items() <= LEAST.items()
        assert all(subnet.usable >= 11 for subnet in network.subnets)
        taken = sum(subnet.num_addresses for subnet in subnets) / IPv4Network(network.prefix).num_addresses
        assert network.spare == pytest.approx(1 - taken)


@given(space=spaces(), environments=st.sampled_from(SUBSETS))
def test_adding_an_environment_moves_nothing(space: str, environments: tuple[str, ...]) -> None:
    everything = plan(space, dict.fromkeys(ENVIRONMENTS, AKS))
    for network in plan(space, dict.fromkeys(environments, AKS)).networks:
        assert network == everything.network(network.name)


def test_the_order_in_which_environments_are_given_does_not_matter() -> None:
    assert plan("10.40.0.0/16", {"prod": AKS, "dev": AKS}) == plan("10.40.0.0/16", {"dev": AKS, "prod": AKS})


def test_the_smallest_space_that_will_do() -> None:
    made = plan("10.40.0.0/21", dict.fromkeys(ENVIRONMENTS, AKS | {"container_apps"}))
    assert {network.name: network.prefix for network in made.networks} == {
        "hub": "10.40.0.0/23",
        "dev": "10.40.2.0/24",
        "qa": "10.40.3.0/24",
        "uat": "10.40.4.0/24",
        "prod": "10.40.6.0/23",
    }
    assert {subnet.name: subnet.prefix for subnet in made.network("dev").subnets} == {
        "nodes": "10.40.2.0/25",
        "web": "10.40.2.128/27",
        "endpoints": "10.40.2.160/27",
        "apps": "10.40.2.192/27",
        "gateway": "10.40.2.224/28",
        "api": "10.40.2.240/28",
    }
    assert made.network("prod").subnet("postgres").prefix == "10.40.7.240/28"
    assert {subnet.name: subnet.prefix for subnet in made.network("hub").subnets} == {
        "endpoints": "10.40.0.0/26",
        "gateway": "10.40.0.128/26",
        "resolver": "10.40.0.64/28",
        "postgres": "10.40.0.96/28",
    }


@given(space=spaces(), kinds=st.sampled_from(RUNTIMES))
def test_a_second_kind_of_runtime_moves_only_what_it_brings(space: str, kinds: set[str]) -> None:
    everything = plan(space, {"prod": AKS | {"container_apps"}}).network("prod")
    subnets = plan(space, {"prod": kinds}).network("prod").subnets
    moved = {subnet.name for subnet in subnets if subnet != everything.subnet(subnet.name)}
    assert moved <= {"apps"} < {subnet.name for subnet in subnets} | {"apps"}


def test_each_environment_has_the_subnets_of_its_own_runtime() -> None:
    made = plan("10.40.0.0/16", {"dev": {"container_apps"}, "prod": AKS})
    assert {"apps"} == {s.name for s in made.network("dev").subnets} & {"nodes", "apps", "api"}
    assert {"nodes", "api"} == {s.name for s in made.network("prod").subnets} & {"nodes", "apps", "api"}


def test_subnets_are_given_over_to_the_services_that_want_it() -> None:
    made = plan("10.40.0.0/16", {"dev": {"container_apps"}, "prod": AKS})
    assert {subnet.name: subnet.delegation for network in made.networks for subnet in network.subnets} == {
        "apps": "Microsoft.App/environments",
        "web": "Microsoft.Web/serverFarms",
        "nodes": None,
        "endpoints": None,
        "gateway": None,
        "api": "Microsoft.ContainerService/managedClusters",
        "resolver": "Microsoft.Network/dnsResolvers",
        "postgres": "Microsoft.DBforPostgreSQL/flexibleServers",
    }


@pytest.mark.parametrize(
    ("space", "reason", "example"),
    [
        ("10.40.0.0/30", "A /30 has 4 addresses; the address plan needs a /21 or larger.", "10.40.0.0/21"),
        ("10.40.9.0/24", "A /24 has 256 addresses; the address plan needs a /21 or larger.", "10.40.8.0/21"),
        ("10.40.0.1/32", "A /32 has 1 address; the address plan needs a /21 or larger.", "10.40.0.0/21"),
        ("10.40.1.0/16", "10.40.1.0/16 is not the start of a range; the range is 10.40.0.0/16.", "10.40.0.0/16"),
        ("8.8.1.0/16", "8.8.1.0/16 is not the start of a range; the range is 8.8.0.0/16.", "10.40.0.0/16"),
        ("8.8.0.0/16", "8.8.0.0/16 is not a private range", "10.40.0.0/16"),
        ("0.0.0.0/0", "0.0.0.0/0 is not a private range", "10.40.0.0/16"),
        ("169.254.0.0/16", "169.254.0.0/16 is not a private range", "10.40.0.0/16"),
        ("172.31.0.0/16", "172.31.0.0/16 overlaps 172.31.0.0/16, which Azure reserves.", "10.40.0.0/16"),
        ("172.30.8.0/24", "A /24 has 256 addresses", "10.40.0.0/16"),
        ("10.40.0.0", "'10.40.0.0' has no prefix length", "10.40.0.0/16"),
        ("", "'' has no prefix length", "10.40.0.0/16"),
        ("10.40.0.0/", "is not an IPv4 range", "10.40.0.0/16"),
        ("10.40.0.0/ 16", "is not an IPv4 range", "10.40.0.0/16"),
        ("10.40.0.0/\uff11\uff16", "is not an IPv4 range", "10.40.0.0/16"),
        ("10.40.0.0/33", "is not an IPv4 range", "10.40.0.0/16"),
        ("10.400.0.0/16", "is not an IPv4 range", "10.40.0.0/16"),
        ("010.40.0.0/16", "is not an IPv4 range", "10.40.0.0/16"),
        ("fd00::/48", "is not an IPv4 range", "10.40.0.0/16"),
    ],
)
def test_an_unsuitable_space_is_refused_with_a_suitable_example(space: str, reason: str, example: str) -> None:
    with pytest.raises(AddressError) as refused:
        plan(space, {"dev": AKS})
    assert reason in refused.value.message
    assert refused.value.example == example
    plan(refused.value.example, {"dev": AKS})


def test_container_apps_keep_a_range_more() -> None:
    with pytest.raises(AddressError, match=r"100\.100\.0\.0/16"):
        plan("100.100.0.0/17", {"prod": AKS, "dev": {"container_apps"}})
    assert plan("100.100.0.0/17", {"dev": AKS}).networks


def refusal(space: str, runtime: frozenset[str] = frozenset(AKS)) -> AddressError | None:
    try:
        plan(space, dict.fromkeys(ENVIRONMENTS, runtime))
    except AddressError as error:
        return error
    return None


@given(st.text(max_size=24))
def test_whatever_is_typed_gives_a_plan_or_a_reason(text: str) -> None:
    refused = refusal(text)
    if refused is not None:
        assert refused.message
        assert refusal(refused.example) is None


@given(st.integers(0, 2**32 - 1), st.integers(0, 32), st.sampled_from(list(map(frozenset, RUNTIMES))))
def test_every_range_gives_a_plan_or_an_example_that_does(address: int, length: int, runtime: frozenset[str]) -> None:
    space = IPv4Network((address >> (32 - length) << (32 - length), length))
    refused = refusal(str(space), runtime)
    if refused is not None:
        assert refusal(refused.example, runtime) is None
