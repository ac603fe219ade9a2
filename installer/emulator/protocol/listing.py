"""Lists of resources and their filters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.emulator.clock import instant
from installer.emulator.deployments.stacks import STACK_TYPE
from installer.emulator.protocol.paging import page
from installer.json_access import JsonObject, as_object, as_text
from installer.resource_id import group_of, parse_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response

    from installer.emulator.protocol.request import ArmRequest
    from installer.emulator.state.resources import Resource

_TERM = re.compile(r"(\w+)\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
_LISTED = ("sku", "kind", "managedBy", "location", "identity", "zones", "plan", "tags")


def _terms(text: str) -> dict[str, str]:
    return {name.lower(): value.replace("''", "'") for name, value in _TERM.findall(text)}


def tagged(resource: Resource, filter_text: str) -> bool:
    """Whether a resource passes a filter on tagName and tagValue; other terms are ignored."""
    terms = _terms(filter_text)
    if "tagname" not in terms:
        return True
    tags = {name.lower(): value for name, value in as_object(resource.desired.get("tags")).items()}
    name = terms["tagname"].lower()
    return name in tags and ("tagvalue" not in terms or tags[name] == terms["tagvalue"])


def listed(request: ArmRequest, found: Iterable[Resource]) -> Response:
    """A page of resources without their properties, filtered by type, name, location, group and tag."""
    filter_text = request.query.get("$filter", "")
    terms = _terms(filter_text)
    expand = request.query.get("$expand", "").lower()
    items = [item for item in found if tagged(item, filter_text) and _passes(item, terms) and _tracked(item)]
    return page(request, [_brief(request, item, expand) for item in items])


def _passes(resource: Resource, terms: dict[str, str]) -> bool:
    fields = {"resourcetype": resource.type, "name": resource.name, "location": resource.location}
    fields["resourcegroup"] = group_of(resource.id)
    return all(value.lower() == fields[name].lower() for name, value in terms.items() if name in fields)


def _tracked(resource: Resource) -> bool:
    """Whether ARM lists a resource: those with a location, not proxies such as subnets or role assignments."""
    return bool(resource.location) and resource.type.lower() != STACK_TYPE.lower()


def _brief(request: ArmRequest, resource: Resource, expand: str) -> JsonObject:
    view = request.emulator.view(resource)
    parsed = parse_id(resource.id)
    brief: JsonObject = {"id": resource.id, "name": parsed.name if parsed else resource.name, "type": resource.type}
    brief |= {name: view[name] for name in _LISTED if view.get(name) is not None}
    for name, moment in (("createdTime", resource.created), ("changedTime", resource.changed)):
        if name.lower() in expand:
            brief[name] = instant(moment)
    if "provisioningstate" in expand:
        brief["provisioningState"] = as_text(resource.state)
    return brief
