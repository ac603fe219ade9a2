"""Microsoft.OperationalInsights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.rehearsal.clock import instant
from installer.rehearsal.ids import derived_guid, derived_hex
from installer.rehearsal.providers.behaviour import Behaviour, Case

if TYPE_CHECKING:
    from installer.rehearsal.shapes import JsonObject


def _workspace(case: Case) -> JsonObject:
    return {
        "properties": {
            "customerId": derived_guid(case.id, "customerId"),
            "createdDate": instant(case.resource.created),
            "modifiedDate": instant(case.resource.changed),
        }
    }


def _shared_keys(case: Case, _body: JsonObject) -> JsonObject:
    return {f"{name}SharedKey": f"rehearsal-{derived_hex(case.id, name, 32)}==" for name in ("primary", "secondary")}


BEHAVIOURS = {
    "Microsoft.OperationalInsights/workspaces": Behaviour(
        computed=_workspace, actions={"listkeys": _shared_keys, "sharedkeys": _shared_keys}
    )
}
