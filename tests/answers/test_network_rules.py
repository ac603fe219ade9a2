"""Rules about address ranges and about access to private addresses."""

import pytest

from installer.answers.files import parse
from installer.errors import Problem
from tests.answers.answers_files import LEAST
from tests.answers.test_rules import HUB, problems


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("pod_range", "10.244.0.0/16", ""),
        ("pod_range", "10.40.128.0/18", "overlaps 10.40.0.0/16, the address space of the installation"),
        ("pod_range", "10.9.0.0/16", "overlaps 10.9.8.0/24, a connected range"),
        ("pod_range", "172.31.0.0/16", "which AKS reserves"),
        ("pod_range", "8.8.0.0/16", "is not a private range"),
        ("pod_range", "10.244.1.0/16", "the range is 10.244.0.0/16"),
        ("pod_range", "10.244.0.0/40", "is not an IPv4 range"),
        ("pod_range", "10.244.0.0/22", "has room for 4 nodes of a /24 each; up to 10 need a /20"),
        ("service_range", "10.245.0.0/16", ""),
        ("service_range", "10.0.0.0/12", "a prefix length from /13 to /24"),
        ("service_range", "10.245.0.0/28", "a prefix length from /13 to /24"),
        ("service_range", "10.40.0.0/16", "overlaps 10.40.0.0/16"),
    ],
)
def test_ranges_inside_a_cluster(key: str, value: str, told: str) -> None:
    found = problems(network__connected_ranges=["10.9.8.0/24"], **{f"platform__{key}": value})
    assert list(found) == ([f"platform.{key}"] if told else [])
    assert told in found.get(f"platform.{key}", "")


def test_pods_and_services_keep_apart() -> None:
    found = problems(platform__pod_range="10.244.0.0/15", platform__service_range="10.245.0.0/16")
    assert found == {"platform.service_range": "10.245.0.0/16 overlaps the pod range 10.244.0.0/15; enter a free range"}


def test_ranges_are_asked_for_where_no_usual_one_is_free() -> None:
    everything = ["10.0.0.0/11", "10.64.0.0/10", "10.128.0.0/9", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
    found = problems(network__connected_ranges=everything)
    assert list(found) == ["platform.pod_range"]
    assert "required here" in found["platform.pod_range"]
    given = {"platform__pod_range": "10.48.0.0/16", "platform__service_range": "10.49.0.0/16"}
    assert problems(network__connected_ranges=everything, **given) == {}
    assert problems(network__connected_ranges=everything, platform__runtime="container_apps") == {}


def test_a_connected_range_is_one_and_overlaps_no_new_network() -> None:
    assert "the range is 10.9.8.0/24" in problems(network__connected_ranges=["10.9.8.1/24"])["network.connected_ranges"]
    found = problems(network__connected_ranges=["10.40.9.0/24"])
    assert "overlaps the connected range 10.40.9.0/24" in found["network.address_space"]
    hub = f"{HUB}vnet-hub"
    existing = {"network__mode": "existing", "network__hub_id": hub, "network__hub_subnet": "snet-endpoints"}
    assert "network.address_space" not in problems(network__connected_ranges=["10.40.9.0/24"], **existing)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "the web app (Ingress: private access only) and the Kubernetes API server"),
        ({"platform.private_api": False}, "the web app (Ingress: private access only) until"),
        ({"platform.runtime": "container_apps"}, "the web app (Ingress: private access only) until"),
        ({"ingress.kind": "gateway"}, "no user can reach the Kubernetes API server"),
        ({"ingress.kind": "gateway", "platform.private_api": False}, ""),
        ({"network.private_access": "bastion"}, ""),
        ({"network.gateway_transit": True}, ""),
        ({"network.mode": "public"}, ""),
    ],
)
def test_the_review_warns_when_private_addresses_are_out_of_reach(given: dict[str, object], told: str) -> None:
    draft = parse(LEAST.encode(), "f").draft
    draft.give("network.private_access", "none")
    if "network.gateway_transit" in given:
        draft.forget("network.private_access")
    for key, value in given.items():
        draft.give(key, value)
    found = draft.cautions()
    assert [one.key for one in found] == (["network.private_access"] if told else [])
    assert told in "".join(one.message for one in found)


@pytest.mark.parametrize(
    ("mode", "warned"), [("new", False), ("public", False), ("existing_hub", True), ("existing", True)]
)
def test_the_review_warns_of_a_private_link_scope_that_networks_of_others_may_have(mode: str, warned: bool) -> None:
    draft = parse(LEAST.encode(), "f").draft
    draft.give("network.mode", mode)
    draft.give("network.private_access", "gateway")
    found = [one for one in draft.cautions() if "Private Link Scope" in one.message]
    assert [one.key for one in found] == (["network.mode"] if warned else [])
    assert all("Application Insights" in one.message for one in found)


def _with_scope(mode: str, **given: object) -> list[Problem]:
    draft = parse(LEAST.encode(), "f").draft
    draft.give("monitoring.private_link", mode)
    draft.give("network.private_access", "gateway")
    for key, value in given.items():
        draft.give(key.replace("__", "."), value)
    return [one for one in (*draft.problems(), *draft.cautions()) if one.key == "monitoring.private_link"]


@pytest.mark.parametrize("mode", ["open", "private_only"])
@pytest.mark.parametrize(("dns", "refused"), [("created", False), ("existing", True), ("policy", True)])
def test_a_private_link_scope_is_refused_in_zones_of_others(mode: str, dns: str, refused: bool) -> None:
    found = [one.message for one in _with_scope(mode, network__dns=dns)]
    assert [("select none, and ask the owner" in text) for text in found] == ([True] if refused else [])
    assert _with_scope("none", network__dns=dns) == []


def test_china_has_no_zones_for_a_private_link_scope() -> None:
    (problem,) = _with_scope("open", subscription__cloud="china", subscription__region="chinanorth3")
    assert "China" in problem.message


@pytest.mark.parametrize(
    ("mode", "network", "warning"),
    [
        ("private_only", {}, ""),
        ("private_only", {"network__dns_resolver": True}, "servers that use the DNS resolver reach no workspaces"),
        ("open", {"network__dns_resolver": True}, "servers that use the DNS resolver reach Azure Monitor through"),
        (
            "private_only",
            {"network__mode": "existing_hub", "network__dns": "created"},
            "machines in the existing networks",
        ),
        ("none", {"network__mode": "existing_hub", "network__dns": "created"}, ""),
    ],
)
def test_the_review_warns_of_others_that_a_private_link_scope_serves(
    mode: str, network: dict[str, object], warning: str
) -> None:
    found = [one.message for one in _with_scope(mode, **network) if "data collection endpoint in it" in one.message]
    assert len(found) == (1 if warning else 0)
    assert warning in "".join(found)
