"""Step: checks that existing networks are not linked to private DNS zones that the installation would create again.

A virtual network cannot be linked to two zones of the same name: Azure answers 400 BadRequest when the second is linked
(github.com/microsoft-foundry/foundry-samples/pull/214), after most of the network stage has been deployed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from installer.engine.step import Context, Outputs
from installer.errors import CheckBlocked
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.monitor_access import monitor_zone_names
from installer.estate.parameters.network import cluster_zone_names, zone_names
from installer.estate.parameters.resource_ids import network_id, zone_id
from installer.json_access import as_text, member
from installer.jsontypes import Json
from installer.resource_id import group_of, name_of, subscription_of
from installer.steps.network_check import NetworkCheck

_ZONES: Final = "Microsoft.Network/privateDnsZones"
_VERSION: Final = "2024-06-01"


def checks_zone_links(it: Installation) -> bool:
    """Whether the installation links existing networks to new zones."""
    return it.answers.network.dns == "created" and it.answers.network.mode in ("existing_hub", "existing")


@dataclass(frozen=True)
class CheckZoneLinks(NetworkCheck):
    """Checks the zones in the subscriptions of the installation and of its existing networks, read-only."""

    key: ClassVar[str] = keys.ZONE_LINKS
    title: ClassVar[str] = "Private DNS zones"

    def apply(self, context: Context) -> Outputs:
        """Read zones and links. Raises CheckBlocked with the zones that the networks are linked to already."""
        context.remember("begun", name=self.key)
        found = [one for subscription in self._subscriptions() for one in self._conflicts(context, subscription)]
        if found:
            zones = "\n".join(f"  {zone} is linked to {network}" for zone, network in found)
            group = found[0][0].partition("/providers/")[0]
            raise CheckBlocked(
                f"existing networks are linked to private DNS zones of the same names:\n{zones}\nAzure links a network to "
                f"only one of them. Use the existing zones: answer Private DNS zones with existing, and DNS zones group with "
                f"{group}"
            )
        return {}

    def _networks(self) -> dict[str, str]:
        """Networks that the installation links, by their ID in lower case."""
        ids = (network_id(self.it, name) for name in ("hub", *self.it.environments))
        return {one.lower(): one for one in ids}

    def _subscriptions(self) -> tuple[str, ...]:
        homes = (subscription_of(one) for one in self._networks())
        return tuple(dict.fromkeys((self.it.subscription.lower(), *(home.lower() for home in homes))))

    def _conflicts(self, context: Context, subscription: str) -> Iterator[tuple[str, str]]:
        """ID of a zone and name of a network of the installation that is linked to it."""
        created = (*zone_names(self.it), *cluster_zone_names(self.it), *monitor_zone_names(self.it))
        own = {name.lower(): str(zone_id(self.it, name)).lower() for name in created}
        networks = self._networks()
        path = f"/subscriptions/{subscription}/providers/{_ZONES}?api-version={_VERSION}"
        for zone in self._read(context, path, f"subscription {subscription}"):
            zone_of = as_text(member(zone, "id"))
            if own.get(name_of(zone_of).lower()) in (None, zone_of.lower()) or not group_of(zone_of):
                continue
            links = self._read(context, f"{zone_of}/virtualNetworkLinks?api-version={_VERSION}", zone_of)
            for link in links:
                linked = as_text(member(link, "properties", "virtualNetwork", "id")).lower()
                if linked in networks:
                    yield zone_of, name_of(networks[linked])

    def _read(self, context: Context, path: str, where: str) -> list[dict[str, Json]]:
        nothing: list[dict[str, Json]] = []
        return self.readable(
            context,
            lambda: self.service.every(path, doing="read private DNS zones"),
            nothing,
            f"private DNS zones of {where}",
        )
