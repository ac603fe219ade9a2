"""Limits of tags: their number, their names and their values.

Sources: azure-docs, articles/azure-resource-manager/management/tag-resources.md ("Limitations"); REST API Tags - Create Or
Update (reserved prefixes, which github.com/microsoft/vscode-azureresourcegroups/issues/1164 reports for tags of a group);
github.com/coreos/tectonic-installer/issues/596 (code and text of reserved characters). The other codes, which scripts
of users repeat (InvalidTagName, InvalidTagValueLength), and the code of their number are assumed.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.json_access import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.json_access import JsonObject
    from installer.jsontypes import Json

MAX_TAGS: Final = 50
"""Tags of a resource, resource group or subscription."""

_MAX_NAME: Final = 512
_MAX_NAMES: Final = {"microsoft.storage/storageaccounts": 128}
"""Characters of a name, by types with fewer than others."""
_MAX_VALUE: Final = 256
_RESERVED: Final = re.compile(r"[<>%&\\?/\x00-\x1f\x7f]")
_RESERVED_PREFIXES: Final = ("microsoft", "azure", "windows")
_EXEMPT: Final = ("hidden-", "link:")
"""Prefixes with which Azure accepts every name, by its own text: they hold IDs of resources, which have slashes."""
_FRONT_DOOR: Final = "microsoft.cdn/profiles"
_FRONT_DOOR_RESERVED: Final = re.compile(r"[#:]")


def check_tags(resource_type: str, tags: Json) -> None:
    """Refuses tags that Azure does not accept at a resource of a type, a group or a subscription (ArmError); null is none."""
    for code, problem in _problems(resource_type.lower(), given_tags(tags)):
        raise ArmError(400, code, problem)


def given_tags(tags: Json) -> JsonObject:
    """Tags of a request, none for null. Refuses what is no object (ArmError)."""
    if tags is None:
        return {}
    if not isinstance(tags, dict):
        text = "The request content was invalid and could not be deserialized: 'tags' is not an object. Path 'tags'."
        raise ArmError(400, "InvalidRequestContent", text)
    return tags


def _problems(kind: str, tags: JsonObject) -> Iterator[tuple[str, str]]:
    if len(tags) > MAX_TAGS:
        yield "InvalidTags", f"The number of tags is '{len(tags)}', at most '{MAX_TAGS}' are allowed."
    for name, count in Counter(name.lower() for name in tags).items():
        if count > 1:
            yield "InvalidTagName", f"The tag name '{name}' is listed {count} times; tag names are case-insensitive."
    for name, value in tags.items():
        yield from _name_problems(kind, name)
        if not isinstance(value, str):
            yield "InvalidTagValue", f"The value of the tag '{name}' is not a string."
        if len(as_text(value)) > _MAX_VALUE:
            text = f"The value of the tag '{name}' exceeded the maximum length. Maximum allowed length for tag value - "
            yield "InvalidTagValueLength", f"{text}'{_MAX_VALUE}' characters."


def _name_problems(kind: str, name: str) -> Iterator[tuple[str, str]]:
    longest = _MAX_NAMES.get(kind, _MAX_NAME)
    if not name.strip():
        yield "InvalidTagName", "The tag name cannot be empty or consist of white space only."
    if len(name) > longest:
        text = f"Following tag name '{name}' exceeded the maximum length. Maximum allowed length for tag name -"
        yield "InvalidTagName", f"Tag name too large. {text} '{longest}' characters."
    if name.lower().startswith(_EXEMPT):
        return
    if _RESERVED.search(name):
        text = f"The tag names '{name}' have reserved characters '<,>,%,&,\\,?,/' or control characters."
        yield "InvalidTagNameCharacters", text
    if name.lower().startswith(_RESERVED_PREFIXES):
        text = f"The tag name '{name}' has one of the reserved prefixes '{', '.join(_RESERVED_PREFIXES)}'."
        yield "InvalidTagName", text
    if kind == _FRONT_DOOR and _FRONT_DOOR_RESERVED.search(name):
        yield (
            "BadRequest",
            f"The tag name '{name}' has one of the characters '#' and ':', which Front Door does not support.",
        )
