"""Existing networks that are connected to another private link scope of Azure Monitor.

A virtual network connects to one scope only (azure-monitor-docs,
articles/azure-monitor/fundamentals/includes/ampls-limitations.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.estate.parameters.monitor_access import has_private_link
from installer.estate.parameters.private_link import scope_id
from installer.json_access import as_text, member, objects_of
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.network.reads import endpoints, existing_networks
from installer.preflight.reads import NotVisible
from installer.resource_id import name_of, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_SCOPE: Final = "microsoft.insights/privatelinkscopes"
_CONNECTIONS: Final = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")


def private_link_scopes(subject: Subject) -> Iterator[Entry]:
    """Scopes of others; nothing if the installation has no scope or no existing network."""
    networks = {one.lower() for one in existing_networks(subject)}
    if not networks or not has_private_link(subject.it):
        return
    own, found = scope_id(subject.it).lower(), 0
    for place in dict.fromkeys(map(subscription_of, networks)):
        try:
            listed = subject.arm.every(endpoints(place))
        except NotVisible as unseen:
            yield NotChecked(unseen.what, unseen.why)
            return
        for endpoint in listed:
            properties = member(endpoint, "properties")
            network = as_text(member(properties, "subnet", "id")).partition("/subnets/")[0]
            for kind in _CONNECTIONS if network.lower() in networks else ():
                for link in objects_of(member(properties, kind)):
                    scope = as_text(member(link, "properties", "privateLinkServiceId"))
                    parsed = parse_id(scope)
                    if parsed is not None and parsed.type.lower() == _SCOPE and scope.lower() != own:
                        found += 1
                        yield _connected(network, scope)
    if not found:
        yield Proof("no network is connected to another private link scope")


def _connected(network: str, scope: str) -> Finding:
    return Finding(
        "blocks",
        f"{name_of(network)} is connected to the private link scope {scope}",
        network,
        "a network connects to one private link scope only",
        (
            WayOut("create no private link scope", (("monitoring.private_link", "none"),)),
            WayOut(
                "then ask the owner of that scope to add the Log Analytics workspace and the Application Insights components"
            ),
        ),
    )
