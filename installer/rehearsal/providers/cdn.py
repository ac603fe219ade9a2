"""Microsoft.Cdn: Front Door; an origin with a private link waits until its target has approved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.rehearsal.ids import derived_guid
from installer.rehearsal.providers import connections
from installer.rehearsal.providers.behaviour import Behaviour, Case
from installer.rehearsal.shapes import as_text, member

if TYPE_CHECKING:
    from installer.rehearsal.shapes import JsonObject

_ORIGINS = "Microsoft.Cdn/profiles/originGroups/origins"


def _endpoint(case: Case) -> str:
    """The endpoint that Front Door makes in a subscription of its own."""
    subscription = derived_guid(case.location or "global", "frontDoor")
    name = derived_guid(case.id, "sharedPrivateLink")
    return f"/subscriptions/{subscription}/resourceGroups/eafd-rehearsal/providers/Microsoft.Network/privateEndpoints/{name}"


def _target(case: Case) -> str:
    return case.text("sharedPrivateLinkResource", "privateLink", "id")


def _settled(case: Case) -> None:
    if target := _target(case):
        connections.connect(
            case,
            target,
            endpoint=_endpoint(case),
            group=case.text("sharedPrivateLinkResource", "groupId"),
            message=case.text("sharedPrivateLinkResource", "requestMessage"),
            approved=False,
        )


def _display(case: Case) -> JsonObject:
    target = _target(case)
    if not target:
        return {}
    status = as_text(member(connections.state_of(case.resources, target, _endpoint(case)), "status"))
    return {"properties": {"sharedPrivateLinkResource": {"status": status}}}


def _removed(case: Case) -> None:
    connections.disconnect(case, _target(case), _endpoint(case))


BEHAVIOURS = {_ORIGINS: Behaviour(settled=_settled, display=_display, removed=_removed)}
