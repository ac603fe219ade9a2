"""Cautions about access: an installation that is complete, and that no user can open or that finds no names."""

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


def policies_register_endpoints(view: View) -> Iterator[Problem]:
    """The policies of Azure Landing Zones register not every private endpoint that the installation creates.

    Source: Azure Landing Zones, policy_set_definitions/Deploy-Private-DNS-Zones: it has no definition for these.
    """
    if view.get("network.mode") == "public" or view.get("network.dns") != "policy":
        return
    servers = view.get("platform.prefect_servers")
    redis = view.get("platform.prefect") == "server" and isinstance(servers, int) and servers > 1
    left = [
        what
        for what, is_used in (
            ("PostgreSQL", view.get("data.postgres_network") == "endpoint"),
            ("Azure Managed Redis", redis),
            ("Purview", view.get("integrations.purview") == "new"),
        )
        if is_used
    ]
    if left:
        yield Problem(
            "network.dns",
            f"the policy Deploy-Private-DNS-Zones of Azure Landing Zones writes no records for {', '.join(left)}; "
            "the run waits for them, so ask the owner of the private DNS zones in advance",
        )


def networks_of_others_may_have_a_private_link_scope(view: View) -> Iterator[Problem]:
    """One private link scope of Azure Monitor decides for every network with the same DNS.

    Source: azure-monitor-docs, articles/azure-monitor/logs/private-link-design.md: access mode Private Only blocks
    resources outside of the scope, in every subscription and tenant.
    """
    if view.get("network.mode") in ("existing_hub", "existing") and not _has_scope(view):
        yield Problem(
            "network.mode",
            "if these networks resolve Azure Monitor through a Private Link Scope in the access mode Private Only, it blocks "
            "telemetry and queries from them until its owner adds the Log Analytics workspace and the Application "
            "Insights components to it",
        )


def a_private_link_scope_serves_others(view: View) -> Iterator[Problem]:
    """Machines that resolve names in the zones of the installation reach Azure Monitor through its private link scope.

    Source: azure-monitor-docs, articles/azure-monitor/fundamentals/private-link-design.md (access modes), and
    data-collection/data-collection-endpoint-overview.md: agents in such a network need a data collection endpoint.
    """
    if not _has_scope(view):
        return
    existing = view.get("network.mode") in ("existing_hub", "existing")
    who = "machines in the existing networks" if existing else "servers that use the DNS resolver"
    if not existing and view.get("network.dns_resolver") is not True:
        return
    blocked = (
        f"{who} reach no workspaces and components outside the private link scope"
        if view.get("monitoring.private_link") == "private_only"
        else f"{who} reach Azure Monitor through the private link scope"
    )
    yield Problem(
        "monitoring.private_link", f"{blocked}, and Azure Monitor agents there need a data collection endpoint in it"
    )


def _has_scope(view: View) -> bool:
    return view.get("monitoring.private_link") in ("open", "private_only") and view.get("network.mode") != "public"
