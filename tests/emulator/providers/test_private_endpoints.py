"""Private endpoints: the network interface that Azure makes for each."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.json_access import as_text
from tests.emulator.deployments.live_outputs import deployed, outputs
from tests.emulator.in_memory import GROUP
from tests.emulator.sample_templates import resource

if TYPE_CHECKING:
    from installer.jsontypes import Json

_CARDS = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/"


@pytest.mark.parametrize(("asked", "begins"), [("nic-blob", "nic-blob"), ("", "pe.nic.")])
def test_the_interface_has_the_name_that_was_asked_for(tmp_path: Path, asked: str, begins: str) -> None:
    subnets: Json = [{"name": "s", "properties": {"addressPrefix": "10.3.0.0/24"}}]
    space: dict[str, Json] = {"addressSpace": {"addressPrefixes": ["10.3.0.0/16"]}, "subnets": subnets}
    net = resource("Microsoft.Network/virtualNetworks", "vn", version="2024-05-01", properties=space)
    account = resource("Microsoft.Storage/storageAccounts", "stone", version="2023-05-01", properties={})
    link: dict[str, Json] = {
        "privateLinkServiceId": "[resourceId('Microsoft.Storage/storageAccounts', 'stone')]",
        "groupIds": ["blob"],
    }
    properties: dict[str, Json] = {
        "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vn', 's')]"},
        "privateLinkServiceConnections": [{"name": "c", "properties": link}],
        **({"customNetworkInterfaceName": asked} if asked else {}),
    }
    needs = [
        "[resourceId('Microsoft.Network/virtualNetworks', 'vn')]",
        "[resourceId('Microsoft.Storage/storageAccounts', 'stone')]",
    ]
    endpoint = resource(
        "Microsoft.Network/privateEndpoints", "pe", version="2024-05-01", properties=properties, after=needs
    )
    read = {"o": "reference('pe', '2024-05-01').networkInterfaces[0].id"}
    found = as_text(outputs(deployed(tmp_path, net, account, endpoint, values=read))["o"])
    assert found.startswith(_CARDS + begins)
    assert asked in ("", found.removeprefix(_CARDS))
