"""The resources of a plan: one Node for each instance that a deployment would send."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, cast

from installer.arm_templates.errors import TemplateError, UnknownCountError
from installer.arm_templates.evaluator import as_expressions, as_literal, resolve
from installer.arm_templates.expressions import is_expression
from installer.arm_templates.limits import guarded
from installer.arm_templates.resource_fields import NOT_SENT, PHASES, SENT
from installer.arm_templates.to_text import to_json
from installer.arm_templates.values import Unresolved, as_value, find_key, known

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.arm_templates.errors import Place
    from installer.arm_templates.frames import Frame, Locals
    from installer.arm_templates.json_reader import Document
    from installer.arm_templates.scopes import Context, Runtime, Scope
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json

DEPLOYMENTS = "microsoft.resources/deployments"
POLICY_DEFINITIONS = "microsoft.authorization/policydefinitions"


@dataclass(frozen=True)
class Dependencies:
    """Keys of the nodes that come before another, each once.

    Attributes:
        all: Everything that a run waits for.
        predicted: The nodes that a prediction visits first, in its order: those that the properties refer to, then those
            in dependsOn, which in a batched loop counts for the first batch only.

    """

    all: tuple[str, ...]
    predicted: tuple[str, ...]


class OwningPlan(Protocol):
    """The plan that a node is part of, as the node needs it."""

    @property
    def context(self) -> Context:
        """Scope and location of the deployment."""

    @property
    def frame(self) -> Frame:
        """The environment of the template."""

    @property
    def document(self) -> Document | None:
        """The submitted text, for the positions of errors."""

    @property
    def all_nodes(self) -> tuple[Node, ...]:
        """All nodes in template order, those whose condition is false included."""

    def frame_for(self, runtime: Runtime | None) -> Frame:
        """The environment in which expressions query ``runtime``."""

    def position(self, place: Place) -> tuple[int, int]:
        """Line and column of a place in the submitted document."""

    def located_error(self, error: TemplateError, place: Place, name: Json) -> TemplateError:
        """An error inside a resource, with the resource's name and position."""

    def dependencies(self, node: Node) -> Dependencies:
        """The nodes that come before ``node``."""

    def expand_nested(self, node: Node, frame: Frame) -> OwningPlan:
        """The plan of a nested deployment of this plan."""

    def output_values(self) -> dict[str, Value]:
        """The outputs, which may be unresolved in part."""


@dataclass(eq=False, slots=True)
class Node:
    """One resource, evaluated on demand.

    ``key`` is unique in the plan: ``sym``, ``sym[3]``, or the resource id where there is no symbolic name.
    ``scope`` is the scope of the resource; for a deployment, the scope it deploys to.
    """

    plan: OwningPlan
    definition: dict[str, Json]
    locals: Locals
    place: tuple[str | int, ...]
    key: str
    symbolic_name: str | None
    id: str
    type: str
    name: str
    api_version: str
    scope: Scope
    existing: bool
    excluded: bool = False
    condition: Value = True
    loop: Loop | None = None
    index: int = 0
    parent: Node | None = None
    _dependencies: Dependencies | None = None
    _outputs: dict[str, Value] | None = None
    _state: dict[str, Value] | None = field(default=None, repr=False)
    _predicted: OwningPlan | None = field(default=None, repr=False)
    _declared: dict[str, Value] | None = field(default=None, repr=False)
    _declaring: bool = False
    _opaque: bool | None = None

    @property
    def display_name(self) -> str:
        """The name in error messages: the symbolic name, or the own name without that of the parent."""
        own = self.name if self.parent is None else self.name.removeprefix(f"{self.parent.name}/")
        return self.symbolic_name or own

    @property
    def undecided(self) -> bool:
        """Whether the run decides on its condition, its name or its scope."""
        return isinstance(self.condition, Unresolved) or is_expression(self.id)

    @property
    def is_deployment(self) -> bool:
        """Whether the resource is a nested deployment."""
        return self.type.lower() == DEPLOYMENTS

    @property
    def extension(self) -> str | None:
        """The Bicep extension of the resource, None for an Azure resource. It has neither Azure name nor id."""
        key = find_key(self.definition, "import") or find_key(self.definition, "extension")
        return None if key is None else str(self.definition[key])

    @property
    def is_linked(self) -> bool:
        """Whether the deployment links its template, which therefore cannot be expanded."""
        properties = self.definition.get("properties")
        return self.is_deployment and isinstance(properties, dict) and "template" not in properties

    @property
    def outer_evaluation(self) -> bool:
        """Whether the deployment's template is evaluated with the names of the enclosing template."""
        properties = self.definition.get("properties")
        members = properties if self.is_deployment and isinstance(properties, dict) else {}
        options = members.get("expressionEvaluationOptions")
        scope = resolve(options.get("scope"), self.plan.frame, self.locals) if isinstance(options, dict) else None
        return "template" in members and str(scope).lower() != "inner"

    @property
    def opaque(self) -> bool:
        """Whether a prediction cannot expand the deployment.

        The template is linked, or evaluated outside with an unknown value, or the number of its resources is known only
        during the run.
        """
        if self._opaque is None:
            self._opaque = (
                self.is_linked
                or (self.outer_evaluation and not self._template_known())
                or self._parameters_unknown()
                or not self._counts_known()
            )
        return self._opaque

    def _template_known(self) -> bool:
        return known(self.submitted_template(self.plan.frame.predicting(references=False)))

    def _parameters_unknown(self) -> bool:
        """Whether the run chooses even which parameters the deployment gets."""
        properties = self.definition.get("properties")
        given = properties.get("parameters") if isinstance(properties, dict) else None
        return isinstance(given, str) and isinstance(resolve(given, self.plan.frame, self.locals), Unresolved)

    def _counts_known(self) -> bool:
        try:
            self.predicted()
        except UnknownCountError:
            return False
        return True

    def submitted_template(self, frame: Frame) -> Value:
        """The template of a nested deployment as sent; outer evaluation happens in ``frame``. None if linked."""
        properties = self.definition.get("properties")
        template = properties.get("template") if isinstance(properties, dict) else None
        if not self.outer_evaluation:
            return as_value(template)
        try:
            return resolve(template, frame, self.locals)
        except TemplateError as error:
            raise self.plan.located_error(error, self.place, self.display_name) from None

    @property
    def only_if_not_exists(self) -> bool:
        """Whether an existing resource is left unchanged (@onlyIfNotExists)."""
        options = self.definition.get("@options")
        return isinstance(options, dict) and any(name.lower() == "onlyifnotexists" for name in options)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Keys of the nodes that must finish first, each once."""
        return self.dependencies.all

    @property
    def dependencies(self) -> Dependencies:
        """The nodes that come before this one, for a run and for a prediction."""
        if self._dependencies is None:
            self._dependencies = self.plan.dependencies(self)
        return self._dependencies

    @guarded
    def body(self, runtime: Runtime | None = None) -> dict[str, Json]:
        """The request body: location, tags, sku, kind, identity, zones, properties and so on.

        Values known only during the run are queried from ``runtime``; without one they stay ``[expression]`` text. The
        template inside a nested deployment stays unevaluated.
        """
        return cast("dict[str, Json]", to_json(self.evaluated(self.plan.frame_for(runtime))))

    def evaluated(self, frame: Frame, on_member: Callable[[str], None] = lambda _name: None) -> dict[str, Value]:
        """The members of the request body as values of ``frame``; ``on_member`` is called with the name of each first."""
        result: dict[str, Value] = {}
        try:
            for key, item in self.definition.items():
                if key.lower() in NOT_SENT or (self.extension is None and key.lower() not in SENT):
                    continue  # a member that is no one's is not sent
                on_member(key.lower())
                name = SENT.get(key.lower(), key)
                if name == "properties" and self.is_deployment:
                    result[name] = self._deployment_properties(item, frame)
                elif name == "properties" and self._has_policy_rule(frame):
                    result[name] = _with_policy_rule(item, frame, self.locals)
                else:
                    result[name] = resolve(item, frame, replace(self.locals, phase=PHASES.get(name, "static")))
        except TemplateError as error:
            if self.excluded:
                raise  # it is not sent: its position, which is slow to read, is in no message
            if frame.session.runtime is None:
                raise self.plan.located_error(error, self.place, self.display_name) from None
            line, column = self.plan.position(self.place)
            raise TemplateError(
                f"Unable to process template language expressions for resource '{self.id}' at line '{line}' and "
                f"column '{column}'. '{error.message}'",
                line=line,
                column=column,
            ) from None
        return {name: result[name] for name in dict.fromkeys((*SENT.values(), *result)) if name in result}

    def _has_policy_rule(self, frame: Frame) -> bool:
        """Whether the template has a policy rule, whose expressions are those of Azure Policy: only in symbolic templates."""
        return self.type.lower() == POLICY_DEFINITIONS and "languageVersion" in frame.template

    def _deployment_properties(
        self, properties: Json, frame: Frame, convert: Callable[[Json], Value] = as_value
    ) -> Value:
        if not isinstance(properties, dict):
            return resolve(properties, frame, self.locals)
        result: dict[str, Value] = {}
        for key, item in properties.items():
            untouched = key.lower() == "template" and isinstance(item, dict)
            result[key] = convert(item) if untouched else resolve(item, frame, self.locals)
        return result

    def predicted(self) -> OwningPlan:
        """The inner plan in the session of the outer one, created once."""
        if self._predicted is None:
            frame = self.plan.frame
            if frame.session.runtime is not None:
                # A prediction does not query live resources: the deployment has yet to change them.
                frame = frame.in_session(replace(frame.session, runtime=None))
            self._predicted = self.plan.expand_nested(self, frame)
        return self._predicted

    def predicted_outputs(self) -> dict[str, Value]:
        """The outputs of a nested deployment as reference() returns them; unknown parts stay unresolved."""
        if self._outputs is None:
            self._outputs = self.predicted().output_values()
        return self._outputs

    def predicted_state(self) -> dict[str, Value] | None:
        """The properties of a nested deployment as in a snapshot: those declared, and the outputs. None if opaque."""
        key = find_key(self.definition, "properties")
        if key is None or self.opaque or self._state is not None:
            return self._state
        frame = self.plan.frame.predicting()
        declared = self._deployment_properties(self.definition[key], frame, convert=as_expressions)
        outputs = self.predicted_outputs()
        shown: dict[str, Value] = {"Outputs": outputs} if outputs else {}
        self._state = {**declared, **shown} if isinstance(declared, dict) else None
        return self._state

    def declared_properties(self) -> dict[str, Value] | None:
        """The properties that the template declares, for predictions; None without any, or in a reference cycle."""
        key = find_key(self.definition, "properties")
        if key is None or self.existing or self.excluded or self._declaring:
            return None
        if self._declared is None:
            self._declaring = True
            try:
                value = resolve(self.definition[key], self.plan.frame.predicting(), self.locals)
            finally:
                self._declaring = False
            self._declared = value if isinstance(value, dict) else None
        return self._declared


def _with_policy_rule(properties: Json, frame: Frame, scope: Locals) -> Value:
    """The properties of a policy definition: its rule as it is written, without the brackets that escape expressions.

    Source: snapshots of the compiler.
    """
    members = properties if isinstance(properties, dict) else {}
    rule = find_key(members, "policyRule")
    if rule is None:
        return resolve(properties, frame, scope)
    others = resolve({key: item for key, item in members.items() if key != rule}, frame, scope)
    return {**(others if isinstance(others, dict) else {}), rule: as_literal(members[rule])}


@dataclass(eq=False, slots=True)
class Loop:
    """A copy loop of resources; ``batch_size`` instances may be deployed in parallel (0: all)."""

    name: str
    batch_size: int
    nodes: list[Node] = field(default_factory=list)
