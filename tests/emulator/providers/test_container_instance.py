"""Container groups: the address that Azure gives, and the name beside it."""

from pathlib import Path

import pytest

from installer.json_access import as_text, member
from installer.jsontypes import Json
from tests.emulator.deployments.live_outputs import deployed, outputs
from tests.emulator.sample_templates import resource

_GROUP = "Microsoft.ContainerInstance/containerGroups"
_PORTS: Json = [{"port": 80, "protocol": "TCP"}]


def _shown(path: Path, **more: Json) -> Json:
    container: Json = {
        "name": "one",
        "properties": {"image": "i", "resources": {"requests": {"cpu": 1, "memoryInGB": 1}}},
    }
    subnets: Json = [{"name": "s", "properties": {"addressPrefix": "10.3.0.0/24"}}]
    space: dict[str, Json] = {"addressSpace": {"addressPrefixes": ["10.3.0.0/16"]}, "subnets": subnets}
    net = resource("Microsoft.Network/virtualNetworks", "vn", version="2024-05-01", properties=space)
    properties: dict[str, Json] = {"osType": "Linux", "containers": [container], **more}
    one = resource(
        _GROUP,
        "ci",
        version="2023-05-01",
        properties=properties,
        after=["[resourceId('Microsoft.Network/virtualNetworks', 'vn')]"],
    )
    read = "reference('ci', '2023-05-01')"
    made = deployed(path, net, one, values={"o": read}, namespaces=["Microsoft.ContainerInstance", "Microsoft.Network"])
    return member(outputs(made)["o"], "ipAddress")


def test_a_public_group_has_an_address_and_the_name_of_its_label(tmp_path: Path) -> None:
    shown = _shown(tmp_path, ipAddress={"type": "Public", "dnsNameLabel": "Web", "ports": _PORTS})
    assert as_text(member(shown, "ip")).startswith("203.0.113.")
    assert member(shown, "fqdn") == "web.westeurope.azurecontainer.io"
    assert member(shown, "ports") == _PORTS


def test_a_public_group_without_a_label_has_an_address_too(tmp_path: Path) -> None:
    shown = _shown(tmp_path, ipAddress={"type": "Public", "ports": _PORTS})
    assert as_text(member(shown, "ip")).startswith("203.0.113.")


@pytest.mark.parametrize("given", ["10.3.0.77", ""])
def test_a_private_group_has_an_address_of_its_subnet(tmp_path: Path, given: str) -> None:
    subnet: Json = [{"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vn', 's')]"}]
    asked: dict[str, Json] = {"type": "Private", "ports": _PORTS, **({"ip": given} if given else {})}
    assert member(_shown(tmp_path, subnetIds=subnet, ipAddress=asked), "ip") == (given or "10.3.0.4")


def test_a_group_that_asks_for_no_address_has_none(tmp_path: Path) -> None:
    assert member(_shown(tmp_path), "ip") is None
