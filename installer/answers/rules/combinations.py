"""Rules about what goes together: postures, ways in, services that need each other."""

from collections.abc import Iterator

from installer.answers.ask import View
from installer.errors import Problem


def public_is_for_trials(view: View) -> Iterator[Problem]:
    """What can be reached from the internet is for trials, and then there is nothing to put a private way before."""
    trial = view.get("governance.posture") == "trial"
    public = view.get("network.mode") == "public"
    if public and not trial:
        yield Problem("network.mode", "public endpoints are for the posture Trial; take a new hub and spokes")
    if view.get("ingress.kind") == "direct" and not trial:
        yield Problem("ingress.kind", "a web app that is reached directly is for the posture Trial; take private")
    elif public and view.get("ingress.kind") not in (None, "direct"):
        yield Problem("ingress.kind", "without networks of its own the web app is reached directly; take direct")


def services_need_each_other(view: View) -> Iterator[Problem]:
    """Some services are of no use, or not to be had, without another answer."""
    if view.get("integrations.logic_app") is True and view.get("integrations.event_grid") is False:
        yield Problem("integrations.logic_app", "the workflow puts events on a topic; take Event Grid too")
    if view.get("integrations.synapse") is True and not view.get("sign_on.admin_group"):
        yield Problem("integrations.synapse", "a workspace needs people who administer it; answer Administrators first")


def an_injected_server_has_a_zone(view: View) -> Iterator[Problem]:
    """A PostgreSQL server inside a network is created with its DNS zone: no policy can write that afterwards."""
    injected = view.get("data.postgres_network") == "injected" and view.get("network.mode") != "public"
    if injected and view.get("network.dns") == "policy":
        words = "a server inside the network needs the id of its DNS zone, which a policy does not give; take endpoint"
        yield Problem("data.postgres_network", words)


def a_gateway_reads_in_its_subscription(view: View) -> Iterator[Problem]:
    """The certificate is looked for in the platform's subscription; a gateway elsewhere cannot be given it."""
    platform = view.get("subscription.subscription")
    differ, environments = view.get("subscription.differ"), view.get("subscription.environments")
    if view.get("ingress.kind") != "gateway" or not isinstance(differ, list) or not isinstance(environments, list):
        return
    for name in differ:
        own = view.get(f"{name}.subscription")
        if name in environments and own and own != platform:
            words = (
                "the certificate of a gateway has to be in the gateway's subscription, and it is in the platform's; "
                "build this environment there too, or take frontdoor"
            )
            yield Problem(f"{name}.subscription", words)
