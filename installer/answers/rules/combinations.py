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
