"""Resource ids: how they are put together from scope, type and name, and taken apart again."""

from __future__ import annotations

import re

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
