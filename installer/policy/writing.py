"""Changes of a request by modify and append: setting and removing fields of a body.

Arrays: an alias that ends in `[*]` adds an element (or, with addOrReplace, leaves only that one), one with `[*]` inside sets
a member of every element (how-to/author-policies-for-arrays, modifying arrays).
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Final

from installer.json_access import JsonObject, member
from installer.policy.fields import ELEMENTS, is_tag, path_of, tag_name
from installer.policy.operators import equals

if TYPE_CHECKING:
    from installer.jsontypes import Json

_ROOT: Final = {"sku", "kind", "identity", "location", "zones", "plan", "managedby", "extendedlocation", "tags"}


class ConflictError(Exception):
    """The request has another value already."""


def changed(content: JsonObject, resource_type: str, field: str, value: Json, *, replace: bool) -> JsonObject:
    """A body with a field set.

    Args:
        content: The body.
        resource_type: Its type.
        field: A tag, `identity.type` or an alias.
        value: The value; None removes the field.
        replace: Whether another value gives way.

    Raises:
        ConflictError: There is another value, and `replace` is False.

    """
    body = deepcopy(content)
    if is_tag(field):
        if len(field) == len("tags"):
            _set(body, "tags", value, replace=replace)
            return body
        tags = _child(body, "tags", create=value is not None)
        if isinstance(tags, dict):
            _set(tags, tag_name(field), value, replace=replace)
        return body
    steps = path_of(resource_type, field)
    if steps:
        _apply(body, steps, value, replace=replace, top=True)
    return body


def _apply(target: Json, steps: tuple[str, ...], value: Json, *, replace: bool, top: bool = False) -> None:
    """Set the value at a path; where the object around it is missing, the omission is taken as intended."""
    if not isinstance(target, dict):
        return
    name, rest = steps[0], steps[1:]
    holder = _holder(target, name, top=top)
    if not rest:
        _set(holder, name, value, replace=replace)
    elif rest[0] != ELEMENTS:
        _apply(member(holder, name), rest, value, replace=replace)
    elif len(rest) == 1:
        _add_element(holder, name, value, replace=replace)
    else:
        items = member(holder, name)
        for item in items if isinstance(items, list) else []:
            _apply(item, rest[1:], value, replace=replace)


def _holder(target: JsonObject, name: str, *, top: bool) -> JsonObject:
    """The object that has a member: the resource itself or its `properties`."""
    inner = member(target, "properties")
    if isinstance(inner, dict) and member(inner, name) is not None:
        return inner
    if member(target, name) is not None or (top and name.lower() in _ROOT):
        return target
    if top and inner is None:
        target["properties"] = inner = {}
    return inner if isinstance(inner, dict) else target


def _add_element(holder: JsonObject, name: str, value: Json, *, replace: bool) -> None:
    items = _child(holder, name, create=False)
    added: list[Json] = value if isinstance(value, list) else [value]
    kept: list[Json] = [] if replace or not isinstance(items, list) else items
    _store(holder, name, [*kept, *(item for item in added if not any(equals(item, one) for one in kept))])


def _set(holder: JsonObject, name: str, value: Json, *, replace: bool) -> None:
    present = member(holder, name)
    if value is None:
        for key in [key for key in holder if key.lower() == name.lower()]:
            del holder[key]
        return
    if present is not None and not replace and not equals(present, value):
        raise ConflictError(name)
    if present is None or not equals(present, value):
        _store(holder, name, value)


def _child(holder: JsonObject, name: str, *, create: bool) -> Json:
    found = member(holder, name)
    if found is None and create:
        _store(holder, name, {})
        found = member(holder, name)
    return found


def _store(holder: JsonObject, name: str, value: Json) -> None:
    spelled = next((key for key in holder if key.lower() == name.lower()), name)
    holder[spelled] = value
