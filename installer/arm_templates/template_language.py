"""Which version of the template language a nested template declares, and whether its resources have the form of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.arm_templates.declarations import check_declarations
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.values import find_key
from installer.json_access import as_list, as_object, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.arm_templates.errors import Place
    from installer.jsontypes import Json

SYMBOLIC_NAMES = "SymbolicNames"
"""The feature of resources with symbolic names, in the engine's errors."""
VERSIONS = ("1.9-experimental", "1.10-experimental", "2.0", "2.1-experimental", "2.2-experimental")


EXTENSIONS_VERSION: Final = "2.2-experimental"
_ONLY_IN: Final = {"ExtensibilityExtensions": True, "ImportStatements": False}
"""Features of that version only, or of every other one."""
_BEFORE_DECLARATIONS: Final = ("ExtensibilityExtensions", "ImportStatements", "AggregateTypeValidation")
_TYPED: Final = {"items", "prefixItems", "properties", "additionalProperties"}
"""Members that give a parameter or an output the type of its parts."""


def require_version(template: dict[str, Json], feature: str) -> None:
    """Refuse a feature of versioned templates, those with symbolic names, in any other one."""
    if find_key(template, "languageVersion") is None:
        raise TemplateError(f"Template language version must be specified in order to use feature '{feature}'.")


def check_version(template: dict[str, Json]) -> None:
    """Refuse a template of an unknown language version."""
    key = find_key(template, "languageVersion")
    if key is not None and template[key] not in VERSIONS:
        raise TemplateError(f"The template language version '{template[key]}' is not recognized.")


def check_language(template: dict[str, Json], place: Place) -> None:
    """Refuse a nested template whose language version is unknown, or whose parts are not in the form of it.

    `place` is where it is in the template that is deployed.

    Source: snapshots of the compiler, which is lenient with the outer template.
    """
    key, section = find_key(template, "languageVersion"), find_key(template, "resources")
    if section is None or (key is not None and not isinstance(template[key], str)):
        raise TemplateError("The supplied nested deployment template could not be parsed as an ARM template.")
    resources = template[section]
    if key is None:
        if isinstance(resources, dict) and resources:
            require_version(template, SYMBOLIC_NAMES)
        used = list(_features(template))
        for feature in [one for one in used if one in _BEFORE_DECLARATIONS]:
            require_version(template, feature)
        check_declarations(template, place)
        for feature in used:
            require_version(template, feature)
        return
    check_version(template)
    for feature in _features(template):
        if feature in _ONLY_IN and (template[key] == EXTENSIONS_VERSION) is not _ONLY_IN[feature]:
            raise TemplateError(f"Template language version '{template[key]}' does not support feature '{feature}'.")
    check_declarations(template, place)
    if isinstance(resources, list) and resources:
        raise TemplateError(
            "You must use symbolic resource names when a template language version is specified. Please see "
            "https://aka.ms/arm-syntax-resources for usage details."
        )


def _features(template: dict[str, Json]) -> Iterator[str]:
    """The features of versioned templates that a template uses, in the order in which the engine refuses them."""
    functions = [as_object(member(group, "members")) for group in as_list(template.get("functions"))]
    made = [as_object(one) for group in functions for one in group.values()]
    declared = [as_object(one) for name in ("parameters", "outputs") for one in as_object(template.get(name)).values()]
    declared += [as_object(one) for item in made for one in (*as_list(item.get("parameters")), item.get("output"))]
    resources = [as_object(one) for one in as_list(template.get("resources"))]
    used = {
        "ExtensibilityExtensions": "extensions" in template,
        "ImportStatements": "imports" in template,
        "AggregateTypeValidation": "definitions" in template or any(_TYPED & one.keys() for one in declared),
        "NullableParameters": any("nullable" in one for one in declared),
        "ExistingResources": any("existing" in one for one in resources),
        "Asserts": any("asserts" in one for one in (template, *resources)),
    }
    yield from (feature for feature, found in used.items() if found)
