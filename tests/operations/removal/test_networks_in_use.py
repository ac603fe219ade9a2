"""Networks that others use: the forecast names them, as Azure refuses to delete the subnets; what does not keep a network is no obstacle."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installer.cloud.errors import AzureRefused
from installer.operations.removal import deletion
from installer.steps import polling
from tests.bicep.answers_matrix import MATRIX
from tests.emulator.asgi_client import API
from tests.emulator.in_memory import run
from tests.operations.removal.removals import Removal
from tests.operations.removal.test_removal import installed

VERSION = "2025-05-01"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "MIN_SECONDS", 0.001)
    monkeypatch.setattr(deletion, "POLL_SECONDS", 0.0)


@pytest.fixture
def removal(tmp_path: Path) -> Iterator[Removal]:
    """An installation with a network, and a group of others."""
    with installed(tmp_path, MATRIX["dev"]) as (found, _):
        _put(found, f"{found.estate.scope}/resourceGroups/rg-theirs", API)
        yield found


def _put(removal: Removal, path: str, version: str = VERSION, **properties: Any) -> str:
    body: Any = {"location": removal.answers.subscription.region, **({"properties": properties} if properties else {})}
    run(removal.estate.ask("PUT", f"{path}?api-version={version}", body))
    return path


def _network(removal: Removal) -> str:
    return f"{removal.estate.scope}/resourceGroups/rg-ff-contoso-dev/providers/Microsoft.Network/virtualNetworks/vnet-ff-contoso-dev"


def _interface(removal: Removal, group: str) -> str:
    """A network interface of others in a subnet of the installation."""
    where = f"{removal.estate.scope}/resourceGroups/{group}/providers/Microsoft.Network/networkInterfaces/nic-theirs"
    subnet = {"id": f"{_network(removal)}/subnets/snet-endpoints"}
    return _put(removal, where, ipConfigurations=[{"name": "ip", "properties": {"subnet": subnet}}])


def _endpoint(removal: Removal, group: str) -> str:
    """A private endpoint of others in a subnet of the installation."""
    where = f"{removal.estate.scope}/resourceGroups/{group}/providers/Microsoft.Network/privateEndpoints/pe-theirs"
    store = f"{removal.estate.scope}/resourceGroups/rg-theirs/providers/Microsoft.Storage/storageAccounts/stheirs"
    kind: Any = {"location": removal.answers.subscription.region, "sku": {"name": "Standard_LRS"}, "kind": "StorageV2"}
    run(removal.estate.ask("PUT", f"{store}?api-version=2025-06-01", kind))
    link = {"privateLinkServiceId": store, "groupIds": ["blob"]}
    subnet = {"id": f"{_network(removal)}/subnets/snet-endpoints"}
    return _put(removal, where, subnet=subnet, privateLinkServiceConnections=[{"name": "x", "properties": link}])


@pytest.mark.parametrize("group", ["rg-theirs", "rg-ff-contoso-dev"])
@pytest.mark.parametrize("user", [_interface, _endpoint], ids=["interface", "endpoint"])
def test_what_others_have_in_a_subnet_is_in_the_way(removal: Removal, user: Any, group: str) -> None:
    assert removal.forecast().findings == ()
    theirs = user(removal, group)
    made = removal.forecast()
    (finding,) = made.findings
    assert (finding.code, finding.where) == ("InUseSubnetCannotBeDeleted", _network(removal))
    assert theirs.rpartition("/")[2] in finding.what
    assert theirs in finding.ways[0].text
    with pytest.raises(AzureRefused) as refused:
        removal.arm.ask("DELETE", f"{_network(removal)}?api-version={VERSION}", doing="delete the network")
    assert refused.value.code == finding.code
    assert theirs.lower() in removal.contents()


def test_a_link_of_a_zone_of_others_goes_with_the_network(removal: Removal) -> None:
    zone = f"{removal.estate.scope}/resourceGroups/rg-theirs/providers/Microsoft.Network/privateDnsZones/corp.example"
    for path, more in (
        (zone, {}),
        (f"{zone}/virtualNetworkLinks/to-dev", {"virtualNetwork": {"id": _network(removal)}}),
    ):
        body: Any = {"location": "global", "properties": {"registrationEnabled": False, **more} if more else {}}
        run(removal.estate.ask("PUT", f"{path}?api-version=2024-06-01", body))
    made = removal.forecast()
    assert made.findings == ()
    assert removal.run(made).state == "succeeded"
    assert zone.lower() in removal.contents()
    assert f"{zone}/virtualNetworkLinks/to-dev".lower() not in removal.contents()
