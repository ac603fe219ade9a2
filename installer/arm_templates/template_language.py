"""Which version of the template language a nested template declares, and whether its resources have the form of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.errors import TemplateError
from installer.arm_templates.values import find_key

if TYPE_CHECKING:
    from installer.jsontypes import Json

SYMBOLIC_NAMES = "SymbolicNames"
"""The feature of resources with symbolic names, in the engine's errors."""
VERSIONS = ("1.9-experimental", "1.10-experimental", "2.0", "2.1-experimental", "2.2-experimental")


def require_version(template: dict[str, Json], feature: str) -> None:
    """Refuse a feature of versioned templates, those with symbolic names, in any other one."""
    if find_key(template, "languageVersion") is None:
        raise TemplateError(f"Template language version must be specified in order to use feature '{feature}'.")


def check_version(template: dict[str, Json]) -> None:
    """Refuse a template of an unknown language version."""
    key = find_key(template, "languageVersion")
    if key is not None and template[key] not in VERSIONS:
        raise TemplateError(f"The template language version '{template[key]}' is not recognized.")


def check_language(template: dict[str, Json]) -> None:
    """Refuse a nested template whose language version is unknown, or whose resources are not in the form of it.

    Source: snapshots of the compiler, which is lenient with the outer template.
    """
    key, section = find_key(template, "languageVersion"), find_key(template, "resources")
    if section is None or (key is not None and not isinstance(template[key], str)):
        raise TemplateError("The supplied nested deployment template could not be parsed as an ARM template.")
    resources = template[section]
    if key is None:
        if isinstance(resources, dict) and resources:
            require_version(template, SYMBOLIC_NAMES)
        return
    check_version(template)
    if isinstance(resources, list) and resources:
        raise TemplateError(
            "You must use symbolic resource names when a template language version is specified. Please see "
            "https://aka.ms/arm-syntax-resources for usage details."
        )
