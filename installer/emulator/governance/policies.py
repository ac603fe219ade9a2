"""The deny effects of Azure Policy: evaluates the rules of assignments and definitions, which are resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.arm_templates import Context, Scope, TemplateError, expand
from installer.emulator.errors import ArmError
from installer.emulator.governance.policy_rules import applies
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.state.resources import Resource, Resources
    from installer.jsontypes import Json

ASSIGNMENTS = "Microsoft.Authorization/policyAssignments"
_DEFINITIONS = "Microsoft.Authorization/policyDefinitions"
_SETS = "Microsoft.Authorization/policySetDefinitions"
_MARK = "/providers/microsoft.authorization/policyassignments/"
_OWN = ("microsoft.authorization/", "microsoft.resources/deployments", "microsoft.policyinsights/")
_NOWHERE = Context(Scope("tenant", "00000000-0000-0000-0000-000000000000"), "policy")


@dataclass(frozen=True)
class PolicyRule:
    """One rule in force: the assignment and definition that it comes from, its condition and effect."""

    assignment: Resource
    definition: str
    name: str
    condition: JsonObject
    effect: str

    @property
    def identifiers(self) -> JsonObject:
        """Assignment and definition as ARM reports them."""
        shown = as_text(member(self.assignment.desired, "properties", "displayName")) or self.assignment.name
        return {
            "policyAssignment": {"name": shown, "id": self.assignment.id},
            "policyDefinition": {"name": self.name, "id": self.definition},
        }


def rules_at(resources: Resources, resource_id: str) -> Iterator[PolicyRule]:
    """The rules in force for a resource: of assignments at its scopes that do not exclude it."""
    key = resource_id.lower()
    for assignment in resources.of_type(ASSIGNMENTS):
        place = assignment.key[: assignment.key.rindex(_MARK)]
        properties = as_object(assignment.desired.get("properties"))
        excluded = [as_text(item).lower() for item in as_list(properties.get("notScopes"))]
        enforced = as_text(properties.get("enforcementMode"), "Default").lower() != "donotenforce"
        if enforced and _within(key, place) and not any(_within(key, item) for item in excluded):
            yield from _rules_of(resources, assignment, properties)


def _within(key: str, place: str) -> bool:
    # The members of a management group are unknown; any with an assignment in the state is assumed to apply.
    return place.startswith("/providers/microsoft.management/") or key == place or key.startswith(f"{place}/")


def _rules_of(resources: Resources, assignment: Resource, properties: JsonObject) -> Iterator[PolicyRule]:
    wanted = as_text(properties.get("policyDefinitionId"))
    given = _values(as_object(properties.get("parameters")))
    found = _find(resources, wanted)
    if found is None:
        return
    if found.type.lower() == _SETS.lower():
        declared = as_object(member(found.desired, "properties", "parameters"))
        for item in as_list(member(found.desired, "properties", "policyDefinitions")):
            inner = _find(resources, as_text(member(item, "policyDefinitionId")))
            passed = _resolved(as_object(member(item, "parameters")), declared, given)
            if inner is not None and passed is not None:
                yield from _rule(assignment, inner, _values(passed))
    else:
        yield from _rule(assignment, found, given)


def _find(resources: Resources, definition_id: str) -> Resource | None:
    """A definition by id, else by name: a survey may contain built-in ones under another id."""
    found = resources.get(definition_id)
    if found is not None:
        return found
    name = definition_id.rsplit("/", 1)[-1].lower()
    kind = _SETS if "policysetdefinitions" in definition_id.lower() else _DEFINITIONS
    return next((item for item in resources.of_type(kind) if item.name.lower() == name), None)


def _rule(assignment: Resource, definition: Resource, given: JsonObject) -> Iterator[PolicyRule]:
    properties = as_object(definition.desired.get("properties"))
    rule = _resolved(as_object(properties.get("policyRule")), as_object(properties.get("parameters")), given)
    if rule is None:
        return
    name = as_text(properties.get("displayName")) or definition.name
    effect = as_text(member(rule, "then", "effect")).lower()
    yield PolicyRule(assignment, definition.id, name, as_object(rule.get("if")), effect)


def _values(parameters: JsonObject) -> JsonObject:
    return {name: member(entry, "value") for name, entry in parameters.items()}


def _resolved(value: JsonObject, declared: JsonObject, given: JsonObject) -> JsonObject | None:
    """An object of a policy with its expressions evaluated; None where it uses functions of Azure Policy only."""
    parameters: JsonObject = {}
    for name, entry in declared.items():
        kind = as_text(member(entry, "type"), "string").lower()
        own: JsonObject = {"type": {"integer": "int", "boolean": "bool", "float": "int"}.get(kind, kind)}
        if (default := member(entry, "defaultValue")) is not None:
            own["defaultValue"] = default
        parameters[name] = own
    template: JsonObject = {
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "resources": [],
        "outputs": {"it": {"type": "object", "value": value}},
    }
    sent: JsonObject = {name: {"value": item} for name, item in given.items() if name in parameters}
    try:
        found: Json = member(expand(template, sent, _NOWHERE).outputs(), "it", "value")
    except TemplateError:
        return None
    return as_object(found)


def refusals(resources: Resources, resource: Resource) -> list[PolicyRule]:
    """The rules that deny a requested resource."""
    if resource.type.lower().startswith(_OWN):
        return []
    content: JsonObject = {**resource.desired, "id": resource.id, "type": resource.type, "name": resource.name}
    denying = (rule for rule in rules_at(resources, resource.id) if rule.effect == "deny")
    return [rule for rule in denying if applies(rule.condition, content)]


def check(resources: Resources, resource: Resource) -> None:
    """Refuse what a policy denies (ArmError RequestDisallowedByPolicy)."""
    found = refusals(resources, resource)
    if found:
        raise disallowed(resource.name, found)


def disallowed(name: str, rules: list[PolicyRule]) -> ArmError:
    """The error for a resource that one or more policies deny."""
    shown = ",".join(
        f'{{"policyAssignment":{{"name":"{_name(rule, "policyAssignment")}","id":"{rule.assignment.id}"}},'
        f'"policyDefinition":{{"name":"{_name(rule, "policyDefinition")}","id":"{rule.definition}"}}}}'
        for rule in rules
    )
    return ArmError(
        403,
        "RequestDisallowedByPolicy",
        f"Resource '{name}' was disallowed by policy. Policy identifiers: '[{shown}]'.",
        target=name,
        additional=[{"type": "PolicyViolation", "info": rule.identifiers} for rule in rules],
    )


def _name(rule: PolicyRule, part: str) -> str:
    return as_text(member(rule.identifiers, part, "name"))
