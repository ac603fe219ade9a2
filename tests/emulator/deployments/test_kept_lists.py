"""A second run keeps what others have changed inside of lists that FlowForge writes: rules, variables, names."""

from collections.abc import Iterator
from copy import deepcopy
from ipaddress import ip_network
from pathlib import Path

import pytest

from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of
from installer.jsontypes import Json
from tests.answers.changed_answers import DRAFTS
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.in_memory import run

SOURCE = "203.0.113.0/24"


@pytest.fixture(params=["07-hardened-gateway", "container-apps", "prod"])
def estate(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DeployedEstate]:
    """A deployed installation: with a gateway, on Container Apps, with a new hub."""
    name = str(request.param)
    found = new_estate(tmp_path, DRAFTS[name].answers())
    run(found.deploy(DRAFTS[name].answers(), all_stages=True))
    yield found
    found.azure.database.close()


def _properties(estate: DeployedEstate, kind: str) -> dict[str, JsonObject]:
    found = estate.azure.emulator.resources.of_type(kind)
    return {one.id: deepcopy(as_object(one.desired["properties"])) for one in found if one.api_version}


def _change(estate: DeployedEstate, resource_id: str, properties: JsonObject) -> None:
    resource = estate.azure.emulator.resources.get(resource_id)
    assert resource is not None
    path = f"{resource_id}?api-version={resource.api_version}"
    run(estate.ask("PUT", path, {**resource.desired, "properties": properties}))


def _add_gateway(estate: DeployedEstate, peering: JsonObject) -> None:
    """The gateway that others have added to the network on the other side of a peering."""
    hub = as_text(member(peering, "remoteVirtualNetwork", "id"))
    space = as_list(member(_desired(estate, hub), "addressSpace", "addressPrefixes"))
    last = list(ip_network(as_text(space[0])).subnets(new_prefix=27))[-1]
    path = f"{hub}/subnets/GatewaySubnet?api-version=2025-05-01"
    run(estate.ask("PUT", path, {"properties": {"addressPrefix": str(last)}}))
    inside: Json = [{"name": "default", "properties": {"subnet": {"id": path.partition("?")[0]}}}]
    group = hub.partition("/virtualNetworks/")[0]
    gateway: JsonObject = {"location": "swedencentral", "properties": {"ipConfigurations": inside}}
    run(estate.ask("PUT", f"{group}/virtualNetworkGateways/vgw?api-version=2025-05-01", gateway))


def _again(estate: DeployedEstate, request: pytest.FixtureRequest) -> None:
    run(estate.deploy(DRAFTS[str(request.node.callspec.params["estate"])].answers(), all_stages=True))


def _restricted(app: JsonObject) -> JsonObject:
    """A web app or server with an access rule and a variable of others."""
    ingress = as_object(member(app, "configuration", "ingress"))
    rules: Json = [{"name": "office", "action": "Allow", "ipAddressRange": SOURCE}]
    container = as_object(as_list(member(app, "template", "containers"))[0])
    more: Json = [*as_list(container["env"]), {"name": "TEAM_FLAG", "value": "on"}]
    configuration = as_object(app["configuration"])
    if ingress:
        configuration = {**configuration, "ingress": {**ingress, "ipSecurityRestrictions": rules}}
    containers: Json = [{**container, "env": more}]
    template: JsonObject = {**as_object(app["template"]), "containers": containers}
    return {**app, "configuration": configuration, "template": template}


def test_lists_keep_what_others_have_changed(estate: DeployedEstate, request: pytest.FixtureRequest) -> None:
    expected: dict[str, JsonObject] = {}
    for where, group in _properties(estate, "microsoft.network/networksecuritygroups").items():
        if rules := objects_of(group.get("securityRules")):
            narrowed: list[Json] = [
                {**rule, "properties": {**as_object(rule["properties"]), "sourceAddressPrefix": SOURCE}}
                if rule["name"] == "from-clients"
                else rule
                for rule in rules
            ]
            expected[where] = {**group, "securityRules": narrowed}
    for where, app in _properties(estate, "microsoft.app/containerapps").items():
        expected[where] = _restricted(app)
    for where, names in _properties(estate, "microsoft.web/sites/config").items():
        if where.endswith("/slotConfigNames"):
            settings: Json = [*as_list(names["appSettingNames"]), "TEAM_FLAG"]
            expected[where] = {**names, "appSettingNames": settings, "connectionStringNames": ["db"]}
    for where, peering in _properties(estate, "microsoft.network/virtualnetworks/virtualnetworkpeerings").items():
        side = "useRemoteGateways" if where.endswith("/to-hub") else "allowGatewayTransit"
        if request.node.callspec.params["estate"] == "prod":
            expected[where] = {**peering, side: True}
            if side == "useRemoteGateways":
                _add_gateway(estate, peering)
    for where, properties in expected.items():
        _change(estate, where, properties)
    _again(estate, request)
    assert expected
    now = {where: as_object(_desired(estate, where)) for where in expected}
    assert {where: _sorted(one) for where, one in now.items()} == {
        where: _sorted(one) for where, one in expected.items()
    }


def _desired(estate: DeployedEstate, resource_id: str) -> Json:
    resource = estate.azure.emulator.resources.get(resource_id)
    return resource.desired["properties"] if resource else None


def _sorted(value: Json) -> Json:
    """A value without the order of its lists, and without properties that are null."""
    if isinstance(value, list):
        return sorted((_sorted(one) for one in value), key=str)
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value) if value[name] is not None}
    return as_text(value) if isinstance(value, str) else value
