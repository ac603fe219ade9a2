"""Rules and exceptions of others in the firewall policy of an ingress.

Resource Manager removes what an update does not name: learn.microsoft.com, azure-resource-manager/templates/deployment-modes.
Exceptions of managed rules: web-application-firewall/ag/application-gateway-waf-configuration, afds/waf-front-door-tuning.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from installer.estate.parameters.context import Installation
from installer.estate.parameters.resource_ids import ingress_home, resource_id
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of
from installer.jsontypes import Json
from installer.shipped_files import managed_rules

_GATEWAY_VERSION: Final = "2025-05-01"
_FRONT_DOOR_VERSION: Final = "2025-10-01"


@dataclass(frozen=True)
class _ManagedRules:
    """The managed rules that FlowForge's templates name.

    Attributes:
        versions: Version by type of rule set.
        selectors: Form fields and cookies that are excluded.
        rules: Ids of rules with exclusions, by group.

    """

    versions: dict[str, Json]
    selectors: frozenset[str]
    rules: dict[str, list[Json]]


@cache
def _named() -> _ManagedRules:
    found: JsonObject = json.loads(managed_rules())
    selectors = [*as_list(found["callbackFields"]), *as_list(found["sessionCookies"])]
    rules = {group: as_list(ids) for group, ids in as_object(found["tokenRules"]).items()}
    return _ManagedRules(as_object(found["ruleSets"]), frozenset(map(str, selectors)), rules)


def kept_firewall_rules(it: Installation, environment: str) -> tuple[KeptByOthers, ...]:
    """Custom rules, such as blocked countries or rate limits, and changes to managed rules."""
    home, gateway = ingress_home(it, environment), it.answers.ingress.kind == "gateway"
    kind = f"{'ApplicationGateway' if gateway else 'FrontDoor'}WebApplicationFirewallPolicies"
    name = it.names.gateway_policy(home.network) if gateway else it.names.front_door_policy(home.network)
    where = resource_id(home.subscription, home.group, f"Microsoft.Network/{kind}", name)
    version = _GATEWAY_VERSION if gateway else _FRONT_DOOR_VERSION
    custom = ("properties", "customRules", *(() if gateway else ("rules",)))
    return (
        KeptByOthers(
            "kept",
            f"{kind}/{name}",
            where,
            version,
            name,
            lambda content: as_list(member(content, *custom)),
            holds="customRules",
        ),
        KeptByOthers("kept", f"{kind}/{name}/managedRules", where, version, f"managed rules of {name}", _managed),
    )


def _managed(content: dict[str, Json]) -> Json:
    """Exclusions, overrides and rule sets, without those that the templates name."""
    rules = as_object(member(content, "properties", "managedRules"))
    versions = _named().versions
    sets = {as_text(one.get("ruleSetType")): one for one in objects_of(rules.get("managedRuleSets"))}
    # Rules of another version have other ids.
    same = {kind: one for kind, one in sets.items() if versions.get(kind) == one.get("ruleSetVersion")}
    found: dict[str, Json] = {
        "exclusions": _exclusions(rules),
        "ruleSetExclusions": {kind: items for kind, one in same.items() if (items := _exclusions(one))},
        "ruleGroupOverrides": {kind: items for kind, one in same.items() if (items := list(_groups(one)))},
        "managedRuleSets": [one for kind, one in sets.items() if kind not in versions],
    }
    return {name: items for name, items in found.items() if items}


def _exclusions(holder: JsonObject) -> list[Json]:
    """Exclusions of a policy, rule set, group or rule, which have the same form."""
    named = _named().selectors
    return [one for one in objects_of(holder.get("exclusions")) if as_text(one.get("selector")) not in named]


def _groups(rule_set: JsonObject) -> Iterator[Json]:
    for group in objects_of(rule_set.get("ruleGroupOverrides")):
        named = _named().rules.get(as_text(group.get("ruleGroupName")), [])
        every = [
            {**rule, "exclusions": _exclusions(rule)} if "exclusions" in rule else rule
            for rule in objects_of(group.get("rules"))
        ]
        rules: list[Json] = [rule for rule in every if rule.get("ruleId") not in named or rule.get("exclusions")]
        exclusions = _exclusions(group)
        if rules or exclusions:
            yield {**group, "rules": rules, **({"exclusions": exclusions} if exclusions else {})}
