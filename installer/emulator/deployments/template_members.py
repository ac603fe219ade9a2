"""Members that no template has, or that each has: ARM refuses a request before it reads anything else of the template.

Code and text: learn.microsoft.com, azure-resource-manager/troubleshooting/quickstart-troubleshoot-arm-deployment, for a
resource; github.com/Azure/azure-sdk-for-node/issues/5073 for the template itself. Which members there are: the compiler,
which does not take a template with another one. That nested templates are read as strictly is known of `etag`
(avm/res/operational-insights/workspace/saved-search in Azure/bicep-registry-modules); the path in them is assumed.
Members that each template has: github.com/Azure/Azure-Landing-Zones/issues/3148 (code and text), and for their order the tests of
decompilation in Azure/bicep. The position is that of the end of the template as compact text, which is assumed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from installer.arm_templates.canonical_case import TEMPLATE_MEMBERS
from installer.arm_templates.errors import path_text
from installer.arm_templates.nodes import DEPLOYMENTS
from installer.arm_templates.resource_fields import NOT_SENT, SENT
from installer.emulator.errors import ArmError
from installer.json_access import as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.arm_templates import Document
    from installer.arm_templates.errors import Place
    from installer.jsontypes import Json

_RESOURCE: Final = {*SENT, *NOT_SENT, "id"} - {"managementgroupid"}
_OF_EXTENSION: Final = {"import", "extension"}
"""Members of a resource of an extension, whose other members are the extension's."""
_REQUIRED: Final = ("$schema", "contentVersion", "resources")


def check_required_members(template: Mapping[str, Json]) -> None:
    """Refuse a template without a member that each template has (ArmError 400)."""
    given = {name.lower() for name, value in template.items() if value is not None}
    missing = next((name for name in _REQUIRED if name.lower() not in given), None)
    if missing is not None:
        end = len(json.dumps(template, ensure_ascii=False, separators=(",", ":")))
        raise ArmError(
            400,
            "InvalidTemplate",
            f"Deployment template parse failed: 'Required property '{missing}' not found in JSON. Path '', line 1, "
            f"position {end}.'.",
        )


def check_members(document: Document, template: Mapping[str, Json]) -> None:
    """Refuse a request whose template, or one nested in it, has a member that ARM does not know (ArmError 400)."""
    for owner, place in _unknown(template, ("properties", "template")):
        line, column = document.name_position(place)
        raise ArmError(
            400,
            "InvalidRequestContent",
            "The request content was invalid and could not be deserialized: 'Could not find member "
            f"'{place[-1]}' on object of type '{owner}'. Path '{path_text(place)}', line {line}, position {column}.'.",
        )


def _unknown(template: Mapping[str, Json], place: Place) -> Iterator[tuple[str, Place]]:
    """The type of the owner and the place of each unknown member, in the order of the text."""
    for name, value in template.items():
        if name.lower() not in TEMPLATE_MEMBERS:
            yield "Template", (*place, name)
        elif name.lower() == "resources":
            yield from _in_resources(value, (*place, name))


def _in_resources(section: Json, place: Place) -> Iterator[tuple[str, Place]]:
    entries = section.items() if isinstance(section, dict) else enumerate(section if isinstance(section, list) else [])
    for key, value in entries:
        resource = as_object(value)
        known = _OF_EXTENSION & resource.keys()
        for name, item in resource.items():
            if name.lower() == "resources":
                yield from _in_resources(item, (*place, key, name))
            elif not known and name.lower() not in _RESOURCE:
                yield "TemplateResource", (*place, key, name)
            elif name.lower() == "properties" and as_text(resource.get("type")).lower() == DEPLOYMENTS:
                nested = as_object(item).get("template")
                yield from _unknown(as_object(nested), (*place, key, name, "template"))
