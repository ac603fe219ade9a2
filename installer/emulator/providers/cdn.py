"""Microsoft.Cdn: Front Door. A private link waits for approval by its target, a custom domain for its DNS record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.emulator.providers import connections
from installer.emulator.providers.certificate_sources import check_front_door_secret
from installer.emulator.providers.data_files import load
from installer.emulator.providers.provider import ProviderContext, ProviderHooks
from installer.json_access import as_list, as_text, member
from installer.resource_id import name_of, normalised_location, parent_id_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_ORIGINS = "Microsoft.Cdn/profiles/originGroups/origins"
_SECRETS = "Microsoft.Cdn/profiles/secrets"
_DOMAINS = "Microsoft.Cdn/profiles/customDomains"
_TXT = "Microsoft.Network/dnsZones/TXT"


def _endpoint(context: ProviderContext) -> str:
    """Id of the private endpoint that Front Door creates in a subscription of Microsoft's."""
    subscription = derived_guid(context.location or "global", "frontDoor")
    name = derived_guid(context.id, "sharedPrivateLink")
    return f"/subscriptions/{subscription}/resourceGroups/eafd-rehearsal/providers/Microsoft.Network/privateEndpoints/{name}"


def _target(context: ProviderContext) -> str:
    return context.text("sharedPrivateLinkResource", "privateLink", "id")


def _check_origin(context: ProviderContext) -> None:
    """Refuses a private link from a region without private link origins, or to a slot (data/front_door.json)."""
    target = _target(context)
    region = normalised_location(context.text("sharedPrivateLinkResource", "privateLinkLocation"))
    if not target:
        return
    if region not in as_list(member(load("front_door"), "regions")):
        text = f"The private link location '{region}' of the origin is not supported."
        raise ArmError(400, "BadRequest", text, cause="service")
    if "/slots/" in target.lower():
        text = "Private link is not supported with slots of App Service."
        raise ArmError(400, "BadRequest", text, cause="service")


def _after_write(context: ProviderContext) -> None:
    if target := _target(context):
        connections.connect(
            context,
            target,
            endpoint=_endpoint(context),
            group=context.text("sharedPrivateLinkResource", "groupId"),
            message=context.text("sharedPrivateLinkResource", "requestMessage"),
            approved=False,
        )


def _display(context: ProviderContext) -> JsonObject:
    target = _target(context)
    if not target:
        return {}
    status = as_text(member(connections.state_of(context.resources, target, _endpoint(context)), "status"))
    return {"properties": {"sharedPrivateLinkResource": {"status": status}}}


def _after_removal(context: ProviderContext) -> None:
    connections.disconnect(context, _target(context), _endpoint(context))


def _domain(context: ProviderContext) -> JsonObject:
    """Approves a domain once a DNS zone of the emulator holds its token; zones elsewhere are not checked."""
    record = f"_dnsauth.{context.text('hostName')}".lower()
    token = as_text(member(context.resource.computed, "properties", "validationProperties", "validationToken"))
    for text in context.resources.of_type(_TXT):
        zone, name = name_of(parent_id_of(text.id)), name_of(text.id)
        values = [
            as_text(value)
            for item in as_list(member(text.desired, "properties", "TXTRecords"))
            for value in as_list(member(item, "value"))
        ]
        if f"{name}.{zone}".lower() == record and token and token in values:
            return {"properties": {"domainValidationState": "Approved"}}
    return {}


HOOKS = {
    _ORIGINS: ProviderHooks(
        check=_check_origin, after_write=_after_write, display=_display, after_removal=_after_removal
    ),
    _DOMAINS: ProviderHooks(display=_domain),
    _SECRETS: ProviderHooks(check=check_front_door_secret),
}
