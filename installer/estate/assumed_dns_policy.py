"""The Azure Policy that a rehearsal assumes with the answer "written by Azure Policy": it registers private endpoints in DNS.

A rehearsal cannot read the policies of an organization. It assumes one assignment for each kind of private endpoint of the
installation, with the zones in a resource group beside them. With a survey nothing is assumed: the policies of the
survey then decide which records exist.
"""

from collections.abc import Iterator
from typing import Final

from installer.answers.model import Answers
from installer.estate.resources import estate, predicted
from installer.json_access import as_list, as_text, member
from installer.jsontypes import Json
from installer.resource_id import resource_id, subscription_of

_AUTHORIZATION: Final = "providers/Microsoft.Authorization"
_ENDPOINT: Final = "Microsoft.Network/privateEndpoints"
_ZONE_GROUP: Final = f"{_ENDPOINT}/privateDnsZoneGroups"
_GROUP: Final = "rg-private-dns"
_NETWORK_CONTRIBUTOR: Final = "4d97b98b-1d4f-4787-a291-c67834d212e7"


def assumed_policies(answers: Answers) -> Iterator[dict[str, Json]]:
    """Zones, definition and assignments, as ARM JSON; none unless the answers rely on a policy."""
    if answers.network.mode == "public" or answers.network.dns != "policy":
        return
    home, region = answers.subscription.subscription, answers.subscription.region
    group = f"/subscriptions/{home}/resourceGroups/{_GROUP}"
    yield {"id": group, "location": region, "properties": {}}
    known: set[str] = set()
    for subscription, part, zone in _endpoints(answers):
        zone_id = resource_id(group, "Microsoft.Network/privateDnsZones", zone)
        if zone_id not in known:
            known.add(zone_id)
            yield {"id": zone_id, "location": "global", "properties": {}}
        definition = f"/subscriptions/{subscription}/{_AUTHORIZATION}/policyDefinitions/private-dns"
        if definition not in known:
            known.add(definition)
            yield {"id": definition, "properties": _definition()}
        yield {
            "id": f"/subscriptions/{subscription}/{_AUTHORIZATION}/policyAssignments/private-dns-{part}",
            "location": region,
            "identity": {"type": "SystemAssigned"},
            "properties": {
                "displayName": f"DNS records of private endpoints: {part}",
                "policyDefinitionId": definition,
                "scope": f"/subscriptions/{subscription}",
                "enforcementMode": "Default",
                "parameters": {"groupId": {"value": part}, "zoneId": {"value": zone_id}},
            },
        }


def _endpoints(answers: Answers) -> list[tuple[str, str, str]]:
    """Subscription, sub-resource and zone of every kind of private endpoint, as with zones of the installation."""
    created = answers.model_copy(update={"network": answers.network.model_copy(update={"dns": "created"})})
    found: dict[tuple[str, str, str], None] = {}
    for stage in estate(created):
        for body in predicted(created, stage.spec):
            if as_text(body.get("type")).lower() != _ZONE_GROUP.lower():
                continue
            for config in as_list(member(body.get("properties"), "privateDnsZoneConfigs")):
                zone = as_text(member(config, "properties", "privateDnsZoneId")).rpartition("/")[2]
                found[subscription_of(as_text(body.get("id"))), as_text(member(config, "name")), zone] = None
    return list(found)


def _definition() -> dict[str, Json]:
    """Registers private endpoints of a sub-resource; the shape is that of the built-in policies of landing zones."""
    connections = f"{_ENDPOINT}/privateLinkServiceConnections[*]"
    text: Json = {"type": "String"}
    zone_group: dict[str, Json] = {
        "type": _ZONE_GROUP,
        "apiVersion": "2024-05-01",
        "name": "[concat(parameters('name'), '/deployedByPolicy')]",
        "properties": {
            "privateDnsZoneConfigs": [{"name": "zone", "properties": {"privateDnsZoneId": "[parameters('zoneId')]"}}]
        },
    }
    template: dict[str, Json] = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"name": text, "zoneId": text},
        "resources": [zone_group],
    }
    given: Json = {"name": {"value": "[field('name')]"}, "zoneId": {"value": "[parameters('zoneId')]"}}
    return {
        "displayName": "Register private endpoints in private DNS zones",
        "policyType": "Custom",
        "mode": "Indexed",
        "parameters": {"groupId": text, "zoneId": text},
        "policyRule": {
            "if": {
                "allOf": [
                    {"field": "type", "equals": _ENDPOINT},
                    {
                        "count": {
                            "field": connections,
                            "where": {"field": f"{connections}.groupIds[*]", "equals": "[parameters('groupId')]"},
                        },
                        "greaterOrEquals": 1,
                    },
                ]
            },
            "then": {
                "effect": "deployIfNotExists",
                "details": {
                    "type": _ZONE_GROUP,
                    "roleDefinitionIds": [f"/{_AUTHORIZATION}/roleDefinitions/{_NETWORK_CONTRIBUTOR}"],
                    "deployment": {"properties": {"mode": "incremental", "template": template, "parameters": given}},
                },
            },
        },
    }
