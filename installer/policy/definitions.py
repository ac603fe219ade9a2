"""Policy definitions compiled for an assignment: parameters bound, condition, effect and details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.json_access import JsonObject, as_object, as_text, deeper_than, member
from installer.policy.conditions import compile_condition
from installer.policy.evaluation import NOTHING, Evaluation
from installer.policy.expressions import compiled
from installer.policy.outcomes import EvaluationError, NotJudgedError
from installer.policy.tagged_types import takes_tags_and_location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.jsontypes import Json
    from installer.policy.conditions import Guess, Test
    from installer.policy.fields import Subject

MANAGER_MODES: Final = frozenset({"all", "indexed"})
"""Other modes belong to a resource provider, which judges objects inside its service."""
_MAX_DEPTH: Final = 120
"""Levels of objects and arrays in a rule; definitions that Microsoft publishes have fewer than 30."""
_SILENT: Final = frozenset({"disabled", "manual"})
"""Effects that do nothing to a request; manual waits for an attestation."""
EFFECTS: Final = frozenset(
    {"deny", "denyaction", "audit", "auditifnotexists", "modify", "append", "deployifnotexists", *_SILENT}
)


@dataclass(frozen=True)
class CompiledDefinition:
    """A definition with the parameters of one assignment.

    Attributes:
        id: Id of the definition.
        name: Its display name, else its name.
        indexed: Whether it judges only types with tags and a location.
        parameters: Values by lower-case name.
        condition: `if`, unevaluated.
        effect: Lower-case effect.
        details: `then.details`, unevaluated.
        existence: The test of related resources of an ...IfNotExists effect; None where every one is enough.

    """

    id: str
    name: str
    indexed: bool
    parameters: Mapping[str, Json]
    test: Test
    guess: Guess
    condition: Json
    effect: str
    details: Json
    existence: Test | None = None

    def applicable(self, subject: Subject) -> bool:
        """Whether mode and type allow the rule to be true; False is certain, True is not."""
        if self.indexed and not takes_tags_and_location(subject.type, subject.content):
            return False
        return self.guess(subject.type.lower()) is not False

    def judged(self, evaluation: Evaluation) -> bool:
        """Whether the condition is true (EvaluationError, UndecidedError)."""
        return self.test(evaluation)


def compile_definition(definition_id: str, body: JsonObject, given: Mapping[str, Json]) -> CompiledDefinition:
    """A definition with values for its parameters.

    Args:
        definition_id: Its resource id.
        body: Its resource as ARM returns it, without id.
        given: Values of parameters by lower-case name.

    Raises:
        NotJudgedError: The definition needs something that this engine does not evaluate.

    """
    properties = as_object(body.get("properties"))
    mode = as_text(properties.get("mode")).lower() or "indexed"  # definition-structure-basics: null means Indexed
    if mode not in MANAGER_MODES:
        raise NotJudgedError(
            f"the mode {properties.get('mode')} judges objects inside the service, not requests to Resource Manager"
        )
    parameters = bound_parameters(as_object(properties.get("parameters")), given)
    rule = as_object(properties.get("policyRule"))
    if deeper_than([rule, parameters], _MAX_DEPTH):
        raise NotJudgedError(f"its rule or its parameters are nested more than {_MAX_DEPTH} levels deep")
    then = as_object(rule.get("then"))
    test, guess = compile_condition(rule.get("if"), parameters)
    effect = effect_of(then.get("effect"), parameters)
    wanted = member(then.get("details"), "existenceCondition") if effect.endswith("ifnotexists") else None
    return CompiledDefinition(
        definition_id,
        as_text(properties.get("displayName")) or as_text(body.get("name")) or definition_id.rpartition("/")[2],
        mode == "indexed",
        parameters,
        test,
        guess,
        rule.get("if"),
        effect,
        then.get("details"),
        compile_condition(wanted, parameters)[0] if wanted else None,
    )


def effect_of(value: Json, parameters: Mapping[str, Json]) -> str:
    """The lower-case effect; NotJudgedError for one that this engine does not have."""
    run, _ = compiled(value, parameters)
    try:
        effect = str(run(NOTHING)).lower()
    except EvaluationError as problem:
        raise NotJudgedError(f"the effect cannot be evaluated: {problem}") from problem
    if effect not in EFFECTS:
        raise NotJudgedError(f"the effect {effect} is not applied here")
    return effect


def bound_parameters(declared: JsonObject, given: Mapping[str, Json]) -> dict[str, Json]:
    """Values of declared parameters by lower-case name: the given ones, else the defaults."""
    values: dict[str, Json] = {}
    for name, entry in declared.items():
        key = name.lower()
        if key in given and given[key] is not None:
            values[key] = given[key]
        elif "defaultValue" in as_object(entry):
            values[key] = member(entry, "defaultValue")
    return values


def passed_parameters(parameters: JsonObject, outer: Mapping[str, Json]) -> dict[str, Json]:
    """Values that a set passes to one of its definitions, by lower-case name; `outer` are those of the set."""
    values: dict[str, Json] = {}
    for name, entry in parameters.items():
        run, _ = compiled(member(entry, "value"), outer)
        try:
            values[name.lower()] = run(NOTHING)
        except EvaluationError as problem:
            raise NotJudgedError(f"the parameter '{name}' of the set cannot be evaluated: {problem}") from problem
    return values
