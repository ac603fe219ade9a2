"""The upgrade profile of an AKS cluster: which versions its control plane and its node pools may have next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers.cluster_versions import current_version, parts, pool_version, stored_pools, upgrades
from installer.json_access import as_text, objects_of
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext
    from installer.json_access import JsonObject
    from installer.jsontypes import Json


def upgrade_profile(context: ProviderContext) -> JsonObject:
    """The upgrades of a cluster. Source: REST API Managed Clusters - Get Upgrade Profile."""
    version = current_version(context.resource)
    names = {
        **{as_text(one.get("name")): None for one in objects_of(context.properties.get("agentPoolProfiles"))},
        **{name_of(one.id): None for one in stored_pools(context.resources, context.id)},
    }
    pools: list[Json] = [
        {
            "name": name,
            "osType": "Linux",
            "kubernetesVersion": (current := pool_version(context.resources, context.id, name) or version),
            "upgrades": _listed(
                one for one in upgrades(current, context.location, context.survey) if parts(one) <= parts(version)
            ),
        }
        for name in names
    ]
    control_plane: JsonObject = {
        "name": "master",
        "osType": "Linux",
        "kubernetesVersion": version,
        "upgrades": _listed(iter(upgrades(version, context.location, context.survey))),
    }
    return {
        "id": f"{context.id}/upgradeprofiles/default",
        "name": "default",
        "type": "Microsoft.ContainerService/managedClusters/upgradeprofiles",
        "properties": {"controlPlaneProfile": control_plane, "agentPoolProfiles": pools},
    }


def _listed(versions: Iterator[str]) -> list[Json]:
    return [{"kubernetesVersion": one} for one in versions]
