"""The parts of a deployment record that follow from its plan alone."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from installer.rehearsal.deployments.rendering import output_name
from installer.rehearsal.evaluation import TemplateError
from installer.rehearsal.evaluation.functions.hashing import hash64
from installer.rehearsal.evaluation.rendering import to_json
from installer.rehearsal.ids import normalised_location
from installer.rehearsal.shapes import JsonObject, as_text, member
from installer.rehearsal.state.deployments import Deployment

if TYPE_CHECKING:
    from installer.rehearsal.deployments.secrecy import Secrecy
    from installer.rehearsal.evaluation import Json, Node, Plan


_MOST_DEPENDENCIES = 5000


def new_record(
    *,
    plan: Plan,
    deployment_id: str,
    template: Json,
    secrecy: Secrecy,
    started: float,
    correlation_id: str,
    parent: str | None = None,
    tags: JsonObject | None = None,
    mode: str = "Incremental",
) -> Deployment:
    """The record of a deployment that was just accepted."""
    return Deployment(
        id=deployment_id,
        name=plan.context.deployment_name,
        scope=plan.context.scope.id,
        location=None if plan.context.scope.kind == "resourceGroup" else plan.context.location,
        state="Accepted",
        started=started,
        changed=started,
        serial=f"{uuid.uuid4().int % 10**20:020d}",
        correlation_id=correlation_id,
        template_hash=template_hash(template),
        mode=mode,
        parent=parent,
        tags=tags,
        parameters=echo(plan, secrecy),
        providers=providers_of(plan),
        dependencies=dependencies_of(plan),
    )


def echo(plan: Plan, secrecy: Secrecy) -> JsonObject:
    """The parameters as ARM echoes them: type and value, for secure ones the type only."""
    return {
        name: {"type": parameter.type} if parameter.secure else {"type": parameter.type, "value": value}
        for name, parameter in plan.parameters.items()
        for value in (secrecy.masked(to_json(parameter.value)),)
    }


def outputs_of(outputs: JsonObject, secrecy: Secrecy) -> JsonObject:
    """Outputs under the names that ARM gives back, a null one with its type only."""
    shown: JsonObject = {}
    for name, output in outputs.items():
        entry: JsonObject = {"type": member(output, "type")}
        value = member(output, "value")
        if value is not None:
            entry["value"] = secrecy.masked(value)
        shown[output_name(name)] = entry
    return shown


def template_hash(template: Json) -> str:
    """The hash that the compiler left in the template, else ARM's own: over the minified text in capitals."""
    found = as_text(member(template, "metadata", "_generator", "templateHash"))
    if found:
        return found
    text = json.dumps(template, ensure_ascii=False, separators=(",", ":")).upper()
    return str(hash64(text.encode("utf-8", "replace")))


def providers_of(plan: Plan) -> list[Json]:
    """The namespaces and types of a plan with the locations that they go to, in template order."""
    namespaces: dict[str, dict[str, list[str | None]]] = {}
    for node in plan.resources:
        if node.existing:
            continue
        namespace, _, kind = node.type.partition("/")
        locations = namespaces.setdefault(namespace, {}).setdefault(kind, [])
        location = None if node.is_deployment else _location(node)
        if location not in locations:
            locations.append(location)
    return [
        {
            "namespace": namespace,
            "resourceTypes": [{"resourceType": kind, "locations": [*locations]} for kind, locations in kinds.items()],
        }
        for namespace, kinds in namespaces.items()
    ]


def _location(node: Node) -> str | None:
    try:
        location = as_text(node.body(None).get("location"))
    except TemplateError:
        return None
    return normalised_location(location) or None


def dependencies_of(plan: Plan) -> list[Json]:
    """What waits for what, for the resources that wait for something.

    Two long loops that wait for each other make for more than anybody reads: then the list is left empty.
    """
    nodes = {node.key: node for node in plan.resources}
    if sum(len(node.depends_on) for node in plan.resources) > _MOST_DEPENDENCIES:
        return []
    result: list[Json] = []
    for node in plan.resources:
        waits: list[Json] = [_named(nodes[key], read=nodes[key].existing) for key in node.depends_on if key in nodes]
        if waits and not node.existing:
            result.append({"dependsOn": waits, **_named(node, read=False)})
    return result


def _named(node: Node, *, read: bool) -> JsonObject:
    named: JsonObject = {"id": node.id, "resourceType": node.type, "resourceName": node.name}
    if read:
        named["apiVersion"] = node.api_version
    return named


def target_of(node: Node) -> JsonObject:
    """The targetResource of an operation on a node."""
    target: JsonObject = {"id": node.id, "resourceType": node.type, "resourceName": node.name}
    if node.symbolic_name:
        target["symbolicName"] = node.symbolic_name
    target["apiVersion"] = node.api_version
    return target
