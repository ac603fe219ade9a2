"""All rules in force, compiled once and indexed by resource type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.json_access import JsonObject, as_object, as_text, member, objects_of
from installer.policy.assignments import (
    ASSIGNMENTS,
    ENROLLMENTS,
    EXEMPTIONS,
    Assignment,
    Waivers,
    assignment_of,
)
from installer.policy.definitions import (
    EFFECTS,
    CompiledDefinition,
    bound_parameters,
    compile_definition,
    passed_parameters,
)
from installer.policy.evaluation import Evaluation
from installer.policy.expressions import compiled
from installer.policy.outcomes import NotJudgedError
from installer.policy.versions import fitting_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from installer.jsontypes import Json
    from installer.policy.fields import Subject
    from installer.policy.objects import PolicyObject

DEFINITIONS: Final = "Microsoft.Authorization/policyDefinitions"
SETS: Final = "Microsoft.Authorization/policySetDefinitions"
VERSIONS: Final = f"{DEFINITIONS}/versions"
POLICY_TYPES: Final = (DEFINITIONS, SETS, ASSIGNMENTS, EXEMPTIONS, ENROLLMENTS)


@dataclass(frozen=True)
class Rule:
    """One definition of one assignment; `reference` names it within its set."""

    assignment: Assignment
    definition: CompiledDefinition
    reference: str
    set_id: str

    @property
    def identifiers(self) -> JsonObject:
        """Assignment and definition as ARM reports them."""
        return {
            "policyAssignment": {"name": self.assignment.shown_name, "id": self.assignment.id},
            "policyDefinition": {"name": self.definition.name, "id": self.definition.id},
        }

    def evaluation(self, subject: Subject, now: float) -> Evaluation:
        """The evaluation of the rule on a subject."""
        about: dict[str, Json] = {
            "assignmentId": self.assignment.id,
            "definitionId": self.definition.id,
            "setDefinitionId": self.set_id,
            "definitionReferenceId": self.reference,
        }
        return Evaluation(subject, now, about)

    def detail(self, name: str, evaluation: Evaluation) -> Json:
        """A member of the definition's details, with its expressions evaluated."""
        return self.value(member(self.definition.details, name), evaluation)

    def value(self, text: Json, evaluation: Evaluation) -> Json:
        """A value of the definition's details, with its expressions evaluated."""
        return compiled(text, self.definition.parameters)[0](evaluation)


@dataclass(frozen=True)
class NotJudged:
    """Something in force that is not judged: assignment, definition (or '') and reason."""

    assignment: str
    definition: str
    reason: str


class Book:
    """Compiled rules.

    Args:
        of_type: Every definition, initiative, assignment, exemption and enrollment, by resource type.

    """

    def __init__(self, of_type: Callable[[str], Iterable[PolicyObject]]) -> None:
        self._by_id: dict[str, PolicyObject] = {}
        self._by_name: dict[tuple[str, str], PolicyObject] = {}
        for kind in (DEFINITIONS, SETS):
            for item in of_type(kind):
                self._by_id[item.key] = item
                self._by_name.setdefault((kind, item.name.lower()), item)
        self._versions: dict[str, list[PolicyObject]] = {}
        for item in of_type(VERSIONS):
            self._versions.setdefault(item.key.rpartition("/versions/")[0], []).append(item)
        self.waivers = Waivers(of_type(EXEMPTIONS), of_type(ENROLLMENTS))
        self.not_judged: list[NotJudged] = []
        self.rules: list[Rule] = []
        self.other_versions: dict[str, str] = {}
        """Definitions that are judged by another version than the assigned one, with the assigned one."""
        for item in of_type(ASSIGNMENTS):
            assignment, unknown = assignment_of(item)
            self.not_judged += [NotJudged(assignment.shown_name, "", reason) for reason in unknown]
            self.rules += self._rules_of(assignment)
        self._of_type: dict[str, list[Rule]] = {}

    def candidates(self, subject: Subject) -> list[Rule]:
        """The rules that may be true for a subject's type and place."""
        key = subject.type.lower()
        if key not in self._of_type:
            self._of_type[key] = [
                rule for rule in self.rules if rule.definition.guess(key) is not False and self._may_act(rule)
            ]
        return [
            rule
            for rule in self._of_type[key]
            if rule.definition.applicable(subject) and rule.assignment.covers(subject)
        ]

    @staticmethod
    def _may_act(rule: Rule) -> bool:
        return rule.definition.effect not in {"disabled", "manual"} or bool(rule.assignment.overrides)

    def _rules_of(self, assignment: Assignment) -> Iterator[Rule]:
        properties = assignment.properties
        wanted = as_text(properties.get("policyDefinitionId"))
        given = {
            name.lower(): member(entry, "value") for name, entry in as_object(properties.get("parameters")).items()
        }
        found = self._find(wanted)
        if found is None:
            self._miss(assignment, wanted.rpartition("/")[2], "the definition is not known")
        elif found.type.lower() == SETS.lower():
            yield from self._rules_of_set(assignment, found, given)
        else:
            version = as_text(properties.get("definitionVersion"))
            yield from self._rule(assignment, found, given, version)

    def _rules_of_set(self, assignment: Assignment, found: PolicyObject, given: dict[str, Json]) -> Iterator[Rule]:
        values = bound_parameters(as_object(member(found.body, "properties", "parameters")), given)
        for item in objects_of(member(found.body, "properties", "policyDefinitions")):
            wanted = as_text(member(item, "policyDefinitionId"))
            reference = as_text(member(item, "policyDefinitionReferenceId"))
            inner = self._find(wanted)
            if inner is None:
                name = reference or wanted.rpartition("/")[2]
                self._miss(assignment, name, f"the definition {wanted.rpartition('/')[2]} is not known")
                continue
            try:
                passed = passed_parameters(as_object(member(item, "parameters")), values)
            except NotJudgedError as problem:
                self._miss(assignment, inner.name, str(problem))
                continue
            version = as_text(member(item, "definitionVersion"))
            yield from self._rule(assignment, inner, passed, version, reference=reference, set_id=found.id)

    def _rule(
        self,
        assignment: Assignment,
        found: PolicyObject,
        given: dict[str, Json],
        version: str,
        *,
        reference: str = "",
        set_id: str = "",
    ) -> Iterator[Rule]:
        body, note = self._version_of(found, version)
        shown = as_text(member(body, "properties", "displayName")) or found.name
        if note:
            self._miss(assignment, shown, note)
        try:
            definition = compile_definition(found.id, {**body, "name": found.name}, given)
        except NotJudgedError as problem:
            self._miss(assignment, shown, str(problem))
            return
        for item in assignment.overrides:
            effect = as_text(item.get("value"))
            if as_text(item.get("kind")).lower() == "policyeffect" and effect.lower() not in EFFECTS:
                self._miss(assignment, shown, f"the effect {effect} of an override is not applied here")
        yield Rule(assignment, definition, reference, set_id)

    def _version_of(self, found: PolicyObject, wanted: str) -> tuple[JsonObject, str]:
        """The body of the version that an assignment asks for, and a note where only another one is known."""
        for item in sorted(self._versions.get(found.key, []), key=lambda one: one.name, reverse=True):
            if wanted and fitting_version(item.name, wanted):
                return item.body, ""
        own = as_text(member(found.body, "properties", "version"))
        own = own or as_text(member(found.body, "properties", "metadata", "version"))
        if wanted and own and not fitting_version(own, wanted):
            self.other_versions[found.id] = wanted
            return found.body, f"judged by version {own}; version {wanted}, which is assigned, is not known"
        return found.body, ""

    def _find(self, definition_id: str) -> PolicyObject | None:
        """A definition by id, else by name: a survey may contain built-in ones under another id."""
        found = self._by_id.get(definition_id.lower())
        kind = SETS if "policysetdefinitions" in definition_id.lower() else DEFINITIONS
        return found or self._by_name.get((kind, definition_id.rpartition("/")[2].lower()))

    def _miss(self, assignment: Assignment, definition: str, reason: str) -> None:
        self.not_judged.append(NotJudged(assignment.shown_name, definition, reason))
