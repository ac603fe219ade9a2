"""checkPolicyRestrictions: the effect of policies on a resource before it is requested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.policy.evaluation import NOTHING
from installer.policy.expressions import compiled
from installer.policy.fields import GROUP
from installer.policy.outcomes import EvaluationError, NotJudgedError, UndecidedError
from installer.policy.writing import ConflictError, changed
from installer.resource_id import GROUP_TYPE, resource_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.governance.policy.service import Policies
    from installer.jsontypes import Json
    from installer.policy.book import Rule


def restrictions_of(policies: Policies, scope: str, body: JsonObject) -> JsonObject:
    """The response for a resource's content at a scope, and for fields whose values are undecided."""
    details = as_object(body.get("resourceDetails"))
    content = as_object(details.get("resourceContent"))
    name = as_text(content.get("name"), "-")
    kind = as_text(content.get("type"))
    kind = GROUP_TYPE if kind.lower() == GROUP.lower() else kind
    place = as_text(details.get("scope")) or scope
    version = as_text(details.get("apiVersion"))
    desired = {key: item for key, item in content.items() if key.lower() not in {"id", "name", "type"}}
    resource = Resource(resource_id(place, kind, name), kind, name, version, "Creating", 0, 0, desired=desired)
    judge, subject = policies.judge, policies.subject(resource)
    failing = (one for one in judge.matching(subject, frozenset({"append", "modify"})) if one[1] == "deny")
    found = [*judge.matching(subject, frozenset({"deny", "audit"})), *failing]
    evaluations: list[Json] = [_evaluation(rule, effect) for rule, effect in found]
    fields = [as_object(item) for item in as_list(body.get("pendingFields"))]
    restricted: list[Json] = [
        {"field": field.get("field"), "restrictions": shown}
        for field in fields
        if (shown := _restrictions(policies, resource, field))
    ]
    return {"fieldRestrictions": restricted, "contentEvaluationResult": {"policyEvaluations": evaluations}}


def _info(rule: Rule) -> JsonObject:
    found: JsonObject = {"policyDefinitionId": rule.definition.id, "policyAssignmentId": rule.assignment.id}
    if rule.set_id:
        found |= {"policySetDefinitionId": rule.set_id, "policyDefinitionReferenceId": rule.reference}
    return found


def _evaluation(rule: Rule, effect: str) -> JsonObject:
    return {
        "policyInfo": _info(rule),
        "evaluationResult": "NonCompliant",
        "effectDetails": {"policyEffect": effect.capitalize()},
    }


def _restrictions(policies: Policies, resource: Resource, field: JsonObject) -> list[Json]:
    """The values of a field that would be refused; without values, whether the field is required."""
    name, values = as_text(field.get("field")), as_list(field.get("values"))
    concerned = [rule for rule in policies.denying_rules(policies.subject(resource)) if _uses_field(rule, name)]
    found: list[Json] = []
    for rule in concerned:
        if not values:
            if not _has(resource, name) and policies.denies(rule, policies.subject(resource)):
                found.append({"result": "Required", "policy": _info(rule)})
            continue
        refused = [value for value in values if policies.denies(rule, policies.subject(_with(resource, name, value)))]
        if refused:
            found.append({"result": "Deny", "values": refused, "policy": _info(rule)})
    return found


def _uses_field(rule: Rule, name: str) -> bool:
    """Whether the condition of a rule reads a field anywhere."""
    return _reads(rule.definition.condition, _normalised(name), rule.definition.parameters)


def _reads(condition: Json, name: str, parameters: Mapping[str, Json]) -> bool:
    if isinstance(condition, list):
        return any(_reads(item, name, parameters) for item in condition)
    if not isinstance(condition, dict):
        return False
    if (given := member(condition, "field")) is not None and _normalised(_constant(given, parameters)) == name:
        return True
    return any(_reads(item, name, parameters) for item in condition.values())


def _constant(text: Json, parameters: Mapping[str, Json]) -> str:
    try:
        run, fixed = compiled(text, parameters)
        return str(run(NOTHING)) if fixed else ""
    except (EvaluationError, NotJudgedError, UndecidedError):
        return ""


def _normalised(field: str) -> str:
    """A field name for comparison: tags have several notations."""
    return field.lower().replace("['", ".").replace("[", ".").replace("']", "").replace("]", "")


def _has(resource: Resource, name: str) -> bool:
    return changed(resource.desired, resource.type, name, None, replace=True) != resource.desired


def _with(resource: Resource, name: str, value: Json) -> Resource:
    """The resource with a field set."""
    try:
        content = changed(resource.desired, resource.type, name, value, replace=True)
    except ConflictError:
        content = resource.desired
    made = Resource(**vars(resource))
    made.desired = content
    return made
