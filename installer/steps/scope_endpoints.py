"""Step: checks that existing networks are not connected to another private link scope of Azure Monitor.

A virtual network connects to one scope only (azure-monitor-docs,
articles/azure-monitor/fundamentals/includes/ampls-limitations.md). Zones of the same names are the check of zone_links.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from installer.engine.step import Context, Outputs
from installer.errors import CheckBlocked
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.monitor_access import has_private_link
from installer.estate.parameters.private_link import scope_id
from installer.estate.parameters.resource_ids import network_id
from installer.json_access import as_text, member, objects_of
from installer.resource_id import name_of, parse_id, subscription_of
from installer.steps.network_check import NetworkCheck

if TYPE_CHECKING:
    from installer.jsontypes import Json

_ENDPOINTS: Final = "Microsoft.Network/privateEndpoints"
_VERSION: Final = "2025-05-01"
_SCOPE: Final = "microsoft.insights/privatelinkscopes"
_CONNECTIONS: Final = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")


def checks_scope_endpoints(it: Installation) -> bool:
    """Whether the installation connects existing networks to a private link scope."""
    return has_private_link(it) and it.answers.network.mode in ("existing_hub", "existing")


@dataclass(frozen=True)
class CheckScopeEndpoints(NetworkCheck):
    """Checks the private endpoints in the subscriptions of the existing networks, read-only."""

    key: ClassVar[str] = keys.SCOPE_ENDPOINTS
    title: ClassVar[str] = "Private link scopes"

    def apply(self, context: Context) -> Outputs:
        """Read private endpoints. Raises CheckBlocked with the scopes that the networks are connected to already."""
        context.remember("begun", name=self.key)
        subscriptions = dict.fromkeys(subscription_of(one) for one in self._networks())
        found = [one for subscription in subscriptions for one in self._others(context, subscription)]
        if found:
            scopes = "\n".join(f"  {network} is connected to {scope}" for network, scope in found)
            raise CheckBlocked(
                f"existing networks are connected to private link scopes of Azure Monitor:\n{scopes}\nA network connects to "
                "only one of them. Answer Private link scope with none, and ask the owner of that scope to add the Log "
                "Analytics workspace and the Application Insights components to it"
            )
        return {}

    def _networks(self) -> frozenset[str]:
        """IDs of the existing networks, in lower case."""
        own = self.it.environments if self.it.answers.network.mode == "existing" else ()
        return frozenset(network_id(self.it, name).lower() for name in ("hub", *own))

    def _others(self, context: Context, subscription: str) -> Iterator[tuple[str, str]]:
        """Name of an existing network and ID of a scope of others that it is connected to."""
        nothing: list[dict[str, Json]] = []
        path = f"/subscriptions/{subscription}/providers/{_ENDPOINTS}?api-version={_VERSION}"
        endpoints = self.readable(
            context,
            lambda: self.service.every(path, doing="read private endpoints"),
            nothing,
            f"private endpoints of subscription {subscription}",
        )
        networks, own = self._networks(), scope_id(self.it).lower()
        for endpoint in endpoints:
            properties = member(endpoint, "properties")
            network = as_text(member(properties, "subnet", "id")).lower().partition("/subnets/")[0]
            for kind in _CONNECTIONS if network in networks else ():
                for link in objects_of(member(properties, kind)):
                    scope = as_text(member(link, "properties", "privateLinkServiceId"))
                    parsed = parse_id(scope)
                    if parsed is not None and parsed.type.lower() == _SCOPE and scope.lower() != own:
                        yield name_of(network), scope
