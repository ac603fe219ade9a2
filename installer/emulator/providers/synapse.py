"""Microsoft.Synapse: the managed private endpoint of a workspace to its data lake, pending until the lake approves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers import connections
from installer.emulator.providers.provider import ProviderHooks
from installer.json_access import member

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext


def _endpoint(context: ProviderContext) -> str:
    lake = context.text("defaultDataLakeStorage", "resourceId").rpartition("/")[2]
    name = f"{context.leaf}.synapse-ws-custstgacct--{context.leaf}-{lake}"
    return f"{context.id}/managedVirtualNetworks/default/managedPrivateEndpoints/{name}"


def _after_write(context: ProviderContext) -> None:
    """Requests the connection, with a new workspace only: learn.microsoft.com, synapse-analytics/quickstart-create-workspace."""
    if context.before is None and member(context.properties, "defaultDataLakeStorage", "createManagedPrivateEndpoint"):
        connections.connect(
            context,
            context.text("defaultDataLakeStorage", "resourceId"),
            endpoint=_endpoint(context),
            group="dfs",
            message=f"Requested by {context.leaf}",
            approved=False,
        )


def _after_removal(context: ProviderContext) -> None:
    connections.disconnect(context, context.text("defaultDataLakeStorage", "resourceId"), _endpoint(context))


HOOKS = {"Microsoft.Synapse/workspaces": ProviderHooks(after_write=_after_write, after_removal=_after_removal)}
