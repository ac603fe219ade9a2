"""Microsoft.Cdn: Front Door profiles and endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.rehearsal.ids import derived_guid, derived_hex
from installer.rehearsal.providers.behaviour import Behaviour, Case

if TYPE_CHECKING:
    from installer.rehearsal.shapes import JsonObject


def _profile(case: Case) -> JsonObject:
    return {"properties": {"frontDoorId": derived_guid(case.id, "frontDoorId"), "resourceState": "Active"}}


def _endpoint(case: Case) -> JsonObject:
    return {"properties": {"hostName": f"{case.leaf}-{derived_hex(case.id, 'host', 16)}.z01.azurefd.net"}}


def _domain(case: Case) -> JsonObject:
    token = derived_hex(case.id, "validation", 32)
    return {"properties": {"validationProperties": {"validationToken": token}, "domainValidationState": "Pending"}}


BEHAVIOURS = {
    "Microsoft.Cdn/profiles": Behaviour(computed=_profile),
    "Microsoft.Cdn/profiles/afdEndpoints": Behaviour(computed=_endpoint),
    "Microsoft.Cdn/profiles/customDomains": Behaviour(computed=_domain),
}
