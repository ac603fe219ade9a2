"""Children that no request has written, read by templates and by requests."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from installer.json_access import as_list, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.deployments.live_outputs import deployed, outputs
from tests.emulator.in_memory import GROUP
from tests.emulator.sample_templates import resource

RULE: Json = {
    "name": "https",
    "properties": {
        "priority": 100,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "destinationPortRange": "443",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
    },
}
ROUTE: Json = {"name": "out", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}}
SITE: Json = {
    "siteConfig": {
        "linuxFxVersion": "NODE|20-lts",
        "appSettings": [{"name": "A", "value": "1"}],
        "connectionStrings": [{"name": "db", "connectionString": "Server=x", "type": "SQLAzure"}],
    }
}
PARENTS: Mapping[str, dict[str, Json]] = {
    "nsg": resource("Microsoft.Network/networkSecurityGroups", "nsg", properties={"securityRules": [RULE]}),
    "table": resource("Microsoft.Network/routeTables", "rt", properties={"routes": [ROUTE]}),
    "balancer": resource(
        "Microsoft.Network/loadBalancers",
        "lb",
        sku={"name": "Standard"},
        properties={"backendAddressPools": [{"name": "be"}]},
    ),
    "storage": resource(
        "Microsoft.Storage/storageAccounts", "stimplicit1", sku={"name": "Standard_ZRS"}, kind="StorageV2"
    ),
    "site": resource("Microsoft.Web/sites", "site-implicit-1", properties=as_object(SITE)),
    "bus": resource("Microsoft.ServiceBus/namespaces", "bus-implicit-1", sku={"name": "Standard"}),
    "workspace": resource("Microsoft.OperationalInsights/workspaces", "law"),
    "notifications": resource("Microsoft.NotificationHubs/namespaces", "notify-1", sku={"name": "Free"}),
    "zone": resource("Microsoft.Network/privateDnsZones", "a.example", location="global"),
    "workflow": resource(
        "Microsoft.Logic/workflows",
        "flow",
        properties={"definition": {"triggers": {"manual": {"type": "Request", "kind": "Http"}}, "actions": {}}},
    ),
}
NAMESPACES = (
    "Microsoft.Web",
    "Microsoft.ServiceBus",
    "Microsoft.Logic",
    "Microsoft.Storage",
    "Microsoft.Network",
    "Microsoft.NotificationHubs",
)


def _read(path: Path, parent: str, expression: str) -> Json:
    it = deployed(path, PARENTS[parent], values={"read": expression}, namespaces=NAMESPACES)
    return outputs(it)["read"]


@pytest.mark.parametrize(
    ("parent", "expression", "expected"),
    [
        (
            "nsg",
            "reference(resourceId('Microsoft.Network/networkSecurityGroups/securityRules', 'nsg', 'HTTPS')).priority",
            100,
        ),
        (
            "nsg",
            "reference(resourceId('Microsoft.Network/networkSecurityGroups/defaultSecurityRules', 'nsg', 'DenyAllInBound')).access",
            "Deny",
        ),
        ("table", "reference(resourceId('Microsoft.Network/routeTables/routes', 'rt', 'out')).nextHopType", "Internet"),
        (
            "balancer",
            "reference(resourceId('Microsoft.Network/loadBalancers/backendAddressPools', 'lb', 'be')).provisioningState",
            "Succeeded",
        ),
        (
            "storage",
            "reference(resourceId('Microsoft.Storage/storageAccounts/blobServices', 'stimplicit1', 'default'), '2024-01-01', 'full').sku.name",
            "Standard_ZRS",
        ),
        (
            "storage",
            (
                "reference(resourceId('Microsoft.Storage/storageAccounts/fileServices', 'stimplicit1', 'default'), '2024-01-01')"
                ".shareDeleteRetentionPolicy.days"
            ),
            7,
        ),
        (
            "site",
            "reference(resourceId('Microsoft.Web/sites/config', 'site-implicit-1', 'web'), '2024-04-01').linuxFxVersion",
            "NODE|20-lts",
        ),
        (
            "site",
            "list(resourceId('Microsoft.Web/sites/config', 'site-implicit-1', 'appsettings'), '2024-04-01').properties.A",
            "1",
        ),
        (
            "site",
            "list(resourceId('Microsoft.Web/sites/config', 'site-implicit-1', 'connectionstrings'), '2024-04-01').properties.db.type",
            "SQLAzure",
        ),
        (
            "site",
            (
                "list(resourceId('Microsoft.Web/sites/config', 'site-implicit-1', 'publishingcredentials'), '2024-04-01')"
                ".properties.publishingUserName"
            ),
            "$site-implicit-1",
        ),
        (
            "bus",
            (
                "reference(resourceId('Microsoft.ServiceBus/namespaces/authorizationRules', 'bus-implicit-1', "
                "'RootManageSharedAccessKey'), '2024-01-01').rights[2]"
            ),
            "Send",
        ),
        (
            "notifications",
            (
                "reference(resourceId('Microsoft.NotificationHubs/namespaces/authorizationRules', 'notify-1', "
                "'RootManageSharedAccessKey'), '2023-09-01').rights[1]"
            ),
            "Manage",
        ),
        (
            "workspace",
            "reference(resourceId('Microsoft.OperationalInsights/workspaces/tables', 'law', 'Heartbeat'), '2023-09-01').plan",
            "Analytics",
        ),
        (
            "zone",
            "reference(resourceId('Microsoft.Network/privateDnsZones/SOA', 'a.example', '@'), '2024-06-01').soaRecord.host",
            "azureprivatedns.net",
        ),
        (
            "workflow",
            "reference(resourceId('Microsoft.Logic/workflows/triggers', 'flow', 'manual'), '2019-05-01').provisioningState",
            "Succeeded",
        ),
    ],
)
def test_a_template_reads_a_child_that_exists_with_its_parent(
    tmp_path: Path, parent: str, expression: str, expected: Json
) -> None:
    assert _read(tmp_path, parent, expression) == expected


def test_the_trigger_of_a_workflow_has_a_callback_url(tmp_path: Path) -> None:
    trigger = "resourceId('Microsoft.Logic/workflows/triggers', 'flow', 'manual')"
    found = as_text(_read(tmp_path, "workflow", f"listCallbackUrl({trigger}, '2019-05-01').value"))
    assert found


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        ("nsg", "resourceId('Microsoft.Network/networkSecurityGroups/securityRules', 'nsg', 'other')"),
        ("bus", "resourceId('Microsoft.ServiceBus/namespaces/authorizationRules', 'bus-implicit-1', 'other')"),
        ("workspace", "resourceId('Microsoft.OperationalInsights/workspaces/tables', 'law', 'Own_CL')"),
        ("storage", "resourceId('Microsoft.Storage/storageAccounts/managementPolicies', 'stimplicit1', 'default')"),
    ],
)
def test_any_other_child_is_not_found(tmp_path: Path, parent: str, child: str) -> None:
    it = deployed(
        tmp_path, PARENTS[parent], values={"read": f"reference({child}, '2024-01-01')"}, namespaces=NAMESPACES
    )
    assert "was not found" in as_text(member(it.deployment(scope=GROUP).error, "message"))


def test_what_no_source_says_of_such_a_child_is_named_as_not_emulated(tmp_path: Path) -> None:
    read = "reference(resourceId('Microsoft.Web/sites/config', 'site-implicit-1', 'logs'), '2024-04-01').httpLogs"
    it = deployed(tmp_path, PARENTS["site"], values={"read": read}, namespaces=NAMESPACES)
    [detail] = as_list(member(it.deployment(scope=GROUP).error, "details"))
    assert "'httpLogs' of Microsoft.Web/sites/config" in as_text(member(detail, "message"))


@pytest.mark.parametrize("kind", ["SystemAssigned", "SystemAssigned, UserAssigned"])
def test_the_identity_of_a_resource_is_read_as_the_resource_that_extends_it(tmp_path: Path, kind: str) -> None:
    identity: dict[str, Json] = {"type": kind}
    if "User" in kind:
        identity["userAssignedIdentities"] = {
            f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i": {}
        }
    site = resource("Microsoft.Web/sites", "site-identity-1", identity=identity)
    own = "concat(resourceId('Microsoft.Web/sites', 'site-identity-1'), '/providers/Microsoft.ManagedIdentity/Identities/default')"
    values = {
        "one": f"reference({own}, '2018-11-30').principalId",
        "other": "reference('site-identity-1', '2024-04-01', 'full').identity.principalId",
        "client": f"reference({own}, '2018-11-30').clientId",
    }
    found = outputs(deployed(tmp_path, site, values=values, namespaces=NAMESPACES))
    assert found["one"] == found["other"]
    assert found["client"] != found["one"]


def test_a_resource_without_an_identity_of_its_own_has_no_such_resource(tmp_path: Path) -> None:
    own = "concat(resourceId('Microsoft.Web/sites', 'site-implicit-1'), '/providers/Microsoft.ManagedIdentity/Identities/default')"
    it = deployed(
        tmp_path, PARENTS["site"], values={"read": f"reference({own}, '2018-11-30').principalId"}, namespaces=NAMESPACES
    )
    assert "was not found" in as_text(member(it.deployment(scope=GROUP).error, "message"))


@pytest.mark.parametrize(
    ("container", "code"), [("iaasvmcontainer;v2;rg;vm", ""), ("storagecontainer;s;rg;st", "ParentResourceNotFound")]
)
def test_the_backup_of_a_machine_needs_no_container_and_that_of_a_share_does(
    tmp_path: Path, container: str, code: str
) -> None:
    vault = resource(
        "Microsoft.RecoveryServices/vaults",
        "rsv",
        sku={"name": "RS0", "tier": "Standard"},
        properties={"publicNetworkAccess": "Enabled"},
    )
    item = resource(
        "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems",
        f"rsv/Azure/{container}/item",
        version="2024-04-01",
        location=None,
        after=["[resourceId('Microsoft.RecoveryServices/vaults', 'rsv')]"],
        properties={"protectedItemType": "Microsoft.Compute/virtualMachines"},
    )
    it = deployed(tmp_path, vault, item, namespaces=["Microsoft.RecoveryServices"])
    failed = [as_text(member(one.error, "code")) for one in it.operations(scope=GROUP).values() if one.error]
    assert failed == ([code] if code else [])
