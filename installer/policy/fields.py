"""Fields and aliases of a requested resource.

An alias is resolved from its name: the resource type, then a path below `properties` or, where the resource has the member
itself (`sku`, `kind`, `identity`), below the resource. Members of arrays that are resources themselves have their own
`properties`. `[*]` selects every element of an array; of a missing array none (how-to/author-policies-for-arrays).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from installer.arm_templates import is_expression
from installer.json_access import JsonObject, as_object, as_text, member
from installer.policy.outcomes import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.jsontypes import Json

_STEP: Final = re.compile(r"\[\*\]|\['((?:[^']|'')*)'\]|[^.\[\]]+|\[([^\]]+)\]")
_IMAGE: Final = {
    "microsoft.compute/imageid": "id",
    "microsoft.compute/imagepublisher": "publisher",
    "microsoft.compute/imageoffer": "offer",
    "microsoft.compute/imagesku": "sku",
    "microsoft.compute/imageversion": "version",
}
ELEMENTS: Final = "[*]"
GROUP: Final = "Microsoft.Resources/subscriptions/resourceGroups"
"""Policy's name for the type of resource groups."""


@dataclass(frozen=True)
class Subject:
    """A resource as a request describes it.

    Attributes:
        type: Policy's name of the type, which differs from ARM's for resource groups.
        name: The last segment of the name.
        full_name: All segments.
        content: Members of the body.
        api_version: Version of the request.
        predicted: Whether values that only the run knows are still expressions.
        subscription: Result of subscription().
        group: Result of resourceGroup(); empty outside a group.

    """

    id: str
    type: str
    name: str
    full_name: str
    content: JsonObject
    api_version: str = ""
    predicted: bool = False
    subscription: JsonObject = field(default_factory=dict)
    group: JsonObject = field(default_factory=dict)

    @property
    def location(self) -> str:
        """Location of the body, or ''."""
        return as_text(member(self.content, "location"))


@dataclass(frozen=True)
class Selection:
    """Values of a field: one, or with `many` those of all array elements. None is a missing value."""

    values: tuple[Json, ...]
    many: bool = False


def select(subject: Subject, name: str, bound: Mapping[str, Json]) -> Selection:
    """The values of a field; `bound` has the element that replaces an array, by lower-case alias with `[*]`.

    Raises:
        UndecidedError: A value is not known before the run.

    """
    lowered = name.lower()
    match lowered:
        case "name":
            return _one(subject, subject.name)
        case "fullname":
            return _one(subject, subject.full_name)
        case "type":
            return Selection((subject.type,))
        case "id":
            return _one(subject, subject.id)
    if is_tag(name):
        return _one(subject, _tag(subject, name))
    if "/" not in name.partition("[")[0]:
        return _walk(subject, _steps(name), bound, name)
    return _alias(subject, name, bound)


def _one(subject: Subject, value: Json) -> Selection:
    _decided(subject, value)
    return Selection((value,))


def is_tag(field: str) -> bool:
    """Whether a field is a tag, or all tags."""
    return field.lower() == "tags" or field.lower().startswith(("tags.", "tags["))


def tag_name(name: str) -> str:
    """The tag that a `tags` field means in any of its notations."""
    inner = name[5:-1] if name[4] == "[" else name[5:]
    if len(inner) > 1 and inner[0] == inner[-1] == "'":
        inner = inner[1:-1].replace("''", "'")
    return inner


def _tag(subject: Subject, name: str) -> Json:
    tags = member(subject.content, "tags")
    if len(name) <= 4:
        return tags
    _decided(subject, tags if isinstance(tags, str) else None)
    return member(as_object(tags), tag_name(name))


def _alias(subject: Subject, name: str, bound: Mapping[str, Json]) -> Selection:
    path = _path_below_type(subject.type, name)
    missing = Selection((), many=True) if ELEMENTS in name else Selection((None,))
    if path is None or ("/" in path.partition("[")[0] and "." not in path.partition("/")[0]):
        return missing  # of another type, or of a child type
    steps = _steps(path)
    found = _walk(subject, steps, bound, name)
    if found.values == (None,) and len(steps) > 1 and steps[0].lower() == subject.name.lower():
        return _walk(subject, steps[1:], bound, name)  # `sites/config/web.x` names the one child that has x
    return found


def path_of(resource_type: str, name: str) -> tuple[str, ...]:
    """The steps to the field of an alias or a plain field in a body; empty for an alias of another type."""
    if "/" not in name:
        return _steps(name)
    path = _path_below_type(resource_type, name)
    return _steps(path) if path else ()


def _path_below_type(resource_type: str, name: str) -> str | None:
    """The path that an alias names below its type; None for an alias of another type."""
    lowered, kind = name.lower(), resource_type.lower()
    if lowered in _IMAGE and kind.startswith("microsoft.compute/virtualmachine"):
        inner = "virtualMachineProfile." if kind.endswith("scalesets") else ""
        return f"{inner}storageProfile.imageReference.{_IMAGE[lowered]}"
    if lowered.startswith(f"{kind}/"):
        return name[len(kind) + 1 :]
    namespace, _, path = name.partition("/")
    leaf, dot, rest = path.partition(".")
    short = kind.startswith(f"{namespace.lower()}/") and leaf.lower() == kind.rpartition("/")[2]
    return rest if short and dot else None  # such as Microsoft.Sql/transparentDataEncryption.status


@lru_cache(maxsize=8192)
def _steps(path: str) -> tuple[str, ...]:
    """The steps of a path: names, and ELEMENTS."""
    found = []
    for match in _STEP.finditer(path):
        quoted, bare = match.group(1), match.group(2)
        found.append(quoted.replace("''", "'") if quoted is not None else bare or match.group())
    return tuple(ELEMENTS if step == "*" else step for step in found)


def _walk(subject: Subject, steps: tuple[str, ...], bound: Mapping[str, Json], name: str) -> Selection:
    """The values at a path below `properties`, else below the resource; a plain field is only below the resource."""
    roots = [subject.content] if "/" not in name else [member(subject.content, "properties"), subject.content]
    found = Selection((None,))
    for root in roots:
        found = _below(subject, root, steps, bound, name)
        if any(value is not None for value in found.values):
            break
    return found


def _below(subject: Subject, root: Json, steps: tuple[str, ...], bound: Mapping[str, Json], name: str) -> Selection:
    """The values at a path; `name` is the whole field, whose beginnings are the keys of `bound`."""
    values: list[Json] = [root]
    lowered, end, many = name.lower(), 0, False
    for step in steps:
        if step == ELEMENTS:
            many = True
            end = lowered.find(ELEMENTS, end) + len(ELEMENTS)
            values = [bound[lowered[:end]]] if lowered[:end] in bound else _elements(subject, values)
        else:
            values = [_member(subject, value, step) for value in values]
    for value in values:
        _decided(subject, value)
    return Selection(tuple(values), many)


def _elements(subject: Subject, values: list[Json]) -> list[Json]:
    found: list[Json] = []
    for value in values:
        _decided(subject, value if isinstance(value, str) else None)
        if isinstance(value, list):
            found += value
    return found


def _member(subject: Subject, value: Json, name: str) -> Json:
    """A member of an object, or of its `properties` where it is a resource in an array."""
    if isinstance(value, str):
        _decided(subject, value)
    if isinstance(value, list) and name.isdecimal():
        return value[int(name)] if int(name) < len(value) else None
    found = member(value, name)
    return found if found is not None else member(value, "properties", name)


def _decided(subject: Subject, value: Json) -> None:
    """Refuse an answer that depends on values of the run (UndecidedError)."""
    if subject.predicted and _unresolved(value):
        raise UndecidedError


def _unresolved(value: Json) -> bool:
    if isinstance(value, str):
        return is_expression(value)
    if isinstance(value, dict):
        return any(_unresolved(item) for item in value.values())
    return isinstance(value, list) and any(_unresolved(item) for item in value)
