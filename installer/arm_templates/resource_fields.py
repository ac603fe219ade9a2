"""The members of a resource in a template: which of them are sent, and which functions they allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.arm_templates.frames import Phase

NOT_SENT = {
    "type",
    "name",
    "apiversion",
    "dependson",
    "copy",
    "condition",
    "comments",
    "scope",
    "existing",
    "resources",
    "metadata",
    "@options",
    "resourcegroup",
    "subscriptionid",
    "managementgroupid",
    "import",
    "extension",
    "asserts",
}
# Members of the request body, spelled and ordered as the engine writes them.
SENT = {
    name.lower(): name
    for name in (
        "location",
        "extendedLocation",
        "sku",
        "kind",
        "managedBy",
        "managedByExtended",
        "plan",
        "identity",
        "tags",
        "zones",
        "scale",
        "properties",
        "placement",
    )
}
PHASES: dict[str, Phase] = {"properties": "body", "tags": "metadata", "sku": "metadata"}
