"""Access rules of others on resources with a firewall: addresses, subnets and resources that it admits.

A full update removes what it does not name: learn.microsoft.com, azure-resource-manager/templates/deployment-modes.
Defender for Storage adds such a rule for its scanner: github.com/Azure/bicep-ptn-aiml-landing-zone/issues/160.
"""

from collections.abc import Callable
from typing import Final

from installer.estate.parameters.context import Installation
from installer.estate.parameters.resource_ids import registry_id, resource_id
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import JsonObject, as_object, as_text, member, objects_of
from installer.jsontypes import Json

_VAULTS_VERSION: Final = "2026-02-01"
_REGISTRIES_VERSION: Final = "2025-11-01"
_ACCOUNTS_VERSION: Final = "2025-06-01"
_LISTS: Final = ("ipRules", "virtualNetworkRules", "resourceAccessRules")


def kept_foundation_rules(it: Installation) -> tuple[KeptByOthers, ...]:
    """Rules of the key vaults, and of the registry if its tier has rules."""
    kind = "Microsoft.KeyVault/vaults"
    vaults = [(site.subscription, it.names.group(site.name), it.names.key_vault(site.name)) for site in it.sites]
    if it.answers.governance.customer_keys:
        vaults.append((it.subscription, it.names.platform_group, it.names.platform_key_vault))
    found = [
        access_rules(kind, resource_id(group, of, kind, name), _VAULTS_VERSION, _lists_of(it))
        for group, of, name in vaults
    ]
    kind, where = "Microsoft.ContainerRegistry/registries", registry_id(it)
    premium = it.private_registry or it.answers.governance.customer_keys
    return (*found, access_rules(kind, where, _REGISTRIES_VERSION, _rule_set if premium else _no_rules))


def kept_lake_rules(it: Installation) -> tuple[KeptByOthers, ...]:
    """Rules of the data lakes."""
    kind = "Microsoft.Storage/storageAccounts"
    return tuple(
        access_rules(
            kind,
            resource_id(site.subscription, it.names.group(site.name), kind, it.names.storage_account(site.name)),
            _ACCOUNTS_VERSION,
            _lists_of(it),
        )
        for site in it.sites
    )


def access_rules(kind: str, where: str, version: str, select: Callable[[dict[str, Json]], Json]) -> KeptByOthers:
    """The rules of one resource, as `select` finds them."""
    name = where.rpartition("/")[2]
    return KeptByOthers("kept", f"{kind.rpartition('/')[2]}/{name}", where, version, name, select)


def _lists_of(it: Installation) -> Callable[[dict[str, Json]], Json]:
    return _closed_lists if it.public else _lists


def _closed_lists(content: dict[str, Json]) -> Json:
    """The rules with the default, if others have closed it: FlowForge leaves public endpoints open."""
    default = member(content, "properties", "networkAcls", "defaultAction")
    return {**as_object(_lists(content)), **({"defaultAction": default} if default == "Deny" else {})}


def _lists(content: dict[str, Json]) -> Json:
    rules = as_object(member(content, "properties", "networkAcls"))
    return {name: [_rule(one) for one in objects_of(rules[name])] for name in _LISTS if rules.get(name)}


def _rule(rule: JsonObject) -> Json:
    """A rule without its state, which only Azure writes."""
    return {name: value for name, value in rule.items() if name != "state"}


def _no_rules(_content: dict[str, Json]) -> Json:
    return {}


def _rule_set(content: dict[str, Json]) -> Json:
    rules = as_object(member(content, "properties", "networkRuleSet"))
    default = not rules.get("ipRules") and as_text(rules.get("defaultAction")) != "Deny"
    return {} if default else {"networkRuleSet": rules}
