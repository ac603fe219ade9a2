"""Normalises the case of template members: the engine accepts ``Name`` as well as ``name``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from installer.jsontypes import Json


def _names(*names: str) -> dict[str, str]:
    return {name.lower(): name for name in names}


TEMPLATE_MEMBERS: Final = _names(
    "$schema",
    "languageVersion",
    "contentVersion",
    "apiProfile",
    "imports",
    "extensions",
    "asserts",
    "metadata",
    "definitions",
    "functions",
    "parameters",
    "variables",
    "resources",
    "outputs",
)
"""Members of a template in the engine's case, by their lower-case names."""
_VALUE: Final = _names(
    "type",
    "defaultValue",
    "allowedValues",
    "minValue",
    "maxValue",
    "minLength",
    "maxLength",
    "nullable",
    "metadata",
    "condition",
    "copy",
    "value",
)
_COPY: Final = _names("name", "count", "mode", "batchSize", "input")
_RESOURCE: Final = _names(
    "type",
    "name",
    "apiVersion",
    "condition",
    "copy",
    "dependsOn",
    "existing",
    "scope",
    "resourceGroup",
    "subscriptionId",
    "location",
    "properties",
    "resources",
)
_DEPLOYMENT: Final = _names("mode", "template", "templateLink", "parameters", "expressionEvaluationOptions")


def canonical(template: dict[str, Json]) -> dict[str, Json]:
    """The template with its members, and those of parameters, outputs and resources, in the engine's case."""
    found = _recased(template, TEMPLATE_MEMBERS)
    for section in ("parameters", "outputs"):
        found = _with(found, section, lambda items: _each(items, _value))
    return _with(found, "resources", lambda items: _each(items, _resource))


def _recased(members: dict[str, Json], names: dict[str, str]) -> dict[str, Json]:
    """``members`` itself where nothing changes, which is nearly always."""
    if all(key in names.values() or key.lower() not in names for key in members):
        return members
    return {names.get(key.lower(), key): value for key, value in members.items()}


def _with(members: dict[str, Json], name: str, convert: Callable[[Json], Json]) -> dict[str, Json]:
    if name not in members:
        return members
    changed = convert(members[name])
    return members if changed is members[name] else {**members, name: changed}


def _each(items: Json, convert: Callable[[Json], Json]) -> Json:
    if isinstance(items, dict):
        named = {key: convert(item) for key, item in items.items()}
        return items if _same(named.values(), items.values()) else named
    if isinstance(items, list):
        listed = [convert(item) for item in items]
        return items if _same(listed, items) else listed
    return items


def _same(new: Iterable[Json], old: Iterable[Json]) -> bool:
    return all(one is other for one, other in zip(new, old, strict=True))


def _members(item: Json, names: dict[str, str]) -> Json:
    return _recased(item, names) if isinstance(item, dict) else item


def _copy(item: Json) -> Json:
    return _members(item, _COPY)


def _value(item: Json) -> Json:
    found = _members(item, _VALUE)
    return _with(found, "copy", _copy) if isinstance(found, dict) else found


def _resource(item: Json) -> Json:
    found = _members(item, _RESOURCE)
    if not isinstance(found, dict):
        return found
    found = _with(_with(found, "copy", _copy), "resources", lambda children: _each(children, _resource))
    if str(found.get("type")).lower() == "microsoft.resources/deployments":
        found = _with(found, "properties", _deployment)
    return found


def _deployment(item: Json) -> Json:
    found = _members(item, _DEPLOYMENT)
    return _with(found, "expressionEvaluationOptions", _options) if isinstance(found, dict) else found


def _options(item: Json) -> Json:
    return _members(item, {"scope": "scope"})
