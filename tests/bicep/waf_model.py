"""The managed rules of the two web application firewalls that mistake sign-in tokens for SQL, and their anomaly score.

Sources: severities and the threshold of 5, learn.microsoft.com web-application-firewall/afds/waf-front-door-drs; the patterns
follow the core rule set (github.com/coreruleset/coreruleset, REQUEST-942-APPLICATION-ATTACK-SQLI), which the rules of
Microsoft's set descend from; exclusions, ag/application-gateway-waf-configuration and afds/waf-front-door-exclusion.
Every rule is enabled unless a policy disables it, which is the worst case.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from installer.jsontypes import Json
from tests.bicep.stage_requests import at

THRESHOLD: Final = 5
_SPECIAL: Final = r"[~!@#$%^&*()\-+={}\[\]|:;\"'`<>]"
_RULES: Final = {
    "942430": (3, re.compile(rf"(?:{_SPECIAL}[^~!@#$%^&*()\-+=|:;<>]*?){{12}}"), False),
    "942440": (5, re.compile(r"/\*|\*/|--[^-]*?-|--\s|[';]--"), True),
    "942450": (5, re.compile(r"(?:^|[^0-9])0x[0-9a-f]{3,}", re.IGNORECASE), True),
    "99031002": (5, re.compile(r"/\*|\*/|--[^-]*?-|--\s|[';]--"), True),
}
"""Rule: anomaly score, pattern, whether it inspects cookies too."""
_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "Equals": str.__eq__,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
    "Contains": str.__contains__,
    "EqualsAny": lambda _name, _selector: True,
}


@dataclass(frozen=True)
class Posted:
    """A form that a browser posts: fields and cookies by name."""

    fields: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)


def score(policy: Json, request: Posted) -> int:
    """Anomaly score of a request under the `properties` of a policy of either firewall; blocked from THRESHOLD on."""
    rules = at(policy, "managedRules")
    overrides = dict(_front_door_overrides(rules))
    total = 0
    for rule, (points, pattern, with_cookies) in _RULES.items():
        enabled, own = overrides.get(rule, (True, []))
        if not enabled:
            continue
        excluded = [*own, *_gateway_exclusions(rules, rule)]
        parts = [("field", request.fields), *([("cookie", request.cookies)] if with_cookies else [])]
        for kind, values in parts:
            for name, value in values.items():
                if not any(_applies(one, kind, name) for one in excluded) and pattern.search(value):
                    total += points
    return total


def _applies(exclusion: Json, kind: str, name: str) -> bool:
    variables = {
        "field": {"RequestArgValues", "RequestArgNames", "RequestBodyPostArgNames"},
        "cookie": {"RequestCookieValues", "RequestCookieNames"},
    }
    operator = _OPERATORS[str(at(exclusion, "selectorMatchOperator"))]
    return at(exclusion, "matchVariable") in variables[kind] and operator(name, str(at(exclusion, "selector")))


def _items(value: Json, name: str) -> list[Json]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _gateway_exclusions(rules: Json, rule: str) -> Iterator[Json]:
    """Exclusions of an application gateway for a rule; without rule sets an exclusion is for every rule."""
    for exclusion in _items(rules, "exclusions"):
        sets = _items(exclusion, "exclusionManagedRuleSets")
        groups = [group for one in sets for group in _items(one, "ruleGroups")]
        named = [at(one, "ruleId") for group in groups for one in _items(group, "rules")]
        if not sets or rule in named:
            yield exclusion


def _front_door_overrides(rules: Json) -> Iterator[tuple[str, tuple[bool, list[Json]]]]:
    """State and exclusions of the rules that a policy of Front Door names; unsaid means disabled."""
    for one in _items(rules, "managedRuleSets"):
        for group in _items(one, "ruleGroupOverrides"):
            for rule in _items(group, "rules"):
                enabled = isinstance(rule, dict) and rule.get("enabledState") == "Enabled"
                yield str(at(rule, "ruleId")), (enabled, [*_items(rule, "exclusions"), *_items(group, "exclusions")])
