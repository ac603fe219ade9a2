"""Question: health as Azure reports it: provisioning states of all resources, and Azure Resource Health.

Sources: REST API Resources - List ($expand=provisioningState); Availability Statuses - List By Subscription Id (2025-05-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.json_access import as_text, member
from installer.operations.status.model import Line, Question, Way
from installer.preflight.commands import in_subscription
from installer.preflight.reads import NotVisible, listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.operations.status.observed import Observed
    from installer.preflight.reads import Request

_GOOD: Final = frozenset({"succeeded", ""})
_ENDED: Final = frozenset({"failed", "canceled"})
_NAMESPACE: Final = "Microsoft.ResourceHealth"
_UNREGISTERED: Final = "MissingSubscriptionRegistration"


def _lines(observed: Observed) -> Iterator[Line]:
    subscriptions = observed.subject.subscriptions
    observed.subject.arm.ahead(map(_states, subscriptions))
    observed.subject.arm.ahead(map(_availability, subscriptions))
    planned = {one.id.lower(): one for one in observed.subject.planned}
    good = 0
    for subscription in subscriptions:
        for one in observed.subject.arm.every(_states(subscription)):
            known = planned.get(as_text(one.get("id")).lower())
            if known is None:
                continue
            state = as_text(one.get("provisioningState"))
            if state.lower() in _GOOD:
                good += 1
                continue
            environment = observed.environment_of(known.id)
            key, subject = f"health/{known.name}", f"{known.type_title} {known.shown}"
            if state.lower() in _ENDED:
                way = Way("deploy its stage again", "apply", (known.stage,))
                yield Line(key, subject, "broken", f"Azure shows the state {state}", environment, (way,))
            else:
                yield Line(key, subject, "attention", f"being changed: {state}", environment)
    if good:
        yield Line("health/provisioned", "Provisioning", "ok", f"{counted(good, 'resource')} provisioned")
    for subscription in subscriptions:
        yield from _availability_lines(observed, subscription)


def _availability_lines(observed: Observed, subscription: str) -> Iterator[Line]:
    planned = {one.id.lower(): one for one in observed.subject.planned}
    try:
        found = observed.subject.arm.every(_availability(subscription))
    except NotVisible as unseen:
        why = unseen.why
        if unseen.code == _UNREGISTERED:
            where = in_subscription(f"/subscriptions/{subscription}")
            why = f"register its provider: az provider register {where} -n {_NAMESPACE}"
        yield Line(f"health/availability-{subscription}", "Resource Health", "not read", why)
        return
    available = 0
    for one in found:
        known = planned.get(as_text(one.get("id")).partition(f"/providers/{_NAMESPACE}/")[0].lower())
        state = as_text(member(one, "properties", "availabilityState"))
        if known is None or state == "Unknown":
            continue
        if state == "Available":
            available += 1
            continue
        yield _unavailable(known.name, f"{known.type_title} {known.shown}", one, observed.environment_of(known.id))
    if available:
        yield Line(
            f"health/availability-{subscription}",
            "Resource Health",
            "ok",
            f"{counted(available, 'resource')} available",
        )


def _unavailable(name: str, subject: str, one: dict[str, Json], environment: str) -> Line:
    facts = member(one, "properties")
    state, why = as_text(member(facts, "availabilityState")), as_text(member(facts, "summary"))
    by = {"UserInitiated": ", begun by a user", "Planned": ", planned"}.get(as_text(member(facts, "reasonType")), "")
    way = Way("read what Azure recommends: Resource health of the resource in the portal")
    text = f"{state.lower()}{by}: {why}" if why else f"{state.lower()}{by}"
    return Line(
        f"health/{name}-availability",
        subject,
        "broken" if state == "Unavailable" else "attention",
        text,
        environment,
        (way,),
    )


def _states(subscription: str) -> Request:
    path = f"/subscriptions/{subscription}/resources?$expand=provisioningState&api-version=2021-04-01"
    return listing(path, f"states of the resources of subscription {subscription}")


def _availability(subscription: str) -> Request:
    path = f"/subscriptions/{subscription}/providers/{_NAMESPACE}/availabilityStatuses?api-version=2025-05-01"
    return listing(path, f"Resource Health of subscription {subscription}")


HEALTH: Final = Question("health", "Health as Azure reports it", _lines)
