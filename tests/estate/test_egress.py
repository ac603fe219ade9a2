"""Egress rules for an existing firewall."""

import pytest

from installer.answers.model import Answers
from installer.conventions.clouds import CLOUDS, Cloud
from installer.estate.egress import CONDITIONS, egress, rules
from tests.bicep.answers_variants import OTHER, answers

FIREWALL = {"egress": "firewall", "firewall_address": "10.0.0.4", "address_space": "10.40.0.0/16"}


def targets(given: Answers) -> set[str]:
    return {found.target for found in egress(given)}


def test_without_a_firewall_there_is_nothing_to_tell() -> None:
    assert egress(answers("dev")) == ()


def test_each_rule_is_listed_once_with_its_purpose() -> None:
    found = egress(answers("dev", "prod", network=FIREWALL))
    assert len({entry.target for entry in found}) == len(found)
    assert found
    assert all(entry.why and entry.source.startswith("https://") for entry in found)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_each_cloud_signs_in_at_its_own_place(cloud: Cloud) -> None:
    found = targets(answers("dev", cloud=cloud, network=FIREWALL))
    assert CLOUDS[cloud].login in found
    assert CLOUDS[cloud].management in found
    others = {CLOUDS[other].login for other in CLOUDS if other != cloud}
    assert not found & others


def test_what_has_a_private_endpoint_needs_no_rule() -> None:
    private = targets(answers("dev", network=FIREWALL))
    public = targets(answers("dev", network={**FIREWALL, "private_registry": False}))
    assert "crffcontoso.azurecr.io" not in private
    assert "crffcontoso.azurecr.io" in public


def test_an_api_server_outside_the_network_is_reached_from_every_region_that_has_nodes() -> None:
    given = answers(
        "dev",
        "prod",
        network=FIREWALL,
        platform={"private_api": False},
        own={"prod": {"region": "westeurope"}, "dev": {"runtime": "container_apps"}},
    )
    assert {target for target in targets(given) if "azmk8s" in target} == {"*.hcp.westeurope.azmk8s.io"}
    assert not any("azmk8s" in target for target in targets(answers("dev", network=FIREWALL)))


def test_each_kind_of_runtime_brings_its_own() -> None:
    on_kubernetes = targets(answers("dev", network=FIREWALL))
    on_container_apps = targets(answers("dev", network=FIREWALL, platform={"runtime": "container_apps"}))
    assert "mcr-0001.mcr-msedge.net" in on_kubernetes - on_container_apps
    assert "MicrosoftContainerRegistry" in on_container_apps - on_kubernetes


def test_prefect_cloud_has_to_be_reached() -> None:
    cloud = {"prefect": "cloud", "cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:PREFECT_KEY"}
    assert "api.prefect.cloud" in targets(answers("dev", network=FIREWALL, platform=cloud))
    assert "api.prefect.cloud" not in targets(answers("dev", network=FIREWALL))


def test_every_rule_has_a_source_a_known_condition_and_targets() -> None:
    assert len(rules()) > 15
    assert {rule.when for rule in rules()} == set(CONDITIONS)
    assert [rule.why for rule in rules() if not any(rule.hosts.values())] == []
    assert [rule.why for rule in rules() if not rule.source.startswith("https://")] == []


@pytest.mark.parametrize("cloud", CLOUDS)
def test_no_placeholder_is_left_and_no_target_of_another_cloud_in(cloud: Cloud) -> None:
    found = targets(answers("dev", cloud=cloud, network=FIREWALL, platform={"private_api": False}))
    assert not any("{" in target for target in found)
    ends = {"public": (".us", ".cn"), "usgov": ("azure.com", ".cn"), "china": (".us", "azure.com")}[cloud]
    kept = {"packages.aks.azure.com"}
    assert [target for target in sorted(found - kept) if target.endswith(ends)] == []


def test_nodes_of_each_region_reach_their_own_monitor() -> None:
    given = answers(
        "dev", "prod", network=FIREWALL, own={"prod": {"region": "westeurope"}}, monitoring={"container_insights": True}
    )
    found = targets(given)
    assert {"westeurope.handler.control.monitor.azure.com", "global.handler.control.monitor.azure.com"} <= found


def test_container_apps_reach_the_hosts_of_managed_identities() -> None:
    found = targets(answers("dev", network=FIREWALL, platform={"runtime": "container_apps"}))
    assert {"*.identity.azure.net", "*.login.microsoftonline.com", "acs-mirror.azureedge.net"} <= found


@pytest.mark.parametrize("cloud", ["public", "usgov"])
@pytest.mark.parametrize("mode", ["open", "private_only"])
def test_a_private_link_replaces_the_rules_of_azure_monitor(cloud: Cloud, mode: str) -> None:
    public = targets(answers("dev", cloud=cloud, network=FIREWALL))
    private = targets(answers("dev", cloud=cloud, network=FIREWALL, monitoring={"private_link": mode}))
    ours = {CLOUDS[cloud].monitor, "opinsights", "in.applicationinsights"}
    assert any(one in target for target in public for one in ours)
    assert not any(one in target for target in private for one in ours)
    assert CLOUDS[cloud].login in private
