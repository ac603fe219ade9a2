"""checkPolicyRestrictions: the effect of policies on a resource before it is requested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.governance.policies import PolicyRule, rules_at
from installer.emulator.governance.policy_rules import applies, field_values
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from installer.emulator.state.resources import Resources
    from installer.jsontypes import Json


def restrictions_of(resources: Resources, scope: str, body: JsonObject) -> JsonObject:
    """The response for a resource's content at a scope, and for fields whose values are undecided."""
    content = as_object(member(body, "resourceDetails", "resourceContent"))
    name = as_text(content.get("name"), "-")
    inner = as_text(member(body, "resourceDetails", "scope"))
    resource_id = f"{inner or scope}/providers/{as_text(content.get('type'))}/{name}"
    rules = [rule for rule in rules_at(resources, resource_id) if rule.effect in {"deny", "audit"}]
    evaluations: list[Json] = [_evaluation(rule) for rule in rules if applies(rule.condition, content)]
    fields = [as_object(item) for item in as_list(body.get("pendingFields"))]
    restricted: list[Json] = [
        {"field": field.get("field"), "restrictions": found}
        for field in fields
        if (found := _restrictions(rules, content, field))
    ]
    return {"fieldRestrictions": restricted, "contentEvaluationResult": {"policyEvaluations": evaluations}}


def _info(rule: PolicyRule) -> JsonObject:
    return {
        "policyDefinitionId": rule.definition,
        "policyAssignmentId": rule.assignment.id,
    }


def _evaluation(rule: PolicyRule) -> JsonObject:
    return {
        "policyInfo": _info(rule),
        "evaluationResult": "NonCompliant",
        "effectDetails": {"policyEffect": rule.effect.capitalize()},
    }


def _restrictions(rules: list[PolicyRule], content: JsonObject, field: JsonObject) -> list[Json]:
    """The values of a field that would be refused; without values, whether the field is required."""
    name, values = as_text(field.get("field")), as_list(field.get("values"))
    found: list[Json] = []
    for rule in rules:
        if rule.effect != "deny" or not _uses_field(rule.condition, name):
            continue
        if not values:
            if not field_values(content, name) and applies(rule.condition, content):
                found.append({"result": "Required", "policy": _info(rule)})
            continue
        refused = [value for value in values if applies(rule.condition, _with(content, name, value))]
        if refused:
            found.append({"result": "Deny", "values": refused, "policy": _info(rule)})
    return found


def _uses_field(condition: Json, name: str) -> bool:
    """Whether a condition uses a field anywhere."""
    if isinstance(condition, dict):
        return _normalised(as_text(condition.get("field"))) == _normalised(name) or any(
            _uses_field(item, name) for item in condition.values()
        )
    return isinstance(condition, list) and any(_uses_field(item, name) for item in condition)


def _normalised(field: str) -> str:
    """A field name for comparison: tags have several notations."""
    return field.lower().replace("['", ".").replace("[", ".").replace("']", "").replace("]", "")


def _with(content: JsonObject, name: str, value: Json) -> JsonObject:
    """The content with a field set: a top-level one, or a tag."""
    for opening, closing in (("tags[", "]"), ("tags.", "")):
        if name.lower().startswith(opening):
            tag = name[len(opening) : len(name) - len(closing)].strip("'\"")
            return {**content, "tags": {**as_object(content.get("tags")), tag: value}}
    return {**content, name: value}
