"""Subscriptions of customers as outsiders describe them, from the documented format of a survey only."""

from collections.abc import Mapping
from typing import Any, Final

from installer.json_access import as_object, objects_of
from tests.preflight.outside.bodies import (
    ACCESS,
    AT_HOME,
    AT_PLATFORM,
    CONTRIBUTOR,
    CORP,
    ME,
    NETWORK,
    OWNER,
    PLATFORM,
    READER,
    TEAM,
    Body,
    deny,
    eligible,
    grant,
    group,
    lock,
    network,
    policy,
    quota,
    subnet,
    subscription,
)

_PROVIDERS: Final = (
    "Compute Network Storage KeyVault ContainerService ContainerRegistry DBforPostgreSQL Web App ManagedIdentity Insights "
    "OperationalInsights AlertsManagement Cdn Authorization PolicyInsights"
)
_HUB_GROUP: Final = f"{AT_PLATFORM}/resourceGroups/rg-hub"
_DNS_GROUP: Final = f"{AT_PLATFORM}/resourceGroups/rg-dns"
_OF_GATEWAY: Final[list[Any]] = [
    {"id": f"{_HUB_GROUP}/providers/Microsoft.Network/virtualNetworkGateways/vgw/ipConfigurations/x"}
]
HUB: Final = network(
    _HUB_GROUP,
    "vnet-hub",
    "10.0.0.0/22",
    {
        "snet-endpoints": subnet("10.0.1.0/24"),
        "snet-shared": subnet("10.0.2.0/24"),
        "GatewaySubnet": subnet("10.0.3.0/27", ipConfigurations=_OF_GATEWAY),
    },
    "10.64.0.0/16",
    "192.168.0.0/16",
)
DELEGATED_ADMIN: Final = (
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
    "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {"
    f"{OWNER}, {ACCESS}, 18d7d88d-d35e-4fb5-a5c3-7773c20a72d9}}))"
)
"""The portal's condition "allow all roles except privileged administrator roles"."""


def survey(*resources: Body, **more: Any) -> dict[str, Any]:
    """A survey of the subscription of the example answers by its signed-in user."""
    return {
        "subscriptionId": AT_HOME.rpartition("/")[2],
        "caller": {"objectId": ME, "principalIds": [TEAM]},
        "registrations": {f"Microsoft.{name}": "Registered" for name in _PROVIDERS.split()},
        "regions": [{"name": "Sweden Central", "zones": {"1": "a", "2": "b", "3": "c"}}],
        "resources": [*resources],
        **more,
    }


def zones(*names: str) -> list[Body]:
    """Private DNS zones in the group of the platform team, each linked to the hub."""
    found: list[Body] = []
    for name in names:
        zone = f"{_DNS_GROUP}/providers/Microsoft.Network/privateDnsZones/{name}"
        link: Body = {"registrationEnabled": False, "virtualNetwork": {"id": HUB["id"]}}
        found += [
            {"id": zone, "location": "global", "properties": {}},
            {"id": f"{zone}/virtualNetworkLinks/hub", "location": "global", "properties": link},
        ]
    return found


def landing_zone(*more: Body) -> dict[str, Any]:
    """A corp landing zone: Contributor from a management group, delegated administration of access, a hub of others."""
    return survey(
        subscription(),
        subscription(PLATFORM),
        HUB,
        grant(CORP, CONTRIBUTOR, 1, TEAM),
        grant(AT_HOME, ACCESS, 2, condition=DELEGATED_ADMIN, conditionVersion="2.0"),
        grant(_HUB_GROUP, NETWORK, 3, TEAM),
        *policy(CORP, "deny-public-addresses", "Microsoft.Network/publicIPAddresses"),
        *more,
    )


GROUP: Final = f"{AT_HOME}/resourceGroups/rg-ff-contoso-dev"
NETWORKS: Final = f"{AT_PLATFORM}/resourceGroups/rg-net"
SPOKES: Final = (
    network(
        NETWORKS,
        "vnet-dev",
        "10.20.0.0/22",
        {
            "snet-nodes": subnet("10.20.0.0/29"),
            "snet-web": subnet("10.20.1.0/27", "Microsoft.App/environments"),
            "snet-endpoints": subnet("10.20.1.32/28", ipConfigurations=[{"id": f"/nic/{one}"} for one in range(10)]),
        },
    ),
    network(
        NETWORKS,
        "vnet-prod",
        "10.21.0.0/22",
        {
            "snet-nodes": subnet(
                "10.21.0.0/24", routeTable={"id": f"{NETWORKS}/providers/Microsoft.Network/routeTables/rt"}
            ),
            "snet-web": subnet("10.21.1.0/27", "Microsoft.Web/serverFarms"),
            "snet-endpoints": subnet("10.21.1.32/27"),
        },
    ),
)

PEERINGS: Final[list[Body]] = [
    {
        "id": f"{one['id']}/virtualNetworkPeerings/to-{other['name']}",
        "properties": {
            "peeringState": "Connected",
            "allowVirtualNetworkAccess": True,
            "remoteVirtualNetwork": {"id": other["id"]},
            "remoteAddressSpace": as_object(other["properties"])["addressSpace"],
        },
    }
    for spoke in SPOKES
    for one, other in ((HUB, spoke), (spoke, HUB))
]
"""Both halves of the peerings of the spokes with the hub, each as its own body."""

WIDE: Final = tuple(
    network(
        NETWORKS,
        f"vnet-{name}",
        f"10.2{number}.0.0/22",
        {
            "snet-nodes": subnet(
                f"10.2{number}.0.0/24", routeTable={"id": f"{NETWORKS}/providers/Microsoft.Network/routeTables/rt"}
            ),
            "snet-web": subnet(f"10.2{number}.1.0/27", "Microsoft.Web/serverFarms"),
            "snet-endpoints": subnet(f"10.2{number}.1.32/27"),
        },
    )
    for number, name in enumerate(("dev", "prod"))
)
"""Spokes in which everything fits."""
IN_WAN: Final[list[Body]] = [
    {
        "id": f"{one['id']}/virtualNetworkPeerings/RemoteVnetToHubPeering",
        "properties": {
            "peeringState": "Connected",
            "remoteVirtualNetwork": {"id": f"{NETWORKS}/providers/Microsoft.Network/virtualNetworks/HV_weu"},
            "remoteAddressSpace": {"addressPrefixes": ["10.100.0.0/23"]},
        },
    }
    for one in (HUB, *WIDE)
]
"""Peerings of a virtual WAN, which has another network in between."""
CLOSED: Final[Body] = {
    "id": f"{NETWORKS}/providers/Microsoft.Network/networkSecurityGroups/nsg-closed",
    "location": "swedencentral",
    "properties": {
        "securityRules": [
            {
                "name": "deny-out",
                "properties": {
                    "priority": 4096,
                    "direction": "Outbound",
                    "access": "Deny",
                    "protocol": "*",
                    "sourceAddressPrefix": "*",
                    "destinationAddressPrefix": "*",
                    "destinationPortRange": "*",
                },
            }
        ]
    },
}


def _closed(spoke: Body) -> Body:
    """A spoke whose subnets have the closed group."""
    properties = as_object(spoke["properties"])
    inside: list[Any] = [
        {**one, "properties": {**as_object(one["properties"]), "networkSecurityGroup": {"id": CLOSED["id"]}}}
        for one in objects_of(properties["subnets"])
    ]
    return {**spoke, "properties": {**properties, "subnets": inside}}


_FROZEN: Final = deny(AT_HOME, "frozen", ["*"], 1)
FROZEN: Final[Body] = {
    **_FROZEN,
    "properties": {**as_object(_FROZEN["properties"]), "doNotApplyToChildScopes": True},
}

SURVEYS: Final[Mapping[str, dict[str, Any]]] = {
    "landing zone": landing_zone(*zones("privatelink.vaultcore.azure.net")),
    "exhausted trial": survey(
        subscription(quota="FreeTrial_2014-09-01", limit="On"),
        grant(AT_HOME, OWNER),
        quotas=[
            quota("Microsoft.Compute", "Total Regional vCPUs", 4),
            quota("Microsoft.Compute", "Standard DDSv5 Family vCPUs", 100),
            quota("Microsoft.DBforPostgreSQL", "cores", 4, 4),
        ],
        skuRestrictions=[
            {
                "resourceType": "Microsoft.DBforPostgreSQL/flexibleServers",
                "location": "Sweden Central",
                "reason": "Subscriptions are restricted from provisioning in this region.",
            }
        ],
    ),
    "disabled": survey(subscription(state="Disabled"), grant(AT_HOME, OWNER)),
    "warned": survey(subscription(state="Warned"), grant(AT_HOME, OWNER)),
    "past due hub": survey(subscription(), subscription(PLATFORM, state="PastDue"), HUB, grant("", OWNER)),
    "locked": survey(
        subscription(),
        grant(AT_HOME, OWNER),
        group(AT_HOME, "rg-ff-contoso-dev", "Sweden Central"),
        lock(GROUP, "CanNotDelete", "keep"),
        lock(AT_HOME, "ReadOnly", "frozen"),
    ),
    "delete lock only": survey(
        subscription(),
        grant(AT_HOME, OWNER),
        group(AT_HOME, "rg-ff-contoso-dev"),
        lock(AT_HOME, "CanNotDelete", "keep"),
    ),
    "locked hub": survey(
        subscription(), subscription(PLATFORM), HUB, grant("", OWNER), lock(_HUB_GROUP, "ReadOnly", "hub")
    ),
    "reader with PIM": survey(
        subscription(),
        grant(AT_HOME, READER),
        eligible(AT_HOME, CONTRIBUTOR, 1),
        eligible(CORP, ACCESS, 2, TEAM),
    ),
    "managed application": survey(
        subscription(),
        grant(AT_HOME, OWNER),
        group(AT_HOME, "rg-ff-contoso-dev"),
        deny(GROUP, "managed application", ["*"], 1),
        deny(CORP, "platform", ["Microsoft.Network/natGateways/write"], 2, TEAM),
        deny(AT_HOME, "another team", ["*"], 3, "77777777-0000-4000-8000-000000000000"),
    ),
    "classic administrator": survey(
        subscription(),
        {
            "id": f"{AT_HOME}/providers/Microsoft.Authorization/classicAdministrators/1",
            "properties": {"emailAddress": "admin@contoso.com", "role": "ServiceAdministrator;AccountAdministrator"},
        },
        listed=["Microsoft.Authorization/roleAssignments"],
    ),
    "group elsewhere": survey(
        subscription(quota="CSP_2015-05-01"),
        grant(AT_HOME, OWNER),
        group(AT_HOME, "rg-ff-contoso-dev", "West Europe"),
        takenNames=[{"type": "Microsoft.KeyVault/vaults", "name": "kv-ff-contoso-dev"}],
        freeNames=[{"type": "Microsoft.KeyVault/vaults", "name": "kv-ff-contoso-dev2"}],
    ),
    "networks": survey(subscription(), subscription(PLATFORM), HUB, *SPOKES, *PEERINGS, grant("", OWNER)),
    "virtual WAN": survey(subscription(), subscription(PLATFORM), HUB, *WIDE, *IN_WAN, grant("", OWNER)),
    "closed security groups": survey(
        subscription(), subscription(PLATFORM), HUB, *map(_closed, WIDE), *PEERINGS, CLOSED, grant("", OWNER)
    ),
    "zones in a third subscription": survey(
        subscription(),
        subscription(PLATFORM),
        HUB,
        *(
            {**one, "id": str(one["id"]).replace(PLATFORM, "33333333-0000-4000-8000-000000000003")}
            for one in zones("privatelink.blob.core.windows.net")
        ),
        grant("", OWNER),
    ),
    "frozen subscription": survey(subscription(), grant(AT_HOME, OWNER), FROZEN),
    "owner of groups only": survey(
        subscription(),
        *(group(AT_HOME, f"rg-ff-contoso-{name}") for name in ("dev", "platform")),
        *(
            grant(f"{AT_HOME}/resourceGroups/rg-ff-contoso-{name}", OWNER, number)
            for number, name in enumerate(("dev", "platform"))
        ),
    ),
    "lapsed exemption": survey(
        subscription(),
        grant(AT_HOME, OWNER),
        *policy(CORP, "deny-storage", "Microsoft.Storage/storageAccounts"),
        {
            "id": f"{AT_HOME}/providers/Microsoft.Authorization/policyExemptions/pilot",
            "properties": {
                "policyAssignmentId": f"{CORP}/providers/Microsoft.Authorization/policyAssignments/deny-storage",
                "exemptionCategory": "Waiver",
                "expiresOn": "2025-01-01T00:00:00Z",
            },
        },
    ),
    "no cores of the family": survey(
        subscription(),
        grant(AT_HOME, OWNER),
        quotas=[
            quota("Microsoft.Compute", "cores", 100),
            quota("Microsoft.Compute", "standardDDSv5Family", 0),
            quota("Microsoft.Compute", "standardDSv5Family", 100),
            quota("Microsoft.Network", "PublicIPAddresses", 3, 3),
        ],
    ),
    "guest": survey(
        subscription(),
        grant(AT_HOME, OWNER),
        directory={
            "claims": {
                "idtyp": "user",
                "acct": 1,
                "idp": "https://sts.windows.net/99999999-0000-4000-8000-000000000000/",
            },
            "roles": [],
            "usersRegister": True,
        },
    ),
    "conditional access": survey(
        subscription(),
        grant(AT_HOME, OWNER),
        directory={"refusal": "AADSTS50076: Due to a configuration change you must use multi-factor authentication."},
    ),
    "china": survey(
        subscription(),
        grant(AT_HOME, OWNER),
        regions=[{"name": "China North 3", "unavailable": ["Microsoft.Web/sites"]}, {"name": "China North 2"}],
    ),
}
