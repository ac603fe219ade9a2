"""Routes of existing subnets whose nodes have their egress through a firewall: table, default route and next hop."""

from pathlib import Path

import pytest

from installer.json_access import JsonObject, as_object
from installer.preflight.model import Finding
from installer.preflight.network.check import NETWORK
from tests.bicep.answers_matrix import MATRIX
from tests.preflight.network.test_network import PEERED, TABLE, hub, routed, spoke, with_spoke
from tests.preflight.outside.bodies import OWNER, PLATFORM, grant, subscription
from tests.preflight.outside.surveys import HUB, NETWORKS, PEERINGS, WIDE, survey
from tests.preflight.surveyed import checked, from_survey


def findings(folder: Path, table: JsonObject) -> tuple[Finding, ...]:
    """Findings about a spoke with this route table."""
    others = [one for one in spoke() if one["id"] != TABLE]
    return checked(folder, NETWORK, with_spoke(), resources=[*hub(), *PEERED, *others, table]).findings


@pytest.mark.parametrize("hop", ["VirtualAppliance", "VirtualNetworkGateway"])
def test_a_default_route_to_an_appliance_or_a_gateway_passes(tmp_path: Path, hop: str) -> None:
    assert findings(tmp_path, routed(hop=hop)) == ()


@pytest.mark.parametrize(
    ("prefix", "hop", "code", "said"),
    [
        ("0.0.0.0/0", "Internet", "RouteTableInvalidNextHop", "leads its default route to Internet"),
        ("0.0.0.0/0", "None", "RouteTableInvalidNextHop", "leads its default route to None"),
        ("10.0.0.0/8", "VirtualAppliance", "RouteTableMissingDefaultRouteError", "has no default route"),
    ],
)
def test_a_default_route_that_aks_refuses_is_named_with_the_command_that_mends_it(
    tmp_path: Path, prefix: str, hop: str, code: str, said: str
) -> None:
    (finding,) = findings(tmp_path / "before", routed(prefix, hop))
    assert finding.what == f"the route table rt-firewall of the subnet snet-nodes {said}"
    assert (finding.severity, finding.code, finding.where) == ("blocks", code, TABLE)
    verb, name = ("update", "out") if prefix == "0.0.0.0/0" else ("create", "default")
    assert f"az network route-table route {verb} --subscription " in finding.ways[0].text
    assert f"--route-table-name rt-firewall -n {name} --address-prefix 0.0.0.0/0" in finding.ways[0].text
    assert findings(tmp_path / "after", routed()) == ()


def test_a_route_table_that_a_survey_lacks_is_not_called_right(tmp_path: Path) -> None:
    known = survey(subscription(), subscription(PLATFORM), HUB, *WIDE, *PEERINGS, grant("", OWNER))

    def unseen(folder: str, **more: object) -> set[str]:
        (result,) = from_survey(
            tmp_path / folder, MATRIX["13-existing-networks"], {**known, **more}, (NETWORK,)
        ).results
        assert result.findings == ()
        return {one.what for one in result.not_checked if "default route" in one.what}

    assert unseen("without") == {"default route of the subnet snet-nodes: route table rt"}
    table = {**routed(), "id": f"{NETWORKS}/providers/Microsoft.Network/routeTables/rt"}
    assert unseen("with", resources=[*known["resources"], table]) == set()
    bare = {**table, "properties": {name: item for name, item in as_object(table["properties"]).items() if name == ""}}
    assert unseen("bare", resources=[*known["resources"], bare]) == unseen("without")
