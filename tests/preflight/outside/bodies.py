"""Bodies of Azure as a consultant copies them into a survey: unchanged responses of GET requests."""

from typing import Any, Final

from installer.jsontypes import Json

HOME: Final = "4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab"
"""The subscription of the example answers."""
PLATFORM: Final = "9d0a6c1e-52b7-4a0f-8d3c-6a1f2b4c5d6e"
"""The subscription of their hub."""
AT_HOME: Final = f"/subscriptions/{HOME}"
AT_PLATFORM: Final = f"/subscriptions/{PLATFORM}"
CORP: Final = "/providers/Microsoft.Management/managementGroups/corp"
ME: Final = "11111111-2222-4333-8444-555555555555"
TEAM: Final = "66666666-2222-4333-8444-555555555555"
OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR: Final = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER: Final = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ACCESS: Final = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
NETWORK: Final = "4d97b98b-1d4f-4787-a291-c67834d212e7"
_AUTHORIZATION: Final = "providers/Microsoft.Authorization"
Body = dict[str, Json]


def _own(scope: str, kind: str, name: str, properties: Body) -> Body:
    where = f"{scope}/{_AUTHORIZATION}/{kind}/{name}"
    return {"id": where, "name": name, "type": f"Microsoft.Authorization/{kind}", "properties": properties}


def grant(scope: str, role: str, number: int = 1, who: str = ME, **more: Json) -> Body:
    """A role assignment."""
    definition = f"/{_AUTHORIZATION}/roleDefinitions/{role}"
    properties: Body = {"roleDefinitionId": definition, "principalId": who, "scope": scope or "/", **more}
    return _own(scope, "roleAssignments", f"00000000-0000-4000-8000-{number:012}", properties)


def eligible(scope: str, role: str, number: int, who: str = ME) -> Body:
    """A role that can be activated in Privileged Identity Management."""
    definition = f"/{_AUTHORIZATION}/roleDefinitions/{role}"
    properties: Body = {"roleDefinitionId": definition, "principalId": who, "scope": scope, "memberType": "Direct"}
    return _own(scope, "roleEligibilityScheduleInstances", f"10000000-0000-4000-8000-{number:012}", properties)


def deny(scope: str, name: str, actions: list[Json], number: int, *principals: str) -> Body:
    """A deny assignment, of every principal if none are given."""
    everybody: Json = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
    named: list[Json] = [{"id": one, "type": "Group"} for one in principals]
    properties: Body = {
        "denyAssignmentName": name,
        "permissions": [{"actions": actions, "notActions": ["*/read"]}],
        "scope": scope,
        "principals": named or [everybody],
        "excludePrincipals": [],
    }
    return _own(scope, "denyAssignments", f"20000000-0000-4000-8000-{number:012}", properties)


def lock(scope: str, level: str, name: str) -> Body:
    """A lock."""
    return _own(scope, "locks", name, {"level": level})


def policy(scope: str, name: str, resource_type: str) -> list[Body]:
    """A policy that denies a type, with its definition at the same scope."""
    rule: Json = {"if": {"field": "type", "equals": resource_type}, "then": {"effect": "deny"}}
    made = _own(scope, "policyDefinitions", name, {"displayName": name, "mode": "All", "policyRule": rule})
    properties: Body = {"displayName": name, "policyDefinitionId": made["id"], "enforcementMode": "Default"}
    return [made, _own(scope, "policyAssignments", name, properties)]


def subscription(
    identifier: str = HOME, state: str = "Enabled", quota: str = "EnterpriseAgreement_2014-09-01", limit: str = "Off"
) -> Body:
    """A subscription."""
    policies: Json = {"locationPlacementId": "Public_2014-09-01", "quotaId": quota, "spendingLimit": limit}
    where = f"/subscriptions/{identifier}"
    return {
        "id": where,
        "subscriptionId": identifier,
        "displayName": "lz",
        "state": state,
        "subscriptionPolicies": policies,
    }


def group(scope: str, name: str, region: str = "swedencentral") -> Body:
    """A resource group; the portal shows the display name of its region."""
    where, state = f"{scope}/resourceGroups/{name}", "Succeeded"
    return {"id": where, "name": name, "location": region, "properties": {"provisioningState": state}}


def network(scope: str, name: str, space: str, subnets: dict[str, Body], *peers: str) -> Body:
    """A virtual network with its subnets and peerings inside, as Azure shows it; `peers`: their address ranges."""
    where = f"{scope}/providers/Microsoft.Network/virtualNetworks/{name}"
    inside: list[Json] = [
        {"id": f"{where}/subnets/{one}", "name": one, "properties": properties} for one, properties in subnets.items()
    ]
    peerings: list[Json] = [
        {
            "id": f"{where}/virtualNetworkPeerings/peer-{number}",
            "name": f"peer-{number}",
            "properties": {
                "remoteVirtualNetwork": {"id": where.replace(name, f"vnet-peer-{number}")},
                "remoteAddressSpace": {"addressPrefixes": [peer]},
            },
        }
        for number, peer in enumerate(peers)
    ]
    properties: Body = {
        "addressSpace": {"addressPrefixes": [space]},
        "subnets": inside,
        "virtualNetworkPeerings": peerings,
    }
    return {"id": where, "name": name, "location": "swedencentral", "properties": properties}


def subnet(prefix: str, delegation: str = "", **more: Json) -> Body:
    """Properties of a subnet."""
    given: list[Json] = [{"name": "d", "properties": {"serviceName": delegation}}] if delegation else []
    return {"addressPrefix": prefix, "delegations": given, **more}


def quota(provider: str, name: str, limit: int, current: int = 0, region: str = "Sweden Central") -> dict[str, Any]:
    """A limit, by the name that the portal shows."""
    return {"provider": provider, "location": region, "name": name, "limit": limit, "current": current}
