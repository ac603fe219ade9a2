"""The parts of a deployment record that derive from its plan."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError, is_expression
from installer.arm_templates.functions.hashing import hash64
from installer.arm_templates.to_text import to_json
from installer.emulator.deployments.views import output_name
from installer.emulator.state.deployments import Deployment
from installer.json_access import JsonObject, as_object, as_text, member
from installer.resource_id import normalised_location, parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.arm_templates import Node, Plan
    from installer.emulator.deployments.secure_values import SecureValues
    from installer.jsontypes import Json

_MAX_DEPENDENCIES = 5000
_CALL = re.compile(r"\b(reference|list\w+)\('(/[^']+)', '([^']+)'", re.IGNORECASE)


def new_record(
    *,
    plan: Plan,
    deployment_id: str,
    template: Json,
    secrecy: SecureValues,
    started: float,
    correlation_id: str,
    parent: str | None = None,
    tags: JsonObject | None = None,
    mode: str = "Incremental",
) -> Deployment:
    """The record of a deployment that was just accepted."""
    bodies = {node.key: _offline_body(node) for node in plan.resources}
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
        providers=_providers(plan, bodies),
        dependencies=_dependencies(plan, bodies),
    )


def echo(plan: Plan, secrecy: SecureValues) -> JsonObject:
    """The parameters as ARM returns them: type and value, for secure ones the type only."""
    return {
        name: {"type": parameter.type} if parameter.secure else {"type": parameter.type, "value": value}
        for name, parameter in plan.parameters.items()
        for value in (secrecy.masked(to_json(parameter.value), names=True),)
    }


def outputs_of(outputs: JsonObject, secrecy: SecureValues) -> JsonObject:
    """Outputs under the names that ARM returns, a null one with its type only."""
    shown: JsonObject = {}
    for name, output in outputs.items():
        entry: JsonObject = {"type": member(output, "type")}
        value = member(output, "value")
        if value is not None:
            entry["value"] = secrecy.masked(value, names=True)
        shown[output_name(name)] = entry
    return shown


def template_hash(template: Json) -> str:
    """The hash that the compiler left in the template, else ARM's own: over the minified text in capitals."""
    found = as_text(member(template, "metadata", "_generator", "templateHash"))
    if found:
        return found
    text = json.dumps(template, ensure_ascii=False, separators=(",", ":")).upper()
    return str(hash64(text.encode("utf-8", "replace")))


def _offline_body(node: Node) -> JsonObject | None:
    """The known part of a body before the run, without the template of a deployment; None if it cannot be evaluated."""
    try:
        body = node.body(None)
    except TemplateError:
        return None
    if node.is_deployment:
        properties = as_object(body.get("properties"))
        body["properties"] = {name: value for name, value in properties.items() if name != "template"}
    return body


def _providers(plan: Plan, bodies: Mapping[str, JsonObject | None]) -> list[Json]:
    """The namespaces and types of a plan with the locations that they go to, in template order."""
    namespaces: dict[str, dict[str, list[str | None]]] = {}
    for node in plan.resources:
        if node.existing:
            continue
        namespace, _, kind = node.type.partition("/")
        locations = namespaces.setdefault(namespace, {}).setdefault(kind, [])
        location = None if node.is_deployment else _location(bodies[node.key])
        if location not in locations:
            locations.append(location)
    return [
        {
            "namespace": namespace,
            "resourceTypes": [{"resourceType": kind, "locations": [*locations]} for kind, locations in kinds.items()],
        }
        for namespace, kinds in namespaces.items()
    ]


def _location(body: JsonObject | None) -> str | None:
    return normalised_location(as_text((body or {}).get("location"))) or None


def _dependencies(plan: Plan, bodies: Mapping[str, JsonObject | None]) -> list[Json]:
    """The dependencies of each resource that has any.

    Empty when there are too many to be useful, as between two long loops.
    """
    nodes = {node.key: node for node in plan.resources}
    if sum(len(node.depends_on) for node in plan.resources) > _MAX_DEPENDENCIES:
        return []
    own = {node.id.lower() for node in plan.resources}
    result: list[Json] = []
    for node in plan.resources:
        waits: list[Json] = [_named(nodes[key], read=nodes[key].existing) for key in node.depends_on if key in nodes]
        waits += _looked_up(bodies[node.key], own)
        if waits and not node.existing:
            result.append({"dependsOn": waits, **_named(node, read=False)})
    return result


def _named(node: Node, *, read: bool) -> JsonObject:
    named: JsonObject = {"id": node.id, "resourceType": node.type, "resourceName": node.name}
    if read:
        named["apiVersion"] = node.api_version
    return named


def _looked_up(body: JsonObject | None, own: set[str]) -> list[Json]:
    """The resources outside the template whose state or keys a body queries, each once."""
    if body is None:
        return []
    found: dict[str, JsonObject] = {}
    for function, text, version in _CALL.findall("\n".join(_expressions(body))):
        parsed = parse_id(text)
        if parsed is None or parsed.id.lower() in own:
            continue
        named: JsonObject = {
            "id": parsed.id,
            "resourceType": parsed.type,
            "resourceName": "/".join(parsed.names),
            "apiVersion": version,
        }
        if function.lower() != "reference":
            named["actionName"] = function
        found.setdefault(f"{function}{parsed.id}".lower(), named)
    return [*found.values()]


def _expressions(value: Json) -> Iterator[str]:
    """The expressions in a body that remain to be evaluated during the run."""
    if isinstance(value, str):
        if is_expression(value):
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)


def target_of(node: Node) -> JsonObject:
    """The targetResource of an operation on a node."""
    target: JsonObject = {"id": node.id, "resourceType": node.type, "resourceName": node.name}
    if node.symbolic_name:
        target["symbolicName"] = node.symbolic_name
    target["apiVersion"] = node.api_version
    return target
