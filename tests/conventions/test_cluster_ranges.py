"""Ranges inside a cluster: overlap nothing that pods have to reach, and say so when that cannot be."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given

from installer.conventions.address_ranges import RESERVED
from installer.conventions.cluster_ranges import (
    SERVICES_SHORTEST,
    ClusterRangesError,
    cluster_ranges,
    nodes_that_fit,
)
from tests.conventions.test_addressing import spaces


@given(space=spaces())
def test_ranges_inside_a_cluster_collide_with_nothing(space: str) -> None:
    made = cluster_ranges("", "", [IPv4Network(space)])
    assert not any(a.overlaps(b) for a, b in combinations((made.pods, made.services, IPv4Network(space), *RESERVED), 2))
    assert nodes_that_fit(made.pods) >= 100
    assert made.services.prefixlen >= SERVICES_SHORTEST
    assert made.services.network_address + 1 < made.services[10]
    assert str(made.services[10]) == made.dns_service


def test_connected_networks_are_avoided_and_given_ranges_taken() -> None:
    on_premises = [IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12")]
    made = cluster_ranges("", "", on_premises)
    assert (str(made.pods), str(made.services)) == ("192.168.0.0/17", "192.168.128.0/17")
    mixed = cluster_ranges("10.245.0.0/16", "", [IPv4Network("10.40.0.0/16")])
    assert (str(mixed.pods), str(mixed.services)) == ("10.245.0.0/16", "172.28.0.0/16")
    assert str(cluster_ranges("", "10.244.0.0/16", []).pods) == "172.29.0.0/16"


def test_nothing_free_names_the_range_to_enter() -> None:
    everything = [IPv4Network("0.0.0.0/0")]
    with pytest.raises(ClusterRangesError, match="pod range") as refused:
        cluster_ranges("", "10.245.0.0/16", everything)
    assert refused.value.kind == "pod"
    with pytest.raises(ClusterRangesError, match="service range"):
        cluster_ranges("10.244.0.0/16", "", everything)


@pytest.mark.parametrize(("pods", "nodes"), [("10.0.0.0/16", 256), ("10.0.0.0/24", 1), ("10.0.0.0/25", 0)])
def test_every_node_takes_a_24(pods: str, nodes: int) -> None:
    assert nodes_that_fit(IPv4Network(pods)) == nodes
