"""Refuses a resource whose type needs another resource provider that is not registered in the subscription.

ARM checks only the namespaces that a template names; these needs surface while the resource is created
(installer/provider_needs.json has the facts and their sources).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError, unregistered
from installer.json_access import as_object, as_text, member
from installer.provider_needs import needs_of
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from installer.emulator.state.registrations import Registrations
    from installer.emulator.state.resources import Resource


def check(registrations: Registrations, resource: Resource, moment: float) -> None:
    """Refuse a resource with a need that is not registered (ArmError with the code of the provider).

    Args:
        registrations: Registrations of all subscriptions.
        resource: The resource as requested.
        moment: Time of the request, in seconds since the epoch.

    Raises:
        ArmError: 409 for the first missing namespace; the detail always is MissingSubscriptionRegistration.

    """
    properties = as_object(resource.desired.get("properties"))
    for need in needs_of(resource.type):
        if need.when and not member(properties, *need.when):
            continue
        where = as_text(member(properties, *need.elsewhere)) if need.elsewhere else resource.id
        subscription = subscription_of(where) or subscription_of(resource.id)
        for namespace in need.needs:
            if registrations.state(subscription, namespace, moment) != "Registered":
                raise _unregistered(need.code, namespace, resource.name)


def _unregistered(code: str, namespace: str, name: str) -> ArmError:
    found = unregistered([namespace])
    if code == found.code:
        return found
    text = f"The creation of '{name}' failed. {found.message}"
    return ArmError(found.status, code, text, target=namespace, details=found.details)
