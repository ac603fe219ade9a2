"""The resources of a plan: one Node for every instance that a deployment would send."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, cast

from installer.arm_templates.errors import TemplateError, TooEarlyError, guarded
from installer.arm_templates.evaluator import as_expressions, resolve
from installer.arm_templates.frames import Session
from installer.arm_templates.resource_fields import NOT_SENT, PHASES, SENT
from installer.arm_templates.to_text import to_json
from installer.arm_templates.values import as_value, find_key, known

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.arm_templates.errors import Place
    from installer.arm_templates.frames import Frame, Locals, ReferencedResource
    from installer.arm_templates.json_reader import Document
    from installer.arm_templates.scopes import Context, Runtime, Scope
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json

DEPLOYMENTS = "microsoft.resources/deployments"


@dataclass(frozen=True)
class Dependencies:
    """Keys of the nodes that come before another, each once.

    Attributes:
        all: Everything that a run waits for.
        foretold: The nodes that a prediction visits first, in its order: those that the properties refer to, then those
            in dependsOn, which in a batched loop counts for the first batch only.

    """

    all: tuple[str, ...]
    foretold: tuple[str, ...]


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
    def every(self) -> tuple[Node, ...]:
        """All nodes in template order, those whose condition is false included."""

    def frame_for(self, runtime: Runtime | None) -> Frame:
        """The environment in which expressions query ``runtime``."""

    def position(self, place: Place) -> tuple[int, int]:
        """Line and column of a place in the submitted document."""

    def misplaced(self, error: TemplateError, place: Place, name: Json) -> TemplateError:
        """An error inside a resource, with the resource's name and position."""

    def dependencies(self, node: Node) -> Dependencies:
        """The nodes that come before ``node``."""

    def below(self, node: Node, frame: Frame) -> OwningPlan:
        """The plan of a nested deployment of this plan."""

    def output_values(self) -> dict[str, Value]:
        """The outputs, which may be unresolved in part."""


@dataclass(eq=False, slots=True)
class Node:
    """One resource, evaluated on demand.

    ``key`` is unique in the plan: ``sym``, ``sym[3]``, or the resource id where there is no symbolic name.
    ``scope`` is where it lives (for a deployment: where it deploys to).
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
    def called(self) -> str:
        """The resource as an error about it names it: by its symbol, or by its own name without that of its parent."""
        own = self.name if self.parent is None else self.name.removeprefix(f"{self.parent.name}/")
        return self.symbolic_name or own

    @property
    def is_deployment(self) -> bool:
        """Whether the resource is a nested deployment."""
        return self.type.lower() == DEPLOYMENTS

    @property
    def extension(self) -> str | None:
        """The extension that the resource belongs to: then it is none of Azure's, and has neither name nor id there."""
        key = find_key(self.definition, "import") or find_key(self.definition, "extension")
        return None if key is None else str(self.definition[key])

    @property
    def linked(self) -> bool:
        """Whether the deployment's template is not given in place but linked: it can not be expanded."""
        properties = self.definition.get("properties")
        return self.is_deployment and isinstance(properties, dict) and "template" not in properties

    @property
    def outer(self) -> bool:
        """Whether the deployment's template is evaluated with the names of the one that it stands in."""
        properties = self.definition.get("properties")
        members = properties if self.is_deployment and isinstance(properties, dict) else {}
        options = members.get("expressionEvaluationOptions")
        scope = resolve(options.get("scope"), self.plan.frame, self.locals) if isinstance(options, dict) else None
        return "template" in members and str(scope).lower() != "inner"

    @property
    def opaque(self) -> bool:
        """Whether a prediction can not look inside the deployment.

        It is linked, or evaluated outside with something unknown, or only the run can tell how many resources it has.
        """
        if self._opaque is None:
            self._opaque = self.linked or (self.outer and not self._foreseen()) or not self._countable()
        return self._opaque

    def _foreseen(self) -> bool:
        return known(self.given_template(self.plan.frame.running(Session(predicting=True, foretelling=False))))

    def _countable(self) -> bool:
        try:
            self.predicted()
        except TooEarlyError:
            return False
        return True

    def given_template(self, frame: Frame) -> Value:
        """The template of a nested deployment as it is sent, under outer evaluation evaluated in ``frame``; None if linked."""
        properties = self.definition.get("properties")
        template = properties.get("template") if isinstance(properties, dict) else None
        if not self.outer:
            return as_value(template)
        try:
            return resolve(template, frame, self.locals)
        except TemplateError as error:
            raise self.plan.misplaced(error, self.place, self.called) from None

    @property
    def only_if_absent(self) -> bool:
        """Whether the resource is left alone when it is there already (@onlyIfNotExists)."""
        options = self.definition.get("@options")
        return isinstance(options, dict) and any(name.lower() == "onlyifnotexists" for name in options)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Keys of the nodes that must be done before, each once."""
        return self.dependencies.all

    @property
    def dependencies(self) -> Dependencies:
        """What must be done before, and why."""
        if self._dependencies is None:
            self._dependencies = self.plan.dependencies(self)
        return self._dependencies

    @guarded
    def body(self, runtime: Runtime | None = None) -> dict[str, Json]:
        """The request body: location, tags, sku, kind, identity, zones, properties and so on.

        What only the run can tell is asked of ``runtime``, or stays ``[expression]`` text without one. The
        template inside a nested deployment is left as it is.
        """
        return cast("dict[str, Json]", to_json(self.evaluated(self.plan.frame_for(runtime))))

    def evaluated(self, frame: Frame, entering: Callable[[str], None] = lambda _name: None) -> dict[str, Value]:
        """The members of the request body as values of ``frame``; ``entering`` hears the name of each before it."""
        result: dict[str, Value] = {}
        try:
            for key, item in self.definition.items():
                if key.lower() in NOT_SENT:
                    continue
                entering(key.lower())
                name = SENT.get(key.lower(), key)
                if name == "properties" and self.is_deployment:
                    result[name] = self._deployment_properties(item, frame)
                else:
                    result[name] = resolve(item, frame, replace(self.locals, phase=PHASES.get(name, "static")))
        except TemplateError as error:
            if frame.session.runtime is None:
                raise self.plan.misplaced(error, self.place, self.called) from None
            line, column = self.plan.position(self.place)
            raise TemplateError(
                f"Unable to process template language expressions for resource '{self.id}' at line '{line}' and "
                f"column '{column}'. '{error.message}'",
                line=line,
                column=column,
            ) from None
        return {name: result[name] for name in dict.fromkeys((*SENT.values(), *result)) if name in result}

    def _deployment_properties(
        self, properties: Json, frame: Frame, shown: Callable[[Json], Value] = as_value
    ) -> Value:
        if not isinstance(properties, dict):
            return resolve(properties, frame, self.locals)
        result: dict[str, Value] = {}
        for key, item in properties.items():
            untouched = key.lower() == "template" and isinstance(item, dict)
            result[key] = shown(item) if untouched else resolve(item, frame, self.locals)
        return result

    def predicted(self) -> OwningPlan:
        """The inner plan in the session of the outer one, made once."""
        if self._predicted is None:
            frame = self.plan.frame
            if frame.session.runtime is not None:
                # What is predicted is not asked of the world: there the resources are not yet what they will be.
                frame = frame.running(replace(frame.session, runtime=None))
            self._predicted = self.plan.below(self, frame)
        return self._predicted

    def predicted_outputs(self) -> dict[str, Value]:
        """The outputs of a nested deployment as reference() shows them, as far as they are known."""
        if self._outputs is None:
            self._outputs = self.predicted().output_values()
        return self._outputs

    def predicted_state(self) -> dict[str, Value] | None:
        """The properties of a nested deployment as a snapshot has them: as declared, and the outputs; None if linked."""
        key = find_key(self.definition, "properties")
        if key is None or self.opaque or self._state is not None:
            return self._state
        frame = self.plan.frame.running(Session(predicting=True))
        declared = self._deployment_properties(self.definition[key], frame, shown=as_expressions)
        outputs = self.predicted_outputs()
        said: dict[str, Value] = {"Outputs": outputs} if outputs else {}
        self._state = {**declared, **said} if isinstance(declared, dict) else None
        return self._state

    def declared_properties(self) -> dict[str, Value] | None:
        """The properties as the template gives them, for prediction; None where it gives none, or goes in circles."""
        key = find_key(self.definition, "properties")
        if key is None or self.existing or self.excluded or self._declaring:
            return None
        if self._declared is None:
            self._declaring = True
            try:
                session = Session(predicting=True)
                value = resolve(self.definition[key], self.plan.frame.running(session), self.locals)
            finally:
                self._declaring = False
            self._declared = value if isinstance(value, dict) else None
        return self._declared

    def referenced_nodes(self) -> list[tuple[str, ReferencedResource]]:
        """The nodes that the body mentions through reference() or list*(), each with the member that does."""
        found: list[tuple[str, ReferencedResource]] = []
        member = [""]
        session = Session(
            predicting=self.plan.frame.session.predicting, referenced=lambda node: found.append((member[0], node))
        )
        if not self.existing:
            frame = self.plan.frame.running(session)
            self.evaluated(frame, lambda name: member.__setitem__(0, name))
            if self.outer:
                member[0] = "properties"
                self.given_template(frame)
        return found


@dataclass(eq=False, slots=True)
class Loop:
    """A copy loop of resources: its name, instances, and how many of them may run together (0: all)."""

    name: str
    batch_size: int
    nodes: list[Node] = field(default_factory=list)
