"""Microsoft.Cdn: Front Door; an origin with a private link waits for its target, a domain for its record in the DNS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.ids import derived_guid
from installer.emulator.providers import connections
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import as_list, as_text, member

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_ORIGINS = "Microsoft.Cdn/profiles/originGroups/origins"
_DOMAINS = "Microsoft.Cdn/profiles/customDomains"
_TXT = "Microsoft.Network/dnsZones/TXT"


def _endpoint(case: ProviderContext) -> str:
    """The endpoint that Front Door makes in a subscription of its own."""
    subscription = derived_guid(case.location or "global", "frontDoor")
    name = derived_guid(case.id, "sharedPrivateLink")
    return f"/subscriptions/{subscription}/resourceGroups/eafd-rehearsal/providers/Microsoft.Network/privateEndpoints/{name}"


def _target(case: ProviderContext) -> str:
    return case.text("sharedPrivateLinkResource", "privateLink", "id")


def _settled(case: ProviderContext) -> None:
    if target := _target(case):
        connections.connect(
            case,
            target,
            endpoint=_endpoint(case),
            group=case.text("sharedPrivateLinkResource", "groupId"),
            message=case.text("sharedPrivateLinkResource", "requestMessage"),
            approved=False,
        )


def _display(case: ProviderContext) -> JsonObject:
    target = _target(case)
    if not target:
        return {}
    status = as_text(member(connections.state_of(case.resources, target, _endpoint(case)), "status"))
    return {"properties": {"sharedPrivateLinkResource": {"status": status}}}


def _removed(case: ProviderContext) -> None:
    connections.disconnect(case, _target(case), _endpoint(case))


def _domain(case: ProviderContext) -> JsonObject:
    """A domain is approved once a zone of this Azure holds its token; of zones elsewhere nothing is known."""
    record = f"_dnsauth.{case.text('hostName')}".lower()
    token = as_text(member(case.resource.computed, "properties", "validationProperties", "validationToken"))
    for text in case.resources.of_type(_TXT):
        zone, _, name = text.id.split("/")[-3:]
        values = [
            as_text(value)
            for item in as_list(member(text.desired, "properties", "TXTRecords"))
            for value in as_list(member(item, "value"))
        ]
        if f"{name}.{zone}".lower() == record and token and token in values:
            return {"properties": {"domainValidationState": "Approved"}}
    return {}


BEHAVIOURS = {
    _ORIGINS: ProviderHooks(settled=_settled, display=_display, removed=_removed),
    _DOMAINS: ProviderHooks(display=_domain),
}
