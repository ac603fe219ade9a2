"""Resource ids: how they are put together from scope, type and name, and taken apart again."""

from __future__ import annotations

import re

from installer.rehearsal.evaluation.errors import TemplateError

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
RESOURCE_GROUPS = "microsoft.resources/resourcegroups"


def segments(resource_type: str, name: str) -> str:
    """``A.B/c/d`` and ``x/y`` woven to ``A.B/c/x/d/y``."""
    namespace, *types = resource_type.split("/")
    names = name.split("/")
    woven = [namespace]
    for kind, part in zip(types, names, strict=False):
        woven += (kind, part)
    return "/".join(woven)


def resource_id(scope_id: str, resource_type: str, name: str) -> str:
    """The id of a resource at a scope (a resource may be a scope too). A resource group has no provider part."""
    if resource_type.lower() == RESOURCE_GROUPS and scope_id.count("/") == 2:
        return f"{scope_id}/resourceGroups/{name}"
    return f"{scope_id}/providers/{segments(resource_type, name)}"


def check_name(resource_type: str, name: str) -> None:
    """A name has one segment for every segment of its type after the namespace; TemplateError otherwise."""
    expected = resource_type.count("/")
    actual = name.count("/") + 1
    if expected != actual:
        raise TemplateError(
            f"The template resource '{name}' of type '{resource_type}' has an invalid name. The name '{name}' "
            f"contains '{actual}' name segment(s) separated by '/', but '{expected}' segment(s) were expected. Please "
            "see https://aka.ms/arm-syntax-resources for usage details."
        )
