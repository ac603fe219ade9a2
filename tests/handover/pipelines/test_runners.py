"""The template of runners is deployed to the embedded Azure beside a private registry, and goes with the installation."""

from pathlib import Path
from typing import Any, Final

import pytest

from installer.conventions.pipeline_names import is_of_pipelines, runners_name
from installer.emulator.errors import ArmError
from installer.handover.pipelines.instructions import PipelineInstructions, Platform
from installer.handover.pipelines.issuers import github_trust
from installer.handover.pipelines.runners import PROVIDERS, runners_template
from installer.handover.pipelines.sign_in import group_name, sign_in_template
from installer.json_access import as_list, as_object, as_text, member
from installer.role_names import built_in_names
from tests.emulator.asgi_client import Local, local
from tests.emulator.in_memory import SCOPE, run
from tests.emulator.sample_templates import group, inside, nested, resource, template
from tests.handover.pipelines.contents import PRIVATE, content, in_emulated_subscription

IT: Final = content(in_emulated_subscription(PRIVATE))
GROUP: Final = f"{SCOPE}/resourceGroups/{group_name(IT)}"
PRINCIPAL: Final = "5f7d6e2c-0000-4000-8000-000000000001"
GIVEN: Final[dict[Platform, dict[str, Any]]] = {
    "azdo": {"organizationUrl": "https://dev.azure.com/contoso", "infrastructurePrincipal": PRINCIPAL},
    "github": {"businessId": "123456"},
}


@pytest.fixture
def world(tmp_path: Path) -> Local:
    """A subscription with the registry of an installation and the identities of its pipelines."""
    found = local(tmp_path)
    names = IT.it.names
    registry = resource(
        "Microsoft.ContainerRegistry/registries", names.registry, version="2025-11-01", sku={"name": "Premium"}
    )
    made = template(group(names.platform_group), nested("registry", inside(registry), into=names.platform_group))
    _deployed(found, made, "registry-of-installation", SCOPE)
    _deployed(found, sign_in_template(IT, github_trust(IT, "Contoso/platform", "")), "sign-in", SCOPE)
    return found


def _deployed(world: Local, made: dict[str, Any], name: str, scope: str, **given: Any) -> None:
    async def story() -> None:
        world.deploy(made, given, name=name, scope=scope, location="westeurope" if scope == SCOPE else None)
        await world.done()

    run(story())
    assert world.deployment(name, scope).state == "Succeeded", world.deployment(name, scope).error


@pytest.mark.parametrize("platform", GIVEN)
def test_the_runners_get_a_network_that_reaches_the_registry_only(world: Local, platform: Platform) -> None:
    name, made = runners_name(IT.prefix), runners_template(IT, platform)
    with pytest.raises(ArmError) as refused:  # the services are not registered yet
        _deployed(world, made, name, GROUP, **GIVEN[platform])
    assert refused.value.code == "MissingSubscriptionRegistration"
    for namespace in PROVIDERS[platform]:
        world.emulator.registrations.set(IT.it.subscription, namespace, "Registered", 0.0)
    _deployed(world, made, name, GROUP, **GIVEN[platform])
    network = world.properties(f"{GROUP}/providers/Microsoft.Network/virtualNetworks/{name}")
    subnets = {as_text(member(one, "name")): one for one in as_list(network["subnets"]) if isinstance(one, dict)}
    runners = subnets["runners"]
    assert member(runners, "properties", "addressPrefix") == "10.255.255.0/25"
    assert member(subnets["endpoints"], "properties", "addressPrefix") == "10.255.255.128/27"
    assert member(runners, "properties", "natGateway", "id") is not None
    assert not network.get("virtualNetworkPeerings")
    (delegation,) = as_list(member(runners, "properties", "delegations"))
    expected = {"azdo": "Microsoft.DevOpsInfrastructure/pools", "github": "GitHub.Network/networkSettings"}[platform]
    assert member(delegation, "properties", "serviceName") == expected
    endpoint = world.properties(f"{GROUP}/providers/Microsoft.Network/privateEndpoints/{name}")
    (connection,) = as_list(endpoint["privateLinkServiceConnections"])
    assert as_text(member(connection, "properties", "privateLinkServiceId")).endswith(IT.it.names.registry)
    assert member(connection, "properties", "privateLinkServiceConnectionState", "status") == "Approved"
    if platform == "azdo":
        pool = world.properties(f"{GROUP}/providers/Microsoft.DevOpsInfrastructure/pools/flowforge")
        assert as_text(member(pool, "fabricProfile", "networkProfile", "subnetId")).endswith("/subnets/runners")
        roles = {
            built_in_names()[as_text(member(one.desired, "properties", "roleDefinitionId")).rpartition("/")[2]]
            for one in world.emulator.resources.of_type("Microsoft.Authorization/roleAssignments")
            if member(one.desired, "properties", "principalId") == PRINCIPAL
        }
        assert roles == {"Reader", "Network Contributor"}
    else:
        settings = world.properties(f"{GROUP}/providers/GitHub.Network/networkSettings/{name}")
        output = as_object(world.deployment(name, GROUP).outputs)["networkSettingsId"]
        assert len(as_text(member(output, "value"))) == 32
        assert (settings["businessId"], as_text(settings["subnetId"]).rpartition("/")[2]) == ("123456", "runners")


def test_a_subnet_that_is_not_delegated_to_github_is_refused(world: Local) -> None:
    made = runners_template(IT, "github")
    (network,) = [one for one in made["resources"] if one["type"] == "Microsoft.Network/virtualNetworks"]
    network["properties"]["subnets"][0]["properties"]["delegations"] = []
    world.emulator.registrations.set(IT.it.subscription, "GitHub.Network", "Registered", 0.0)
    with pytest.raises(AssertionError, match="DeploymentFailed"):
        _deployed(world, made, "undelegated", GROUP, **GIVEN["github"])
    assert "requires the delegation" in str(world.deployment("undelegated", GROUP).error)


@pytest.mark.parametrize("platform", GIVEN)
def test_everything_of_it_is_known_to_a_removal(platform: Platform) -> None:
    for one in runners_template(IT, platform)["resources"]:
        if one["type"].startswith("Microsoft.Authorization/") or one["type"].count("/") > 1:
            continue
        assert is_of_pipelines(IT.prefix, one["type"], one["name"]), one["name"]
    assert not is_of_pipelines(IT.prefix, "Microsoft.Storage/storageAccounts", "stoftheirs")


@pytest.mark.parametrize("platform", GIVEN)
def test_the_instructions_register_deploy_and_connect_them(platform: Platform) -> None:
    text = PipelineInstructions(IT, platform, "Contoso/platform" if platform == "github" else "").text()
    for namespace in PROVIDERS[platform]:
        assert f"--namespace {namespace} --wait" in text
    assert f"--resource-group {group_name(IT)} --name {runners_name(IT.prefix)}" in text
    for name in GIVEN[platform]:
        assert f"{name}=" in text
