"""Names what a template reads and the embedded Azure lacks: the member of a resource type, or the definition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import error_object
from installer.emulator.providers.built_in_definitions import not_known
from installer.emulator.providers.deployment_scripts import NOT_RUN, SCRIPT_TYPE
from installer.json_access import as_object, as_text, member
from installer.resource_id import DEPLOYMENT_TYPE

if TYPE_CHECKING:
    from installer.arm_templates import TemplateError
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

CODE: Final = "NotEmulated"
_MISSING: Final = re.compile(r"property '([^']*)' doesn't exist, available properties are '([^']*)'")
_ABSENT: Final = re.compile(r"The Resource '([^/']+/[^/']+)/([^/']+)'.* was not found")
_MAX_DEPTH: Final = 6
_MAX_KEPT: Final = 20_000


class ReadMembers:
    """The names of the members that references have shown, of a resource and of the objects in it."""

    def __init__(self) -> None:
        self._types: dict[str, tuple[str, str]] = {}
        self._scripts: list[str] = []

    def remember(self, resource: JsonObject) -> None:
        """Keep the names of the members of a resource that a reference shows."""
        kind = as_text(resource.get("type"))
        if not kind or kind.lower() == DEPLOYMENT_TYPE.lower():
            return
        if kind.lower() == SCRIPT_TYPE.lower() and not as_object(member(resource, "properties", "outputs")):
            self._scripts.append(as_text(resource.get("name")))
        if len(self._types) > _MAX_KEPT:
            self._types.clear()
        self._keep(kind, "", resource, 0)

    def _keep(self, kind: str, path: str, value: Json, depth: int) -> None:
        if isinstance(value, list):
            for item in value:
                self._keep(kind, path, item, depth + 1)
        elif isinstance(value, dict) and value and depth < _MAX_DEPTH:
            self._types[", ".join(value)] = (kind, path)
            if not path:  # with 'Full', the version comes first
                self._types[", ".join(["apiVersion", *value])] = (kind, path)
            for name, item in value.items():
                self._keep(kind, f"{path}{name}.", item, depth + 1)

    def detail(self, problem: TemplateError) -> JsonObject | None:
        """The detail of an error about a member that a shown object lacks, or about a definition; None for any other error."""
        if (absent := _ABSENT.search(problem.message)) is not None:
            text = not_known(absent[1], absent[2])
            return error_object(CODE, text) if text else None
        found = _MISSING.search(problem.message)
        if found is None:
            return None
        key, names = found[1], found[2]
        if not names and self._scripts:
            scripts = ", ".join(sorted(set(self._scripts)))
            return error_object(CODE, f"{NOT_RUN} Give the output '{key}' in the file of --script-outputs ({scripts}).")
        kind, path = self._types.get(names, ("", ""))
        place = path.removeprefix("properties.") + key
        return (
            error_object(CODE, f"The embedded Azure has no '{place}' of {kind}; Azure may have it.") if kind else None
        )
