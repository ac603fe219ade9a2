"""Which versions the control plane and the node pools of a cluster get one after another. Pure.

Sources: learn.microsoft.com, aks/upgrade-aks-control-plane: minor versions are not skipped, and a control plane comes before its node
pools; docs.azure.cn, aks/upgrade-aks-faq: only an upgrade from an unsupported version skips some, without guarantee; Azure/AKS#1109: a
node pool is upgraded one minor version at a time, too; aks/supported-kubernetes-versions: there are no downgrades.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.steps.cluster_upgrade import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.jsontypes import Json

_OFFICIAL: Final = "KubernetesOfficial"
Minor = tuple[int, ...]


@dataclass(frozen=True)
class Cluster:
    """Versions of a cluster.

    Attributes:
        version: Version of the control plane.
        pools: Version of each node pool by its name.

    """

    version: str
    pools: Mapping[str, str]


@dataclass(frozen=True)
class Move:
    """One upgrade; `pool` is "" for the control plane."""

    pool: str
    before: str
    after: str


def offered_patches(listed: Mapping[str, Json]) -> dict[Minor, list[str]]:
    """Patch releases of each minor version in community support, the newest first; from the versions of a region."""
    found: dict[Minor, list[str]] = {}
    for one in objects_of(listed.get("values")):
        plans = as_list(member(one, "capabilities", "supportPlan")) or [_OFFICIAL]
        if one.get("isPreview") is not True and _OFFICIAL in plans:
            patches = [*as_object(one.get("patchVersions"))]
            found[numbers(as_text(one.get("version")))[:2]] = sorted(patches, key=numbers, reverse=True)
    return {minor: patches for minor, patches in found.items() if patches}


def moves(cluster: Cluster, target: str, patches: Mapping[Minor, list[str]]) -> Iterator[Move]:
    """The upgrades to a version, in their order: of each minor version first the control plane, then the pools."""
    version, pools = cluster.version, dict(cluster.pools)
    lowest = min(map(_minor, (version, *pools.values())))
    for minor in sorted(one for one in {*patches, _minor(version)} if lowest <= one <= _minor(target)):
        last = minor == _minor(target)
        wanted = target if last else version if minor == _minor(version) else patches[minor][0]
        if numbers(version) < numbers(wanted):
            yield Move("", version, wanted)
            version = wanted
        for name, current in pools.items():
            behind = numbers(current) < numbers(wanted) if last else _minor(current) < minor
            if behind:
                yield Move(name, current, wanted)
                pools[name] = wanted


def unsupported(cluster: Cluster, patches: Mapping[Minor, list[str]]) -> list[str]:
    """Versions of the cluster that have left support: there is no way from them without skipping one."""
    oldest = min(patches, default=())
    return sorted({one for one in (cluster.version, *cluster.pools.values()) if _minor(one) < oldest}, key=numbers)


def _minor(version: str) -> Minor:
    return numbers(version)[:2]
