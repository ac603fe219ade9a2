"""Differences that what-if reports for one resource, without noise and without secrets.

What-if compares a template with the state of a resource and so also reports what no deployment changes: defaults that the
provider fills in for omitted properties, values that it computes, and names in another case. Source:
learn.microsoft.com/azure/azure-resource-manager/bicep/deployment-stacks-what-if-noise-reduction (where noise comes from).
Defaults are also filled in within the elements of an array (github.com/Azure/arm-template-whatif/issues/331), and values that a
read never returns appear as new (issues/42, label "write only").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, objects_of
from installer.planning.model import PropertyChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json

HIDDEN: Final = "(hidden)"
_SECRET: Final = re.compile(
    r"password|secret|token|connectionstring|sharedkey|accountkey|apikey|certificatevalue|privatekey|appsettings|"
    r"\.value$|environmentvariables|\.env\.",
    re.IGNORECASE,
)
"""Paths whose values may be secret: shown as hidden, so that a plan can be handed on."""
_REPLACED_WHOLE: Final = ("tags",)
"""Members that a PUT replaces as a whole: what the template omits is removed.
Source: learn.microsoft.com/azure/azure-resource-manager/management/tag-resources (tags in a template overwrite all)."""


_WRITE_ONLY: Final = re.compile(r"microsoft\.app/(?:containerapps|jobs) properties\.configuration\.secrets\.\d+\.value")
"""Type and path of values that a read never returns. Source: learn.microsoft.com/rest/api/containerapps, whose operation
"list secrets" exists for them."""


def property_changes(delta: Json, kind: str = "") -> tuple[list[PropertyChange], tuple[str, ...]]:
    """The changes of a resource of a type, and the paths of the differences that are noise."""
    leaves = [(one, is_noise or is_write_only(kind, one.path)) for one, is_noise in _leaves(delta, "", element=False)]
    return [one for one, is_noise in leaves if not is_noise], tuple(one.path for one, is_noise in leaves if is_noise)


def is_write_only(kind: str, path: str) -> bool:
    """Whether a read of a resource of a type never returns the value at a path, so that nothing shows if others change it."""
    return _WRITE_ONLY.fullmatch(f"{kind.lower()} {path}") is not None


def _leaves(delta: Json, before: str, *, element: bool) -> Iterator[tuple[PropertyChange, bool]]:
    for item in objects_of(delta):
        kind = as_text(item.get("propertyChangeType")).lower()
        path = f"{before}{as_text(item.get('path'))}"
        children = item.get("children")
        if kind == "noeffect":
            yield PropertyChange(path), True
        elif objects_of(children):
            yield from _leaves(children, f"{path}.", element=kind == "array")
        else:
            was, will = item.get("before"), item.get("after")
            yield (
                PropertyChange(path, _shown(path, was), _shown(path, will)),
                _is_noise(path, kind, was, will, element=element),
            )


def _is_noise(path: str, kind: str, was: Json, will: Json, *, element: bool) -> bool:
    """Whether no deployment makes a difference; `element`: it is one of a whole element of an array."""
    if kind == "delete":
        return not element and path.partition(".")[0] not in _REPLACED_WHOLE
    # IDs are compared regardless of case: learn.microsoft.com, management/resource-name-rules.
    return isinstance(was, str) and isinstance(will, str) and was.startswith("/") and was.lower() == will.lower()


def _shown(path: str, value: Json) -> Json:
    """A value without secrets."""
    if value is None:
        return None
    if _SECRET.search(path):
        return HIDDEN
    if isinstance(value, dict):
        return {name: _shown(f"{path}.{name}", item) for name, item in value.items()}
    if isinstance(value, list):
        return [_shown(f"{path}.{number}", item) for number, item in enumerate(value)]
    return value
