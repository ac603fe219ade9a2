"""What-if: compares the predicted resources of a deployment with the existing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates import is_expression
from installer.emulator.deployments.preflight import every_node
from installer.json_access import JsonObject, as_text, merged
from installer.resource_id import GROUP_TYPE, group_of, normalised_location, parse_id, subscription_of
from installer.type_schemas.schemas import shape_of

if TYPE_CHECKING:
    from installer.emulator.core import Emulator
    from installer.emulator.deployments.request import DeploymentRequest
    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

_FRAME = ("id", "name", "type", "apiVersion")
_IDS_ONLY = "resourceidonly"


def what_if(emulator: Emulator, proposal: DeploymentRequest, correlation_id: str) -> JsonObject:
    """The result of a what-if: one change for each resource, sorted by id."""
    kept = {node.id.lower() for node in every_node(proposal.plan) if node.only_if_not_exists}
    sent = [
        item
        for item in proposal.predicted
        if as_text(item.get("id")).lower() not in kept or emulator.resources.get(as_text(item.get("id"))) is None
    ]
    payloads = as_text(proposal.settings.get("resultFormat")).lower() != _IDS_ONLY
    changes = [_change(emulator, item, payloads=payloads) for item in sent]
    changes += _ignored(emulator, {as_text(item.get("id")).lower() for item in sent}, payloads=payloads)
    ordered: list[Json] = [*sorted(changes, key=lambda change: as_text(change["resourceId"]).lower())]
    properties: JsonObject = {
        "correlationId": correlation_id,
        "changes": ordered,
        "potentialChanges": [],
        "diagnostics": [],
    }
    return {"status": "Succeeded", "properties": properties}


def _change(emulator: Emulator, predicted: JsonObject, *, payloads: bool) -> JsonObject:
    resource_id = as_text(predicted.get("id"))
    present = emulator.resources.get(resource_id)
    if not payloads:
        return {"resourceId": resource_id, "changeType": "Deploy"}
    parsed = parse_id(resource_id)
    frame: JsonObject = predicted
    if parsed:
        frame = {**predicted, "name": parsed.names[-1]}
        shape = shape_of(parsed.type, as_text(predicted.get("apiVersion")))
        frame = {**frame, **shape.writable(parsed.names[-1], predicted)} if shape else frame
    after = _tidy({name: value for name, value in frame.items() if name != "dependsOn"})
    if present is None:
        return {"resourceId": resource_id, "changeType": "Create", "after": after}
    before = _before(present, as_text(predicted.get("apiVersion")))
    delta = _object_delta("", before, after, top=True)
    change: JsonObject = {
        "resourceId": resource_id,
        "changeType": "Modify" if delta else "NoChange",
        "before": before,
        "after": after,
    }
    if delta:
        change["delta"] = delta
    return change


def _ignored(emulator: Emulator, predicted: set[str], *, payloads: bool) -> list[JsonObject]:
    """Other resources in the affected groups, which an incremental deployment ignores."""
    groups = {(subscription_of(item), group_of(item).lower()) for item in predicted if group_of(item)}
    changes = []
    for subscription, group in sorted(groups):
        for resource in emulator.resources.of_group(subscription, group):
            if resource.key in predicted or not resource.location:
                continue
            change: JsonObject = {"resourceId": resource.id, "changeType": "Ignore"}
            if payloads:
                change["before"] = _before(resource, resource.api_version)
            changes.append(change)
    return changes


def _before(resource: Resource, api_version: str) -> JsonObject:
    """The resource as a read shows it, with defaults of its provider, but without members that are read-only.

    Source: github.com/Azure/arm-template-whatif/issues/331 (defaults that the template omits appear as deleted).
    """
    frame: JsonObject = {"id": resource.id, "name": resource.name, "type": resource.type, "apiVersion": api_version}
    if resource.type.lower() == GROUP_TYPE.lower():
        frame["properties"] = {}
    shape = shape_of(resource.type, api_version)
    whole = merged(resource.desired, resource.computed)
    shown = shape.writable(resource.name.rpartition("/")[2], whole) if shape else resource.desired
    return _tidy({**frame, **shown})


def _tidy(resource: JsonObject) -> JsonObject:
    """The resource with sorted keys and a normalised location, without null or empty members."""
    shown: JsonObject = {name: value for name, value in sorted(resource.items()) if value is not None and value != {}}
    if "location" in shown:
        shown["location"] = normalised_location(as_text(shown["location"]))
    return shown


def _unknown(value: Json) -> bool:
    """Whether a predicted value is an expression that only the run can evaluate."""
    return isinstance(value, str) and is_expression(value)


def _only_unknown(value: Json) -> bool:
    """Whether no part of a value is known before the run: such a member may exist already."""
    if isinstance(value, dict):
        return all(_only_unknown(item) for item in value.values())
    if isinstance(value, list):
        return all(_only_unknown(item) for item in value)
    return _unknown(value)


def _object_delta(path: str, before: JsonObject, after: JsonObject, *, top: bool = False) -> list[Json]:
    delta: list[Json] = []
    for name in sorted({*before, *after}):
        if top and name in _FRAME:
            continue
        place = f"{path}.{name}" if path else name
        if name not in after:
            delta.append(_item(place, "Delete", before=before[name]))
        elif name not in before:
            if not _only_unknown(after[name]):
                delta.append(_item(place, "Create", after=after[name]))
        else:
            delta += _delta(place, before[name], after[name])
    return delta


def _delta(path: str, before: Json, after: Json) -> list[Json]:
    if before == after or _unknown(after):
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        return _object_delta(path, before, after)
    if isinstance(before, list) and isinstance(after, list):
        children = _array_delta(before, after)
        if not children:
            return []
        return [{**_item(path, "Array"), "children": children}]
    return [_item(path, "Modify", before=before, after=after)]


def _array_delta(before: list[Json], after: list[Json]) -> list[Json]:
    """Differences by index; those within an element have paths relative to it.

    Source: github.com/Azure/arm-template-whatif/issues/331, whose output has the index, and below it the members.
    """
    children: list[Json] = []
    for index in range(max(len(before), len(after))):
        place = str(index)
        if index >= len(after):
            children.append(_item(place, "Delete", before=before[index]))
        elif index >= len(before):
            children.append(_item(place, "Create", after=after[index]))
        elif isinstance(old := before[index], dict) and isinstance(new := after[index], dict):
            if inner := _object_delta("", old, new):
                children.append({"path": place, "propertyChangeType": "Modify", "children": inner})
        else:
            children += _delta(place, before[index], after[index])
    return children


def _item(path: str, kind: str, *, before: Json = None, after: Json = None) -> JsonObject:
    return {"path": path, "propertyChangeType": kind, "before": before, "after": after, "children": []}
