"""Log Analytics workspaces that were deleted: for 14 days the name is kept, for a workspace of the same group and region.

Sources: REST API Log Analytics, Workspaces - Delete, and Deleted Workspaces - List; MicrosoftDocs/azure-docs#41719 (the refusal of
the name in another resource group; its code is assumed). Deletion with `force` is not emulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.state.resources import Resource
from installer.json_access import as_object, as_text, member
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.json_access import JsonObject

WORKSPACE_TYPE: Final = "Microsoft.OperationalInsights/workspaces"
DELETED_TYPE: Final = "Microsoft.OperationalInsights/deletedWorkspaces"
_SECONDS: Final = 14 * 86_400


def _same_name(context: ProviderContext) -> Iterator[Resource]:
    """Deleted workspaces of this name in the subscription that can still be recovered."""
    for one in context.resources.of_type(DELETED_TYPE):
        kept = one.created + _SECONDS / context.speed > context.now
        if kept and subscription_of(one.id) == subscription_of(context.id) and one.name.lower() == context.leaf.lower():
            yield one


def was(deleted: Resource) -> str:
    """ID that a deleted workspace had."""
    return as_text(member(deleted.desired, "properties", "workspaceId"))


def check_name(context: ProviderContext) -> None:
    """Refuses a new workspace with the name of a deleted one in another group or region."""
    for one in _same_name(context) if context.before is None else ():
        region = as_text(member(one.desired, "properties", "location"))
        if was(one).lower() != context.resource.key or region != context.location:
            raise ArmError(409, "Conflict", f"The workspace name '{context.leaf}' is not unique", cause="service")


def recovered(context: ProviderContext) -> None:
    """Drop the record of a workspace that was created again."""
    for one in list(_same_name(context)):
        if was(one).lower() == context.resource.key:
            context.resources.remove(one.id)


def keep(context: ProviderContext) -> None:
    """Keep a deleted workspace for recovery."""
    scope = f"/subscriptions/{subscription_of(context.id)}"
    properties: JsonObject = {
        "workspaceId": context.id,
        "location": context.location,
        "customerId": derived_guid(context.id, "customerId"),
        "deletedDate": instant(context.now),
    }
    name = f"{context.leaf}-{derived_guid(context.id, 'deleted')[:8]}"
    context.resources.save(
        Resource(
            id=f"{scope}/providers/{DELETED_TYPE}/{name}",
            type=DELETED_TYPE,
            name=context.leaf,
            api_version=context.resource.api_version,
            state="Succeeded",
            created=context.now,
            changed=context.now,
            desired={"properties": properties},
        )
    )


def shown(deleted: Resource) -> JsonObject:
    """A deleted workspace in the list of a subscription, with the ID that it had."""
    kept = as_object(deleted.desired.get("properties"))
    properties = {name: kept[name] for name in ("customerId", "deletedDate")}
    return {
        "id": was(deleted),
        "name": deleted.name,
        "type": WORKSPACE_TYPE,
        "location": kept["location"],
        "properties": properties,
    }
