"""Microsoft.Logic: the callback URL of a workflow's trigger, with a signature that is made up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from installer.emulator.ids import derived_hex
from installer.emulator.providers.declared_outputs import declared
from installer.emulator.providers.provider import ProviderHooks
from installer.json_access import as_text, member
from installer.resource_id import parent_id_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.json_access import JsonObject
    from installer.jsontypes import Json


def _callback_url(context: ProviderContext, _body: JsonObject) -> Json:
    """Members: REST API, Workflow Triggers - List Callback Url. Form of the URL: azure-docs, data-factory/tutorial-control-flow.md."""
    workflow = context.resources.get(parent_id_of(context.id))
    place = (
        as_text(member(declared(replace(context, resource=workflow)), "properties", "accessEndpoint"))
        if workflow
        else ""
    )
    path = f"{place}/triggers/{context.leaf}/paths/invoke"
    queries = {
        "api-version": "2016-10-01",
        "sp": f"/triggers/{context.leaf}/run",
        "sv": "1.0",
        "sig": f"rehearsal-{derived_hex(context.id, 'sig', 32)}",
    }
    return {"value": f"{path}?{urlencode(queries)}", "method": "POST", "basePath": path, "queries": {**queries}}


HOOKS = {"Microsoft.Logic/workflows/triggers": ProviderHooks(actions={"listcallbackurl": _callback_url})}
