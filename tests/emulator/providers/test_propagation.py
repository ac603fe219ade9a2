"""Delayed effects: connections that wait for approval, and roles that take effect after a while."""

from pathlib import Path
from typing import Final

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers import registry
from installer.emulator.providers.durations import length_of_action
from installer.emulator.state.resources import Resource
from installer.json_access import as_list, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.in_memory import GROUP, SCOPE, Bench, bench, run
from tests.emulator.providers.test_services import registered
from tests.emulator.providers.test_subnet_rules import VNET_ID, ended, vnet
from tests.emulator.sample_templates import resource

PROVIDERS: Final = f"{GROUP}/providers"
IDENTITY: Final = f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/id-app"
SITE: Final = f"{PROVIDERS}/Microsoft.Web/sites/site0001"
ACR_PULL: Final = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
SECRETS_USER: Final = "4633458b-17de-408a-b874-0445c86b69e6"
NETWORK_CONTRIBUTOR: Final = "4d97b98b-1d4f-4787-a291-c67834d212e7"
ZONE_CONTRIBUTOR: Final = "b12aa53e-6015-4669-85d0-8515ebb3ae7f"
BACKUP_CONTRIBUTOR: Final = "e5e2a7ff-d759-4cd2-bb51-3152d37e2eb1"


def grant(role: str, scope: str, principal: str = IDENTITY) -> dict[str, Json]:
    """A role assignment to an identity."""
    return resource(
        "Microsoft.Authorization/roleAssignments",
        derived_guid(scope, role),
        location=None,
        scope=scope,
        properties={
            "roleDefinitionId": f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": derived_guid(principal, "principalId"),
        },
    )


def _connections(it: Bench) -> list[Resource]:
    kind = "Microsoft.Web/sites/privateEndpointConnections"
    return it.emulator.resources.children(f"{SITE}/privateEndpointConnections", kind)


async def _approve(it: Bench, connection: Resource, status: str) -> None:
    state: Json = {"status": status, "description": "by a test"}
    body: dict[str, Json] = {"properties": {"privateLinkServiceConnectionState": state}}
    made, _ = it.engine.work.prepared(connection.id, connection.api_version, body, it.clock.now())
    made.ends = it.clock.now()
    it.emulator.resources.save(made)
    await it.engine.work.complete(made)


def test_front_door_waits_until_the_zone_holds_the_token_of_its_domain(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))
    cdn, zone = "Microsoft.Cdn/profiles", "Microsoft.Network/dnsZones"
    domain = f"{PROVIDERS}/{cdn}/afd/customDomains/web"

    def state() -> Json:
        shown = it.emulator.resources.get(domain)
        return member(it.emulator.view(shown), "properties", "domainValidationState") if shown else None

    def record(name: str, value: str) -> dict[str, Json]:
        texts: Json = [{"value": [value]}]
        return resource(f"{zone}/TXT", f"a.org/{name}", location=None, properties={"TTL": 60, "TXTRecords": texts})

    async def story() -> None:
        parts = [
            resource(cdn, "afd", location="global", properties={}),
            resource(f"{cdn}/customDomains", "afd/web", location=None, properties={"hostName": "web.a.org"}),
        ]
        parts[1]["dependsOn"] = [f"[resourceId('{cdn}', 'afd')]"]
        assert await ended(it, *parts) == "Succeeded"
        assert await ended(it, resource(zone, "a.org", location="global", properties={})) == "Succeeded"
        token = as_text(as_object(it.properties(domain)["validationProperties"])["validationToken"])
        assert await ended(it, record("_dnsauth.web", "another")) == "Succeeded"
        assert state() == "Pending"
        assert await ended(it, record("_dnsauth.web", token)) == "Succeeded"
        assert state() == "Approved"

    run(story())


def test_front_door_waits_until_its_origin_approves(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))
    cdn = "Microsoft.Cdn/profiles"
    origin = f"{PROVIDERS}/{cdn}/afd/originGroups/web/origins/site"

    async def story() -> None:
        link: Json = {
            "privateLink": {"id": SITE},
            "privateLinkLocation": "westeurope",
            "groupId": "sites",
            "requestMessage": "let us in",
        }
        given = {"hostName": "x", "sharedPrivateLinkResource": link}
        parts = [
            resource(cdn, "afd", location="global", properties={}),
            resource(f"{cdn}/originGroups", "afd/web", location=None, after=["afd"], properties={}),
            resource(f"{cdn}/originGroups/origins", "afd/web/site", location=None, after=["afd/web"], properties=given),
        ]
        parts[1]["dependsOn"] = [f"[resourceId('{cdn}', 'afd')]"]
        parts[2]["dependsOn"] = [f"[resourceId('{cdn}/originGroups', 'afd', 'web')]"]
        assert await ended(it, resource("Microsoft.Web/sites", "site0001", properties={})) == "Succeeded"
        assert await ended(it, *parts) == "Succeeded"
        [waiting] = _connections(it)
        state = as_object(it.properties(waiting.id)["privateLinkServiceConnectionState"])
        assert (state["status"], state["description"]) == ("Pending", "let us in")
        assert member(it.properties(origin), "sharedPrivateLinkResource", "status") == "Pending"
        await _approve(it, waiting, "Approved")
        assert member(it.properties(origin), "sharedPrivateLinkResource", "status") == "Approved"
        assert await ended(it, *parts) == "Succeeded"
        assert len(_connections(it)) == 1
        assert member(it.properties(_connections(it)[0].id), "privateEndpoint", "id")
        it.emulator.remove(origin)
        assert _connections(it) == []

    run(story())


@pytest.mark.parametrize("manual", [False, True])
def test_a_private_endpoint_is_approved_unless_it_is_manual(tmp_path: Path, *, manual: bool) -> None:
    it = registered(bench(tmp_path))
    name = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
    endpoint = f"{PROVIDERS}/Microsoft.Network/privateEndpoints/pe"

    def status() -> Json:
        [shown] = as_list(it.properties(endpoint)[name])
        return member(shown, "properties", "privateLinkServiceConnectionState", "status")

    async def story() -> None:
        link: Json = {"name": "site", "properties": {"privateLinkServiceId": SITE, "groupIds": ["sites"]}}
        given: dict[str, Json] = {"subnet": {"id": f"{VNET_ID}/subnets/plain"}, name: [link]}
        await ended(it, vnet("vnet", "10.0.0.0/16", plain="10.0.0.0/24"))
        await ended(it, resource("Microsoft.Web/sites", "site0001", properties={}))
        assert await ended(it, resource("Microsoft.Network/privateEndpoints", "pe", properties=given)) == "Succeeded"
        assert status() == ("Pending" if manual else "Approved")
        await _approve(it, _connections(it)[0], "Rejected")
        assert status() == "Rejected"
        it.emulator.remove(endpoint)
        assert _connections(it) == []

    run(story())


async def _wait(it: Bench, *, enough: bool) -> None:
    await it.clock.advance(length_of_action("roleTakesEffect") * (1.1 if enough else 0.1))


@pytest.mark.parametrize("enough", [False, True])
def test_an_image_can_be_pulled_once_the_role_is_in_effect_and_the_digest_exists(
    tmp_path: Path, *, enough: bool
) -> None:
    it = registered(bench(tmp_path))
    where = f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/crwaiting01"
    digest = f"sha256:{'ab' * 32}"

    def app(image: str) -> dict[str, Json]:
        container: Json = {"name": "web", "image": image}
        registries: Json = [{"server": "crwaiting01.azurecr.io", "identity": IDENTITY}]
        given: dict[str, Json] = {"configuration": {"registries": registries}, "template": {"containers": [container]}}
        return resource("Microsoft.App/containerApps", "ca-app", properties=given)

    async def story() -> None:
        image = "crwaiting01.azurecr.io/flowforge/web"
        identity = resource("Microsoft.ManagedIdentity/userAssignedIdentities", "id-app")
        made = resource("Microsoft.ContainerRegistry/registries", "crwaiting01", sku={"name": "Premium"})
        assert await ended(it, identity, made) == "Succeeded"
        assert await ended(it, app(f"{image}:1")) == "ContainerAppOperationError"
        assert await ended(it, grant(ACR_PULL, where)) == "Succeeded"
        await _wait(it, enough=enough)
        assert await ended(it, app(f"{image}:1")) == "ContainerAppOperationError"
        if enough:
            assert await ended(it, app(f"{image}@{digest}")) == "ContainerAppOperationError"
            held = it.emulator.resources.get(where)
            assert held is not None
            body: dict[str, Json] = {
                "source": {"registryUri": "ghcr.io", "sourceImage": f"flowforge/web@{digest}"},
                "targetTags": ["flowforge/web:1"],
            }
            registry.act(it.emulator.provider_context(held), "importImage", body)
            assert await ended(it, app(f"{image}:1")) == "Succeeded"
            assert await ended(it, app(f"{image}@{digest}")) == "Succeeded"
            for missing in ("web:2", f"web@sha256:{'cd' * 32}"):
                same: dict[str, Json] = {
                    "source": {"resourceId": where, "sourceImage": f"flowforge/{missing}"},
                    "untaggedTargetRepositories": ["flowforge/web"],
                }
                with pytest.raises(ArmError, match="is not found in crwaiting01"):
                    registry.act(it.emulator.provider_context(held), "importImage", same)

    run(story())


def test_a_site_reads_its_vault_once_the_role_is_in_effect(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))
    vault = f"{PROVIDERS}/Microsoft.KeyVault/vaults/kv-waiting"

    def statuses() -> dict[str, Json]:
        site = it.emulator.resources.get(SITE)
        assert site is not None
        found = registry.act(it.emulator.provider_context(site), "config/configreferences/appsettings", {})
        return {
            as_text(member(item, "name")): member(item, "properties", "status")
            for item in as_list(member(found, "value"))
        }

    async def story() -> None:
        secret = resource("Microsoft.KeyVault/vaults/secrets", "kv-waiting/pw", location=None, properties={})
        secret["dependsOn"] = ["[resourceId('Microsoft.KeyVault/vaults', 'kv-waiting')]"]
        site = resource("Microsoft.Web/sites", "site0001", properties={"keyVaultReferenceIdentity": IDENTITY})
        settings = resource(
            "Microsoft.Web/sites/config",
            "site0001/appsettings",
            location=None,
            properties={
                "PLAIN": "x",
                "GOOD": "@Microsoft.KeyVault(SecretUri=https://kv-waiting.vault.azure.net/secrets/pw)",
                "GONE": "@Microsoft.KeyVault(VaultName=kv-waiting;SecretName=nothing)",
                "BAD": "@Microsoft.KeyVault(what)",
            },
        )
        settings["dependsOn"] = ["[resourceId('Microsoft.Web/sites', 'site0001')]"]
        assert (
            await ended(it, resource("Microsoft.KeyVault/vaults", "kv-waiting", properties={}), secret) == "Succeeded"
        )
        assert await ended(it, site, settings) == "Succeeded"
        denied = "AccessToKeyVaultDenied"
        assert statuses() == {"GOOD": denied, "GONE": denied, "BAD": "InvalidSyntax"}
        assert await ended(it, grant(SECRETS_USER, vault)) == "Succeeded"
        await _wait(it, enough=False)
        assert statuses()["GOOD"] == denied
        await _wait(it, enough=True)
        assert statuses() == {"GOOD": "Resolved", "GONE": "SecretNotFound", "BAD": "InvalidSyntax"}

    run(story())


def test_a_role_is_assigned_at_a_secret_that_exists(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))
    vault = f"{PROVIDERS}/Microsoft.KeyVault/vaults/kv-scopes"

    async def story() -> None:
        assert await ended(it, resource("Microsoft.KeyVault/vaults", "kv-scopes", properties={})) == "Succeeded"
        role = grant(SECRETS_USER, f"{vault}/secrets/pw")
        assert await ended(it, role) == "ParentResourceNotFound"
        secret = resource("Microsoft.KeyVault/vaults/secrets", "kv-scopes/pw", location=None, properties={})
        assert await ended(it, secret) == "Succeeded"
        assert await ended(it, role) == "Succeeded"

    run(story())


def test_a_cluster_joins_its_subnet_once_the_role_is_in_effect(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))
    subnet = f"{VNET_ID}/subnets/plain"

    async def story() -> None:
        pool: Json = {"name": "system", "vnetSubnetID": subnet}
        cluster = resource(
            "Microsoft.ContainerService/managedClusters",
            "aks",
            identity={"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
            properties={"agentPoolProfiles": [pool]},
        )
        await ended(it, vnet("vnet", "10.0.0.0/16", plain="10.0.0.0/24"))
        assert await ended(it, cluster) == "LinkedAuthorizationFailed"
        assert await ended(it, grant(NETWORK_CONTRIBUTOR, subnet)) == "Succeeded"
        await _wait(it, enough=True)
        assert await ended(it, cluster) == "Succeeded"

    run(story())


def test_a_cluster_writes_to_a_given_zone_once_its_roles_are_in_effect(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))
    zone = f"{PROVIDERS}/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io"

    async def story() -> None:
        pool: Json = {"name": "system", "vnetSubnetID": f"{VNET_ID}/subnets/plain"}
        access: Json = {"enablePrivateCluster": True, "privateDNSZone": zone}
        cluster = resource(
            "Microsoft.ContainerService/managedClusters",
            "aks",
            identity={"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
            properties={"agentPoolProfiles": [pool], "apiServerAccessProfile": access},
        )
        await ended(it, vnet("vnet", "10.0.0.0/16", plain="10.0.0.0/24"))
        name = zone.rpartition("/")[2]
        assert await ended(it, resource("Microsoft.Network/privateDnsZones", name, location="global")) == "Succeeded"
        assert await ended(it, grant(NETWORK_CONTRIBUTOR, f"{VNET_ID}/subnets/plain")) == "Succeeded"
        await _wait(it, enough=True)
        assert await ended(it, cluster) == "CustomPrivateDNSZoneMissingPermissionError"
        assert await ended(it, grant(ZONE_CONTRIBUTOR, zone)) == "Succeeded"
        await _wait(it, enough=True)
        assert await ended(it, cluster) == "CreateOrUpdateVirtualNetworkLinkFailed"
        assert await ended(it, grant(NETWORK_CONTRIBUTOR, VNET_ID)) == "Succeeded"
        await _wait(it, enough=True)
        assert await ended(it, cluster) == "Succeeded"

    run(story())


def test_a_cluster_links_a_network_with_dns_servers_once_its_role_is_in_effect(tmp_path: Path) -> None:
    """Source: azure-aks-docs, aks/private-clusters.md ("Hub and spoke with custom DNS"), github.com/Azure/AKS/issues/4841."""
    it = registered(bench(tmp_path))

    async def story() -> None:
        pool: Json = {"name": "system", "vnetSubnetID": f"{VNET_ID}/subnets/plain"}
        cluster = resource(
            "Microsoft.ContainerService/managedClusters",
            "aks",
            identity={"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
            properties={
                "agentPoolProfiles": [pool],
                "apiServerAccessProfile": {"enablePrivateCluster": True, "privateDNSZone": "system"},
            },
        )
        network = vnet("vnet", "10.0.0.0/16", plain="10.0.0.0/24")
        network["properties"] = {**as_object(network["properties"]), "dhcpOptions": {"dnsServers": ["10.9.0.4"]}}
        await ended(it, network)
        assert await ended(it, grant(NETWORK_CONTRIBUTOR, f"{VNET_ID}/subnets/plain")) == "Succeeded"
        await _wait(it, enough=True)
        assert await ended(it, cluster) == "CreateOrUpdateVirtualNetworkLinkFailed"
        assert await ended(it, grant(NETWORK_CONTRIBUTOR, VNET_ID)) == "Succeeded"
        await _wait(it, enough=True)
        assert await ended(it, cluster) == "Succeeded"

    run(story())


def test_a_backup_needs_the_role_of_its_vault(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))
    lake = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/stwaiting01"
    vault = f"{PROVIDERS}/Microsoft.DataProtection/backupVaults/bv"

    async def story() -> None:
        kind = "Microsoft.DataProtection/backupVaults"
        instance = resource(
            f"{kind}/backupInstances", "bv/lake", location=None, properties={"dataSourceInfo": {"resourceID": lake}}
        )
        await ended(it, resource("Microsoft.Storage/storageAccounts", "stwaiting01", properties={}))
        await ended(it, resource(kind, "bv", identity={"type": "SystemAssigned"}, properties={}))
        assert await ended(it, instance) == "UserErrorMissingRequiredPermissions"
        assert await ended(it, grant(BACKUP_CONTRIBUTOR, lake, vault)) == "Succeeded"
        await _wait(it, enough=True)
        assert await ended(it, instance) == "Succeeded"

    run(story())
