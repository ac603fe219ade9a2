"""Existing networks: each obstacle is found before the first write, named, and removed by its way out."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from installer.answers.model import Answers
from installer.estate.parameters.context import Installation
from installer.estate.parameters.private_link import scope_id
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.preflight.model import Finding, Result
from installer.preflight.network.check import NETWORK
from installer.preflight.reads import Reads
from installer.preflight.report import check_all
from tests.bicep.answers_variants import OTHER, WAF
from tests.emulator.in_memory import SCOPE
from tests.preflight.surveyed import checked, from_survey, sample, subject_of, with_way

HUB_GROUP: Final = f"{SCOPE}/resourceGroups/rg-hub"
HUB: Final = f"{HUB_GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-hub"
OFFICE: Final = HUB.replace("vnet-hub", "vnet-office")
DNS: Final = f"{SCOPE}/resourceGroups/rg-dns"
ZONE: Final = "privatelink.blob.core.windows.net"


def group(resource_id: str) -> dict[str, Json]:
    return {"id": resource_id, "location": "swedencentral", "properties": {}}


def network(resource_id: str, *prefixes: str) -> dict[str, Json]:
    space: Json = {"addressSpace": {"addressPrefixes": list(prefixes)}}
    return {"id": resource_id, "location": "swedencentral", "properties": space}


def subnet(resource_id: str, prefix: str, delegation: str = "") -> dict[str, Json]:
    delegations: list[Json] = [{"name": "d", "properties": {"serviceName": delegation}}] if delegation else []
    return {"id": resource_id, "properties": {"addressPrefix": prefix, "delegations": delegations}}


def hub(*prefixes: str) -> list[dict[str, Json]]:
    """An existing hub with its subnet for private endpoints."""
    first = prefixes[0] if prefixes else "10.1.0.0/16"
    endpoints = f"{first.partition('/')[0]}/27"
    return [group(HUB_GROUP), network(HUB, *(prefixes or (first,))), subnet(f"{HUB}/subnets/snet-pe", endpoints)]


def with_hub(**more: Any) -> Answers:
    """Answers with this hub and new zones."""
    net = {"mode": "existing_hub", "hub_id": HUB, "hub_subnet": "snet-pe", "dns": "created", **more.pop("network", {})}
    return sample(network=net, **more)


def found(tmp_path: Path, given: Answers, *resources: dict[str, Json]) -> Result:
    return checked(tmp_path, NETWORK, given, resources=[*resources])


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


def test_a_hub_that_overlaps_nothing_passes(tmp_path: Path) -> None:
    assert found(tmp_path, with_hub(), *hub("10.1.0.0/16", "fd00::/48")).state == "passed"


def test_new_networks_pass_without_requests(tmp_path: Path) -> None:
    assert checked(tmp_path, NETWORK, sample()).state == "passed"


def test_a_hub_that_does_not_exist(tmp_path: Path) -> None:
    finding = only(found(tmp_path / "network", with_hub(), group(HUB.partition("/providers/")[0])))
    assert finding.what == "vnet-hub (Virtual network) does not exist, or this account may not see it"
    assert finding.why.endswith("it has to have vnet-hub/snet-pe")
    finding = only(found(tmp_path / "group", with_hub()))
    assert "(Resource group) does not exist, or this account may not see it" in finding.what
    assert finding.why.endswith("it has to have vnet-hub, vnet-hub/snet-pe")


@pytest.mark.parametrize(
    ("prefix", "what", "key"),
    [
        ("10.40.0.0/14", "the spoke of dev,", "network.address_space"),
        ("10.244.0.0/16", "the pod range", "platform.pod_range"),
        ("10.245.0.0/16", "the service range", "platform.service_range"),
    ],
)
def test_an_overlap_with_the_hub_has_a_free_range(tmp_path: Path, prefix: str, what: str, key: str) -> None:
    finding = only(found(tmp_path, with_hub(), *hub(prefix)))
    assert finding.what.startswith(what)
    assert f"overlaps {prefix} of vnet-hub" in finding.what
    assert [name for name, _ in finding.ways[0].answers] == [key]
    solved = with_way(with_hub(), finding)
    assert found(tmp_path / "again", solved, *hub(prefix)).state == "passed"


def test_peers_of_the_hub_count(tmp_path: Path) -> None:
    peering: dict[str, Json] = {
        "id": f"{HUB}/virtualNetworkPeerings/to-office",
        "properties": {
            "remoteVirtualNetwork": {"id": OFFICE},
            "remoteAddressSpace": {"addressPrefixes": ["172.29.0.0/16"]},
        },
    }
    given = with_hub(platform={"pod_range": "172.29.0.0/16"})
    finding = only(found(tmp_path, given, *hub(), network(OFFICE, "172.29.0.0/16"), peering))
    assert "overlaps 172.29.0.0/16 of vnet-office, a peer of vnet-hub" in finding.what
    assert (finding.severity, finding.code) == ("warns", ""), "Azure accepts the cluster"
    assert [name for name, _ in finding.ways[0].answers] == ["platform.pod_range"]


@pytest.mark.parametrize("services", [False, True])
def test_the_range_of_a_peer_is_refused_for_a_spoke_and_not_for_what_is_inside_a_cluster(
    tmp_path: Path, services: bool
) -> None:
    prefix = "172.29.0.0/16"
    key = "service_range" if services else "pod_range"
    peering = halves(HUB, OFFICE)
    inside = with_hub(platform={key: prefix})
    (warned,) = found(tmp_path / "inside", inside, *hub(), network(OFFICE, prefix), *peering).findings
    assert warned.severity == "warns"
    outside = with_hub(network={"address_space": prefix})
    (blocked,) = found(tmp_path / "outside", outside, *hub(), network(OFFICE, prefix), *peering).findings
    assert (blocked.severity, blocked.code) == ("blocks", "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet")


@pytest.mark.parametrize(("key", "kind"), [("pod_range", "Pod"), ("service_range", "Service")])
def test_a_range_of_a_cluster_that_overlaps_the_network_of_its_nodes_is_refused(
    tmp_path: Path, key: str, kind: str
) -> None:
    platform = sample(platform={key: "10.3.0.0/16"}).platform
    given = with_spoke().model_copy(update={"platform": platform})
    (finding,) = found(tmp_path, given, *hub(), *spoke(), *PEERED).findings
    assert (finding.severity, finding.code) == ("blocks", f"{kind}CidrOverlapExistingSubnetsCidr")


def test_ranges_behind_a_gateway_are_not_known(tmp_path: Path) -> None:
    def unseen(given: Answers, name: str) -> bool:
        result = found(tmp_path / name, given, *hub(), gateway_subnet())
        return any("behind the gateway of vnet-hub" in one.what for one in result.not_checked)

    assert unseen(with_hub(), "unknown")
    assert not unseen(with_hub(network={"connected_ranges": ["192.168.0.0/16"]}), "given")


def zone(linked: str) -> list[dict[str, Json]]:
    resource_id = f"{DNS}/providers/Microsoft.Network/privateDnsZones/{ZONE}"
    link: Json = {"registrationEnabled": False, "virtualNetwork": {"id": linked}}
    return [
        group(DNS),
        {"id": resource_id, "location": "global", "properties": {}},
        {"id": f"{resource_id}/virtualNetworkLinks/hub", "location": "global", "properties": link},
    ]


def test_a_zone_that_the_hub_is_linked_to_can_be_used(tmp_path: Path) -> None:
    finding = only(found(tmp_path, with_hub(), *hub(), *zone(HUB)))
    assert finding.what == f"vnet-hub is linked to {DNS}/providers/Microsoft.Network/privateDnsZones/{ZONE}"
    solved = with_way(with_hub(), finding)
    assert (solved.network.dns, solved.network.dns_group_id) == ("existing", DNS)
    findings = found(tmp_path / "again", solved, *hub(), *zone(HUB)).findings
    assert not any("is linked to" in one.what for one in findings)
    # The group has to have the other zones, too.
    assert all("private DNS zones do not exist in rg-dns" in one.what for one in findings)


def test_zones_of_one_group_are_one_finding_and_those_of_another_are_another(tmp_path: Path) -> None:
    other = "privatelink.vaultcore.azure.net"

    def renamed(one: dict[str, Json], before: str, after: str) -> dict[str, Json]:
        return {**one, "id": as_text(one["id"]).replace(before, after)}

    second = [renamed(one, ZONE, other) for one in zone(HUB)[1:]]
    together = only(found(tmp_path / "one", with_hub(), *hub(), *zone(HUB), *second))
    assert together.what == f"vnet-hub is linked to 2 zones of {DNS}: {ZONE}, {other}"
    apart = [renamed(one, "/rg-dns/", "/rg-dns2/") for one in second]
    found_apart = found(tmp_path / "two", with_hub(), *hub(), *zone(HUB), *apart).findings
    assert [dict(one.ways[0].answers)["network.dns_group_id"] for one in found_apart] == [DNS, f"{DNS}2"]


def elsewhere_zone(linked: str, subscription: str = OTHER) -> list[dict[str, Json]]:
    """A zone in a subscription that is neither of the installation nor of its networks, linked to a network."""
    return [
        {**one, "id": as_text(one["id"]).replace(SCOPE, f"/subscriptions/{subscription}", 1)} for one in zone(linked)
    ]


def test_a_zone_in_a_third_subscription_is_found(tmp_path: Path) -> None:
    finding = only(found(tmp_path, with_hub(), *hub(), *elsewhere_zone(HUB)))
    assert f"vnet-hub is linked to /subscriptions/{OTHER}/" in finding.what
    assert dict(finding.ways[0].answers)["network.dns_group_id"] == f"/subscriptions/{OTHER}/resourceGroups/rg-dns"


def test_the_proof_counts_the_subscriptions_that_were_read_and_a_survey_proves_nothing_about_others(
    tmp_path: Path,
) -> None:
    result = found(tmp_path / "live", with_hub(), *hub(), *elsewhere_zone(OFFICE), network(OFFICE, "10.2.0.0/16"))
    assert any("subscriptions, no network is linked to another zone" in one.text for one in result.proofs)
    listed = [f"Microsoft.Network/{one}" for one in ("privateDnsZones", "privateDnsZones/virtualNetworkLinks")]
    facts = {"resources": [*hub(), *elsewhere_zone(HUB)], "listed": listed}
    (surveyed,) = from_survey(tmp_path / "survey", with_hub(), facts, (NETWORK,)).results
    assert any(f"/subscriptions/{OTHER}/" in one.what for one in surveyed.findings)
    gaps = [one for one in surveyed.not_checked if "zones of other subscriptions that vnet-hub" in one.what]
    assert gaps, surveyed.not_checked


def test_a_subscription_whose_zones_cannot_be_read_is_named(tmp_path: Path) -> None:
    with subject_of(tmp_path, with_hub(), resources=[*hub(), *elsewhere_zone(OFFICE)]) as subject:
        reads = Reads(subject.arm.service, lambda one: "closed" if f"{OTHER}/providers" in one.path else "")
        (result,) = check_all(replace(subject, arm=reads), [NETWORK]).results
        reads._pool.shutdown(cancel_futures=True)
    assert f"private DNS zones of subscription {OTHER}" in [one.what for one in result.not_checked]
    assert not any("is linked to another zone" in one.text for one in result.proofs)


def test_a_zone_of_another_network_does_no_harm(tmp_path: Path) -> None:
    assert found(tmp_path, with_hub(), *hub(), network(OFFICE, "10.2.0.0/16"), *zone(OFFICE)).state == "passed"


def endpoint(scope: str) -> dict[str, Json]:
    connection: Json = {"name": "pe", "properties": {"privateLinkServiceId": scope, "groupIds": ["azuremonitor"]}}
    properties: Json = {"subnet": {"id": f"{HUB}/subnets/snet-pe"}, "privateLinkServiceConnections": [connection]}
    return {
        "id": f"{HUB_GROUP}/providers/Microsoft.Network/privateEndpoints/pe",
        "location": "swedencentral",
        "properties": properties,
    }


def test_a_private_link_scope_of_others(tmp_path: Path) -> None:
    given = with_hub(monitoring={"private_link": "open"})
    scope = f"{DNS}/providers/Microsoft.Insights/privateLinkScopes/ampls-shared"
    finding = only(found(tmp_path, given, *hub(), endpoint(scope)))
    assert finding.what == f"vnet-hub is connected to the private link scope {scope}"
    assert found(tmp_path / "again", with_way(given, finding), *hub(), endpoint(scope)).state == "passed"
    own = endpoint(scope_id(Installation(given)))
    assert found(tmp_path / "own", given, *hub(), own).findings == ()


SPOKE: Final = f"{SCOPE}/resourceGroups/rg-spoke/providers/Microsoft.Network/virtualNetworks/vnet-dev"


TABLE: Final = f"{SPOKE.partition('/virtualNetworks/')[0]}/routeTables/rt-firewall"


def routed(prefix: str = "0.0.0.0/0", hop: str = "VirtualAppliance") -> dict[str, Json]:
    """The route table of the nodes, with one route."""
    route: Json = {"name": "out", "properties": {"addressPrefix": prefix, "nextHopType": hop}}
    return {"id": TABLE, "location": "swedencentral", "properties": {"routes": [route]}}


def spoke(**changed: tuple[str, str]) -> list[dict[str, Json]]:
    """An existing spoke with its subnets; `changed`: prefix and delegation by name, with _ for -."""
    subnets = {
        "snet-nodes": ("10.3.0.0/24", ""),
        "snet-web": ("10.3.1.0/26", "Microsoft.Web/serverFarms"),
        "snet-pe": ("10.3.2.0/26", ""),
        "snet-endpoints": ("10.3.3.0/26", ""),
    }
    subnets |= {name.replace("_", "-"): value for name, value in changed.items()}
    made = [subnet(f"{SPOKE}/subnets/{name}", *value) for name, value in subnets.items()]
    as_object(made[0]["properties"])["routeTable"] = {"id": TABLE}
    return [group(as_text(SPOKE.partition("/providers/")[0])), network(SPOKE, "10.3.0.0/16"), routed(), *made]


def halves(hub_id: str, *spokes: str) -> list[dict[str, Json]]:
    """Both halves of the peerings of a hub with spokes, that of the hub first."""
    pairs = [pair for one in spokes for pair in ((hub_id, one), (one, hub_id))]
    return [
        {
            "id": f"{one}/virtualNetworkPeerings/to-{other.rpartition('/')[2]}",
            "properties": {"remoteVirtualNetwork": {"id": other}, "allowVirtualNetworkAccess": True},
        }
        for one, other in pairs
    ]


PEERED: Final = halves(HUB, SPOKE)


def with_spoke() -> Answers:
    return sample(
        network={
            "mode": "existing",
            "hub_id": HUB,
            "hub_subnet": "snet-pe",
            "spoke_ids": [f"dev={SPOKE}"],
            "dns": "policy",
            "egress": "firewall",
            "firewall_address": "10.1.0.4",
        }
    )


def test_existing_subnets_that_fit(tmp_path: Path) -> None:
    assert found(tmp_path, with_spoke(), *hub(), *spoke(), *PEERED).findings == ()


@pytest.mark.parametrize(
    ("changed", "words", "code"),
    [
        (
            {"snet_nodes": ("10.3.0.0/29", "")},
            "is a /29; Microsoft.ContainerService/managedClusters needs",
            "SubnetIsFull",
        ),
        ({"snet_web": ("10.3.1.0/26", "")}, "is delegated to nothing; Microsoft.Web/sites needs", "Delegation"),
        (
            {"snet_web": ("10.3.1.0/29", "Microsoft.Web/serverFarms")},
            "is a /29; Microsoft.Web/sites needs",
            "SubnetIsFull",
        ),
        ({"snet_nodes": ("10.3.0.0/24", "Microsoft.Web/serverFarms")}, "a subnet without delegation", "Delegation"),
    ],
)
def test_an_existing_subnet_that_does_not_fit(
    tmp_path: Path, changed: dict[str, tuple[str, str]], words: str, code: str
) -> None:
    finding = only(found(tmp_path, with_spoke(), *hub(), *spoke(**changed), *PEERED))
    assert words in finding.what
    assert code in finding.code


def gateway_subnet() -> dict[str, Json]:
    """The subnet for gateways of the hub, with a gateway."""
    found_subnet = subnet(f"{HUB}/subnets/GatewaySubnet", "10.1.255.0/27")
    used: list[Json] = [
        {"id": f"{HUB.partition('/virtualNetworks/')[0]}/virtualNetworkGateways/vgw/ipConfigurations/default"}
    ]
    as_object(found_subnet["properties"])["ipConfigurations"] = used
    return found_subnet


def test_a_hub_without_a_gateway_cannot_be_passed_through_it(tmp_path: Path) -> None:
    given = with_hub(network={"gateway_transit": True})
    (finding,) = [one for one in found(tmp_path, given, *hub()).findings if one.code]
    assert finding.what == "vnet-hub has no gateway, and the answers lead the spokes through it"
    assert found(tmp_path / "without", with_way(given, finding), *hub()).findings == ()
    gateways = subnet(f"{HUB}/subnets/GatewaySubnet", "10.1.255.0/27")
    (again,) = [one for one in found(tmp_path / "subnet", given, *hub(), gateways).findings if one.code]
    assert again.what == finding.what, "the subnet alone is no gateway"
    assert found(tmp_path / "with", given, *hub(), gateway_subnet()).findings == ()


def test_a_hub_that_nothing_leads_into_is_named(tmp_path: Path) -> None:
    given = with_hub(network={"gateway_transit": False, "private_access": "other"})
    finding = only(found(tmp_path, given, *hub()))
    assert finding.severity == "warns"
    assert finding.what.startswith("nothing leads into vnet-hub")
    bastion = subnet(f"{HUB}/subnets/AzureBastionSubnet", "10.1.255.0/26")
    assert found(tmp_path / "bastion", given, *hub(), bastion).findings == ()


def test_a_security_group_that_blocks_the_probes_of_the_gateway(tmp_path: Path) -> None:
    group_id = f"{SPOKE.partition('/virtualNetworks/')[0]}/networkSecurityGroups/nsg-waf"

    def rules(*given: tuple[int, str, str, str]) -> dict[str, Json]:
        listed: list[Json] = [
            {
                "name": f"rule-{priority}",
                "properties": {
                    "priority": priority,
                    "access": access,
                    "direction": "Inbound",
                    "sourceAddressPrefix": source,
                    "destinationPortRange": ports,
                },
            }
            for priority, access, source, ports in given
        ]
        return {"id": group_id, "location": "swedencentral", "properties": {"securityRules": listed}}

    subnets = spoke(snet_gateway=("10.3.4.0/24", ""))
    as_object(subnets[-1]["properties"])["networkSecurityGroup"] = {"id": group_id}
    given = with_spoke().model_copy(update={"ingress": sample(ingress={"kind": "gateway", **WAF}).ingress})
    open_ports = (200, "Allow", "GatewayManager", "65200-65535")
    for number, (group_rules, fits) in enumerate(
        [
            (rules(open_ports), True),
            (rules((100, "Deny", "*", "*"), open_ports), False),
            (rules((200, "Allow", "Internet", "443")), False),
            (rules(), False),
        ]
    ):
        codes = {
            one.code for one in found(tmp_path / str(number), given, *hub(), *subnets, *PEERED, group_rules).findings
        }
        blocked = "ApplicationGatewaySubnetInboundTrafficBlockedByNetworkSecurityGroup"
        assert (blocked not in codes) is fits, group_rules


# -- regions -----------------------------------------------------------------------------------------------------


def elsewhere(resources: list[dict[str, Json]], region: str = "West Europe") -> list[dict[str, Json]]:
    """The same resources in another region."""
    return [{**one, "location": region} if "location" in one else one for one in resources]


def test_a_hub_in_another_region_has_no_place_for_private_endpoints(tmp_path: Path) -> None:
    finding = only(found(tmp_path, with_hub(), *elsewhere(hub())))
    assert (
        finding.what == "vnet-hub is in westeurope; Microsoft.Network/privateEndpoints in swedencentral cannot use it"
    )
    assert finding.code == "InvalidResourceReference"
    solved = with_way(with_hub(), finding)
    assert solved.subscription.region == "westeurope"
    assert found(tmp_path / "again", solved, *elsewhere(hub())).state == "passed"


def test_a_spoke_in_another_region_takes_no_service(tmp_path: Path) -> None:
    findings = found(tmp_path, with_spoke(), *hub(), *elsewhere(spoke()), *PEERED).findings
    finding = only_of(findings, "vnet-dev is in westeurope")
    kinds = ("Microsoft.Web/sites", "Microsoft.ContainerService/managedClusters")
    assert any(kind in finding.what for kind in kinds)
    # The hub stays where it is, so the whole installation cannot follow the spoke.
    assert finding.ways[-1].answers == (("subscription.region", "westeurope"),)
    assert finding.ways[-1].left[0].startswith("vnet-hub is in swedencentral; ")


def only_of(findings: tuple[Finding, ...], start: str) -> Finding:
    (finding,) = [one for one in findings if one.what.startswith(start)]
    return finding


def nodes_behind(tmp_path: Path, *given: dict[str, Json]) -> set[tuple[str, str]]:
    """Severity and group of the findings for nodes in a subnet with these outbound rules."""
    group_id = f"{SPOKE.partition('/virtualNetworks/')[0]}/networkSecurityGroups/nsg-nodes"
    listed: list[Json] = [
        {
            "name": f"rule-{number}",
            "properties": {
                "priority": 100 + number,
                "direction": "Outbound",
                "protocol": "*",
                "destinationPortRange": "*",
                **one,
            },
        }
        for number, one in enumerate(given)
    ]
    group: dict[str, Json] = {"id": group_id, "location": "swedencentral", "properties": {"securityRules": listed}}
    subnets = spoke()
    for one in subnets:
        if str(one["id"]).endswith("/snet-nodes"):
            as_object(one["properties"])["networkSecurityGroup"] = {"id": group_id}
    findings = found(tmp_path, with_spoke(), *hub(), *subnets, *PEERED, group).findings
    return {(one.severity, one.where) for one in findings if one.where == group_id}


WITHIN: Final = {"access": "Allow", "destinationAddressPrefix": "VirtualNetwork"}


@pytest.mark.parametrize(
    ("rules", "severity"),
    [
        ((), ""),
        (({"access": "Deny", "destinationAddressPrefix": "*"},), "blocks"),
        (({"access": "Deny", "destinationAddressPrefix": "Internet"},), "blocks"),
        (({"access": "Deny", "destinationAddressPrefix": "*", "protocol": "Udp"},), ""),
        (({"access": "Deny", "destinationAddressPrefix": "*", "destinationPortRange": "25"},), ""),
        (({"access": "Deny", "destinationAddressPrefix": "*", "direction": "Inbound"},), ""),
        (
            (
                {
                    "access": "Deny",
                    "destinationAddressPrefixes": ["10.0.0.0/8", "*"],
                    "destinationPortRanges": ["80", "443"],
                },
            ),
            "blocks",
        ),
        (
            (
                WITHIN,
                {"access": "Allow", "destinationAddressPrefix": "AzureCloud", "destinationPortRange": "443"},
                {"access": "Deny", "destinationAddressPrefix": "*"},
            ),
            "warns",
        ),
        (
            (
                WITHIN,
                {"access": "Allow", "destinationAddressPrefix": "Internet", "destinationPortRange": "443"},
                {"access": "Deny", "destinationAddressPrefix": "*"},
            ),
            "",
        ),
        (
            (
                {"access": "Deny", "destinationAddressPrefix": "*"},
                {"access": "Allow", "destinationAddressPrefix": "*"},
            ),
            "blocks",
        ),
    ],
)
def test_nodes_whose_security_group_denies_what_they_need(
    tmp_path: Path, rules: tuple[dict[str, Json], ...], severity: str
) -> None:
    assert {one for one, _ in nodes_behind(tmp_path, *rules)} == ({severity} if severity else set())
