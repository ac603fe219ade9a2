"""Cautions about access: an installation that is complete, and that no user can open."""

from collections.abc import Iterator

from installer.answers.ask import View
from installer.answers.pages.platform import kinds_of_runtime
from installer.errors import Problem


def private_addresses_are_reached(view: View) -> Iterator[Problem]:
    """Private ingress or a private cluster is of use only to people who can reach the networks."""
    if view.get("network.mode") == "public" or view.get("network.private_access") != "none":
        return
    closed = [
        what
        for what, is_closed in (
            ("the web app (Ingress: private access only)", view.get("ingress.kind") == "private"),
            (
                "the Kubernetes API server (Private cluster)",
                "aks" in kinds_of_runtime(view) and view.get("platform.private_api") is True,
            ),
        )
        if is_closed
    ]
    if closed:
        yield Problem(
            "network.private_access",
            f"no user can reach {' and '.join(closed)} until a VPN, ExpressRoute, Azure Bastion with a jump host or "
            "another connection to these networks exists",
        )
