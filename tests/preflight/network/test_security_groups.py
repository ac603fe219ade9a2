"""Network security groups of existing subnets: rules that what the plan puts there does not work with are named."""

from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.preflight.model import Finding, Result
from tests.preflight.network.test_network import PEERED, SPOKE, found, hub, spoke, with_spoke
from tests.preflight.surveyed import sample

GROUP: Final = f"{SPOKE.partition('/virtualNetworks/')[0]}/networkSecurityGroups/nsg-given"
APPS: Final = {"runtime": "container_apps", "control_plane": "container_app"}
Rule = tuple[str, str, str, str]
"""Direction, access, the other side, ports."""


def _rules(*rules: Rule) -> dict[str, Json]:
    listed: list[Json] = [
        {
            "name": f"rule-{number}",
            "properties": {
                "priority": 100 + number,
                "direction": direction,
                "access": access,
                "protocol": "*",
                f"{'source' if direction == 'Inbound' else 'destination'}AddressPrefix": place,
                "destinationPortRange": ports,
            },
        }
        for number, (direction, access, place, ports) in enumerate(rules)
    ]
    return {"id": GROUP, "location": "swedencentral", "properties": {"securityRules": listed}}


def behind(tmp_path: Path, subnet: str, group: dict[str, Json], given: Answers, policies: str = "") -> Result:
    """Result with this group at a subnet of the spoke or the hub."""
    kept = given.platform.runtime == "container_apps"
    delegated = {"snet_web": ("10.3.1.0/26", ""), "snet_apps": ("10.3.4.0/26", "Microsoft.App/environments")}
    bodies = [*hub(), *(spoke(**delegated) if kept else spoke())]
    for one in bodies:
        if as_text(one["id"]).endswith(f"/{subnet}"):
            as_object(one["properties"]).update({"networkSecurityGroup": {"id": GROUP}})
            if policies:
                as_object(one["properties"])["privateEndpointNetworkPolicies"] = policies
    return found(tmp_path, given, *bodies, *PEERED, group)


def of_group(result: Result) -> list[Finding]:
    return [one for one in result.findings if one.where == GROUP]


DENY_ALL: Final[Rule] = ("Outbound", "Deny", "*", "*")
WITHIN: Final[Rule] = ("Outbound", "Allow", "VirtualNetwork", "*")


@pytest.mark.parametrize(
    ("rules", "denied"),
    [
        ((), set()),
        (
            (DENY_ALL,),
            {"port 443 to the virtual network", "port 5432 to the virtual network", "port 443 outbound to Entra"},
        ),
        ((WITHIN, DENY_ALL), {"port 443 outbound to Entra"}),
        ((WITHIN, ("Outbound", "Allow", "AzureActiveDirectory", "443"), DENY_ALL), set()),
        ((("Outbound", "Deny", "10.0.0.0/8", "5432"),), {"port 5432 to the virtual network"}),
        ((("Outbound", "Deny", "10.9.0.0/16", "5432"),), set()),
        ((("Inbound", "Deny", "*", "*"),), set()),
    ],
)
def test_rules_of_the_subnet_of_web_apps(tmp_path: Path, rules: tuple[Rule, ...], denied: set[str]) -> None:
    findings = of_group(behind(tmp_path, "snet-web", _rules(*rules), with_spoke()))
    assert {what for what in denied if any(f"denies {what}" in one.what for one in findings)} == denied
    assert len(findings) == len(denied), findings
    assert all("az network nsg rule create" in one.ways[0].text for one in findings)


@pytest.mark.parametrize(
    ("rules", "policies", "count"),
    [
        ((("Inbound", "Deny", "VirtualNetwork", "*"),), "Enabled", 1),
        ((("Inbound", "Deny", "VirtualNetwork", "*"),), "NetworkSecurityGroupEnabled", 1),
        ((("Inbound", "Deny", "VirtualNetwork", "*"),), "Disabled", 0),
        ((("Inbound", "Deny", "VirtualNetwork", "*"),), "RouteTableEnabled", 0),
        ((("Inbound", "Allow", "VirtualNetwork", "443"), ("Inbound", "Deny", "*", "*")), "Enabled", 0),
        ((("Inbound", "Allow", "10.3.0.0/24", "443"), ("Inbound", "Deny", "*", "*")), "Enabled", 1),
    ],
)
def test_rules_count_for_private_endpoints_if_their_subnet_says_so(
    tmp_path: Path, rules: tuple[Rule, ...], policies: str, count: int
) -> None:
    findings = of_group(behind(tmp_path, "snet-endpoints", _rules(*rules), with_spoke(), policies))
    assert len(findings) == count, findings
    partial = any("10.3.0.0/24" in rule for rule in rules)
    assert {one.severity for one in findings} <= {"warns" if partial else "blocks"}


def test_the_database_is_behind_the_endpoints_of_the_hub(tmp_path: Path) -> None:
    rules = _rules(("Inbound", "Allow", "*", "443"), ("Inbound", "Deny", "*", "*"))
    (finding,) = of_group(behind(tmp_path, "vnet-hub/subnets/snet-pe", rules, with_spoke(), "Enabled"))
    assert "port 5432 from the virtual network" in finding.what


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ((("Inbound", "Deny", "*", "*"),), "the probes of Azure's load balancer"),
        ((("Inbound", "Deny", "VirtualNetwork", "443"),), "port 443 from the virtual network"),
        ((WITHIN, DENY_ALL), "denies port 443 outbound"),
        ((("Inbound", "Deny", "Internet", "*"),), ""),
    ],
)
def test_rules_of_the_subnet_of_container_apps(tmp_path: Path, rules: tuple[Rule, ...], words: str) -> None:
    platform = sample(platform=APPS).platform
    given = with_spoke().model_copy(update={"platform": platform})
    findings = of_group(behind(tmp_path, "snet-apps", _rules(*rules), given))
    assert bool(findings) is bool(words)
    assert not words or any(words in one.what for one in findings)


def test_a_group_without_its_rules_is_not_checked(tmp_path: Path) -> None:
    group: dict[str, Json] = {"id": GROUP, "location": "swedencentral", "properties": {"provisioningState": "x"}}
    result = behind(tmp_path, "snet-web", group, with_spoke())
    assert any("rules of the network security group nsg-given" in one.what for one in result.not_checked)
