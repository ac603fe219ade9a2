"""Expands a template and its parameters into a Plan: resource instances, their dependencies, the outputs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from installer.arm_templates import ordering, outputs, resources, snapshot
from installer.arm_templates.canonical_case import canonical
from installer.arm_templates.declarations import check_declarations
from installer.arm_templates.environment import build_frame
from installer.arm_templates.errors import Place, TemplateError, path_text
from installer.arm_templates.evaluator import resolve
from installer.arm_templates.frames import Session
from installer.arm_templates.limits import guarded
from installer.arm_templates.scoping import refuse_location, refuse_target
from installer.arm_templates.template_language import check_language, check_version
from installer.arm_templates.to_text import to_json
from installer.arm_templates.values import as_value
from installer.resource_id import GROUP_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.arm_templates.frames import Frame, Parameter
    from installer.arm_templates.json_reader import Document
    from installer.arm_templates.nodes import Dependencies, Node
    from installer.arm_templates.scopes import Context, Runtime
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json


@dataclass(eq=False)
class Plan:
    """The work of one deployment: parameters with their values, resources in template order, outputs.

    ``all_nodes`` includes the nodes whose condition is false; ``resources`` does not.
    """

    context: Context
    frame: Frame
    given_parameters: Mapping[str, Value]
    document: Document | None = None
    root: Place = ()
    resources: tuple[Node, ...] = ()
    all_nodes: tuple[Node, ...] = ()
    index: ordering.Index = field(default_factory=ordering.Index)
    _running: tuple[Runtime, Frame] | None = None
    _offline_frame: Frame | None = None
    _prediction: Plan | None = None

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every declared parameter with its ARM type and value, under its declared name."""
        declared = self.frame.template.get("parameters")
        names = declared if isinstance(declared, dict) else {}
        return {name: self.frame.parameters[name.lower()] for name in names if name.lower() in self.frame.parameters}

    def frame_for(self, runtime: Runtime | None) -> Frame:
        """The environment in which expressions query ``runtime``."""
        if self.frame.session.runtime is runtime:
            return self.frame
        if runtime is None:
            if self._offline_frame is None:
                self._offline_frame = self.frame.in_session(Session())
            return self._offline_frame
        if self._running is None or self._running[0] is not runtime:
            self._running = runtime, self.frame.in_session(Session(runtime=runtime))
        return self._running[1]

    @guarded
    def outputs(self, runtime: Runtime | None = None) -> dict[str, Json]:
        """``{name: {"type": …, "value": …}}``; a secure output and a null one have only their type."""
        result: dict[str, Json] = {}
        for name, (kind, value) in outputs.evaluated(self, self.frame_for(runtime)).items():
            shown: dict[str, Json] = {"type": kind}
            if not kind.startswith("Secure") and value is not None:
                shown["value"] = to_json(value)
            result[name] = shown
        return result

    @guarded
    def outputs_with_secrets(self, runtime: Runtime | None = None) -> dict[str, Json]:
        """``{name: value}`` including secure outputs; keep the result in memory only."""
        return {name: to_json(value) for name, (_, value) in outputs.evaluated(self, self.frame_for(runtime)).items()}

    def output_values(self) -> dict[str, Value]:
        """The outputs as in the properties of the deployment, unresolved parts included."""
        return {
            name: {"type": kind, "value": value} for name, (kind, value) in outputs.evaluated(self, self.frame).items()
        }

    def dependencies(self, node: Node) -> Dependencies:
        """The nodes that come before ``node``: dependsOn, references, the previous batch and the parent."""
        return ordering.dependencies(self.index, node, self.frame)

    def expand_nested(self, node: Node, frame: Frame) -> Plan:
        """The plan of a nested deployment of this plan, its parameters evaluated in ``frame``."""
        return nested_plan(node, frame)

    @guarded
    def nested(self, node: Node, runtime: Runtime | None = None) -> Plan:
        """The plan of a nested deployment; TemplateError when ``node`` is none or its template is linked."""
        return nested_plan(node, self.frame_for(runtime))

    @guarded
    def predict(self) -> list[dict[str, Json]]:
        """The resources that would be sent, in the order of the Bicep compiler's snapshot."""
        found = list(snapshot.predicted_resources(self._offline()))
        return sorted(found, key=lambda resource: "id" not in resource)  # resources of extensions come last

    def _offline(self) -> Plan:
        """The same plan in a predicting session without a runtime."""
        if self._prediction is None:
            self._prediction = make_plan(
                self.frame.template,
                self.given_parameters,
                self.context,
                Session(predicting=True),
                document=self.document,
                root=self.root,
            )
        return self._prediction

    def position(self, place: Place) -> tuple[int, int]:
        """Line and column of a place in the submitted document, (0, 0) where there is none."""
        return self.document.position(place) if self.document is not None else (0, 0)

    def located_error(self, error: TemplateError, place: Place, name: Json) -> TemplateError:
        """An error inside a resource, with the resource's name as the template writes it and its position."""
        if error.path:
            return error
        line, column = self.position(place)
        return TemplateError(
            f"The template resource '{name}' at line '{line}' and column '{column}' is not valid: "
            f"{error.message}. Please see https://aka.ms/arm-functions for usage details.",
            code=error.code,
            path=path_text(place),
            line=line,
            column=column,
        )


@guarded
def expand(
    template: Json,
    parameters: Mapping[str, Json],
    context: Context,
    runtime: Runtime | None = None,
    *,
    document: Document | None = None,
) -> Plan:
    """Expand a template into the plan of its deployment.

    Args:
        template: The parsed ARM template.
        parameters: As in ARM: ``{"name": {"value": …}}``.
        context: Scope, name and location of the deployment.
        runtime: The live resources; None evaluates offline.
        document: The submitted text (the template itself, or a request body with it under properties.template), which
            gives errors their position.

    Raises:
        TemplateError: Template or parameters are not valid; the text is ARM's.

    """
    if isinstance(template, dict):
        check_version(template)
        check_declarations(canonical(template), ())
    session = Session(runtime=runtime)
    given = {name: as_value(value) for name, value in parameters.items()}
    plan = make_plan(template, given, context, session, document=document)
    ordering.check(plan.resources)
    return plan


def make_plan(
    template: Json,
    given: Mapping[str, Value],
    context: Context,
    session: Session,
    *,
    document: Document | None = None,
    root: Place | None = None,
) -> Plan:
    """A plan in a given session; ``root`` is where the template starts in the document."""
    if not isinstance(template, dict):
        raise TemplateError("The template is not valid: it is not an object.", code="InvalidRequestContent")
    place = _root(document) if root is None else root
    frame = build_frame(canonical(template), given, context, session, document=document, root=place)
    plan = Plan(context, frame, given, document, place)
    nodes = list(resources.instances(plan))
    plan.all_nodes = tuple(nodes)
    for node in nodes:
        refuse_target(node)
        refuse_location(node)
    plan.resources = tuple(node for node in nodes if not node.excluded)
    ordering.index_nodes(plan.index, nodes, frame)
    _record_groups(plan)
    return plan


def _root(document: Document | None) -> Place:
    value = document.value if document is not None else None
    properties = value.get("properties") if isinstance(value, dict) else None
    inside = isinstance(properties, dict) and "template" in properties
    return ("properties", "template") if inside else ()


def nested_plan(node: Node, frame: Frame) -> Plan:
    """The plan of a nested deployment, its parameters evaluated in ``frame``.

    Under outer evaluation the expressions of the whole template are evaluated first, with the names of the parent.
    """
    if not node.is_deployment:
        raise TemplateError(f"The resource '{node.id}' is not a deployment.")
    properties = node.definition.get("properties")
    members = properties if isinstance(properties, dict) else {}
    template = members.get("template") if not node.outer_evaluation else to_json(node.submitted_template(frame))
    if not isinstance(template, dict):
        raise TemplateError(
            f"The template resource '{node.name}' is not valid: only templates given in place can be deployed, linked "
            "templates can not be downloaded here."
        )
    root = (*node.place, "properties", "template")
    check_language(template, root)
    declared = members.get("parameters")
    given = resolve(declared if isinstance(declared, dict | str) else {}, frame, node.locals)
    return make_plan(
        template,
        given if isinstance(given, dict) else {},
        _nested_context(node, frame),
        frame.session,
        document=node.plan.document,
        root=root,
    )


def _nested_context(node: Node, frame: Frame) -> Context:
    location = resolve(node.definition.get("location"), frame, node.locals)
    here = node.plan.context
    same_group = node.scope.id.lower() == here.scope.id.lower()
    group_location = frame.session.groups.get(node.scope.id.lower(), {}).get("location")
    return replace(
        here,
        scope=node.scope,
        deployment_name=node.name,
        location=location if isinstance(location, str) else here.location,
        resource_group_location=(
            here.resource_group_location if same_group else group_location if isinstance(group_location, str) else None
        ),
    )


def _record_groups(plan: Plan) -> None:
    """Record location and tags of the resource groups of this plan for later nested deployments."""
    frame = plan.frame
    if frame.session.runtime is not None:
        return  # the runtime knows them
    for node in plan.resources:
        if node.type.lower() == GROUP_TYPE.lower():
            members = node.evaluated(frame)
            frame.session.groups[node.id.lower()] = {
                name: members[name] for name in ("location", "tags") if members.get(name) is not None
            }
