"""What ARM checks of a whole plan before it accepts it: registrations, and what providers say of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.rehearsal.clock import instant
from installer.rehearsal.deployments import records
from installer.rehearsal.deployments.rendering import deployment_body
from installer.rehearsal.deployments.secrecy import Secrecy
from installer.rehearsal.errors import ArmError, error_object
from installer.rehearsal.evaluation import TemplateError
from installer.rehearsal.shapes import JsonObject, as_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.rehearsal.deployments.proposal import Proposal
    from installer.rehearsal.evaluation import Json, Node, Plan
    from installer.rehearsal.world import World

_HELP = "https://aka.ms/rps-not-found"


def every_node(plan: Plan) -> Iterator[Node]:
    """The nodes of a plan and of the nested ones whose names do not depend on the run; existing ones left out."""
    for node in plan.resources:
        if node.existing:
            continue
        yield node
        if node.is_deployment:
            try:
                nested = node.nested(None)
            except TemplateError:
                continue  # what only the run can tell cannot be checked before it
            yield from every_node(nested)


def check_proposal(world: World, proposal: Proposal) -> None:
    """Refuse a plan that needs a namespace for which its subscription is not registered (ArmError 409)."""
    missing: dict[str, None] = {}
    moment = world.clock.now()
    for node in every_node(proposal.plan):
        namespace, subscription = node.type.split("/", 1)[0], node.scope.subscription_id
        if subscription and world.registrations.state(subscription, namespace, moment) != "Registered":
            missing[namespace] = None
    if missing:
        raise unregistered(list(missing))
    world.faults.refuse_deployment("preflight", proposal.id, proposal.location)


def unregistered(namespaces: list[str]) -> ArmError:
    """The refusal for one or more namespaces that need registering."""
    texts = {
        name: f"The subscription is not registered to use namespace '{name}'. See {_HELP} for how to register "
        "subscriptions."
        for name in namespaces
    }
    details = [error_object("MissingSubscriptionRegistration", text, name) for name, text in texts.items()]
    return ArmError(409, "MissingSubscriptionRegistration", texts[namespaces[0]], details=details)


def validated(world: World, proposal: Proposal, correlation_id: str) -> JsonObject:
    """The answer to a validation that found nothing."""
    secrecy = Secrecy()
    secrecy.learn(proposal.plan)
    record = records.new_record(
        plan=proposal.plan,
        deployment_id=proposal.id,
        template=proposal.template,
        secrecy=secrecy,
        started=world.clock.now(),
        correlation_id=correlation_id,
        tags=proposal.tags,
        mode=proposal.mode,
    )
    record.state = "Succeeded"
    body = deployment_body(record, echo_nulls=True)
    found: list[Json] = [{"id": node.id} for node in every_node(proposal.plan)]
    properties = as_object(body["properties"])
    properties |= {"timestamp": instant(record.started), "duration": "PT0S", "validatedResources": found}
    return body
