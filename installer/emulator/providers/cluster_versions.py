"""Versions of Kubernetes in AKS: what a region offers, and which upgrades of a control plane and its node pools AKS allows.

Sources: learn.microsoft.com, aks/upgrade-aks-control-plane (minor versions are not skipped, but from an unsupported version to a
supported one; node pools may be two minor versions behind) and aks/supported-kubernetes-versions (no downgrades); codes and texts
are those that learn.microsoft.com, troubleshoot/azure/azure-kubernetes/error-codes/aks-upgrade-blocked and users quote:
github.com/rancher/rancher/issues/33561 and 33426, rancher/dashboard#11884, Azure/AKS#1109, nebari-dev/nebari#524.
That a request without a version leaves it: github.com/Azure/AKS/issues/1860 (a pool stays behind its control plane).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError
from installer.emulator.providers.data_files import load
from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.resource_id import normalised_location, parent_id_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource, Resources
    from installer.emulator.survey import Survey
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_POOLS: Final = "Microsoft.ContainerService/managedClusters/agentPools"
_MAX_SKEW: Final = 2
"""Minor versions that a node pool may be behind its control plane."""


def offered(location: str, survey: Survey) -> list[tuple[str, bool]]:
    """Minor versions of a region, the newest first, and whether each is the default: those of a survey, else the usual ones."""
    usual = [(as_text(one), place == 0) for place, one in enumerate(as_list(member(load("compute"), "kubernetes")))]
    wanted = normalised_location(location)
    surveyed = [(one.version, one.is_default) for one in survey.kubernetes_versions if one.location == wanted]
    return sorted(surveyed, key=lambda one: parts(one[0]), reverse=True) or usual


def parts(version: str) -> tuple[int, ...]:
    """A version as numbers."""
    return tuple(int(one) if one.isdecimal() else 0 for one in version.split("."))


def upgrades(version: str, location: str, survey: Survey) -> list[str]:
    """Versions to which AKS upgrades a control plane, the newest first; none while it is created."""
    if not version:
        return []
    known = [patch(one) for one, _ in offered(location, survey)]
    supported = [one for one in known if _minor(one) == _minor(version)]
    oldest = min((_minor(one) for one in known), default=(0, 0))
    following = (parts(version)[0], parts(version)[1] + 1)
    wanted = {_minor(version), following} if supported or oldest <= _minor(version) else {oldest}
    return [one for one in known if _minor(one) in wanted and parts(one) > parts(version)]


def patch(version: str) -> str:
    """The patch release that AKS takes for a minor version: here each has one."""
    return version if version.count(".") > 1 else f"{version}.0"


def cluster_version(context: ProviderContext) -> str:
    """The version of a control plane after a write: the requested one, the one before, or the default of the region."""
    if asked := context.text("kubernetesVersion"):
        current = current_version(context.resource)
        same = asked.count(".") == 1 and _minor(current or "0.0") == parts(asked)
        return current if same else patch(asked)
    known = offered(context.location, context.survey)
    default = next((one for one, is_default in known if is_default), known[0][0] if known else "1.36")
    return current_version(context.resource) or patch(default)


def current_version(cluster: Resource) -> str:
    """The version that a control plane has, "" before it exists."""
    return as_text(member(cluster.computed, "properties", "currentKubernetesVersion"))


def check_cluster_version(context: ProviderContext) -> None:
    """Refuses versions of a control plane and of the pools in its body as AKS does (ArmError)."""
    asked, known = context.text("kubernetesVersion"), [one for one, _ in offered(context.location, context.survey)]
    current = current_version(context.before) if context.before is not None else ""
    wanted = cluster_version(context)
    if asked and wanted != current:
        if current:
            _check_upgrade(context, current, wanted)
        elif _minor(wanted) not in {parts(one) for one in known} or wanted not in map(patch, known):
            _refuse_unsupported(context, wanted)
    for pool in objects_of(context.properties.get("agentPoolProfiles")):
        _check_pool(pool, wanted, pool_version(context.resources, context.id, as_text(pool.get("name"))))
    for stored in stored_pools(context.resources, context.id):
        _check_skew(_orchestrator(stored), wanted)


def _check_upgrade(context: ProviderContext, current: str, wanted: str) -> None:
    """Refuses a change of the version of a control plane that is not among its upgrades."""
    allowed = upgrades(current, context.location, context.survey)
    if wanted in allowed:
        return
    word = "Upgrading" if parts(wanted) > parts(current) else "Downgrading"
    raise ArmError(
        400,
        "OperationNotAllowed",
        f"{word} Kubernetes version {current} to {wanted} is not allowed. Available upgrades: [{' '.join(allowed)}]. Please see "
        "https://aka.ms/aks-supported-k8s-ver for version details.",
        cause="service",
    )


def _refuse_unsupported(context: ProviderContext, wanted: str) -> None:
    raise ArmError(
        400,
        "K8sVersionNotSupported",
        f"Managed cluster {context.leaf} is on version {wanted} which is not supported in this region. Please use "
        "[az aks get-versions] command to get the supported version list in this region.",
        cause="service",
    )


def check_pool_version(context: ProviderContext) -> None:
    """Refuses the version of a node pool that a request has written apart from its cluster (ArmError)."""
    cluster = context.resources.get(parent_id_of(context.id))
    if cluster is not None:
        current = pool_version(context.resources, cluster.id, context.leaf)
        _check_pool({**context.properties, "name": context.leaf}, current_version(cluster), current)


def _check_pool(pool: JsonObject, control_plane: str, current: str) -> None:
    asked = as_text(pool.get("orchestratorVersion"))
    wanted = patch(asked) if asked else current or control_plane
    if current and wanted != current and _steps(current, wanted) not in (0, 1):
        _refuse_pool(current, wanted)
    if current and parts(wanted) < parts(current):
        _refuse_pool(current, wanted)
    _check_skew(wanted, control_plane)


def _refuse_pool(current: str, wanted: str) -> None:
    raise ArmError(
        400,
        "AgentPoolUpgradeVersionNotAllowed",
        f"Upgrade agent pool version from {current} to {wanted} is not allowed, you can only upgrade one minor version at a time. "
        "Please use [az aks get-upgrades] command to get the supported upgrade paths. For more information, please check "
        "https://aka.ms/version-skew-policy",
        cause="service",
    )


def _check_skew(pool: str, control_plane: str) -> None:
    """Refuses a pool above its control plane, or more minor versions below it than AKS allows."""
    if not pool or not control_plane:
        return
    above, behind = parts(pool) > parts(control_plane), _steps(pool, control_plane)
    if not above and behind <= _MAX_SKEW:
        return
    comparison = (
        f"Minor version of node pool version {parts(pool)[1]} is bigger than control plane version {parts(control_plane)[1]}"
        if above
        else f"Node pool version {pool} is more than {_MAX_SKEW} minor versions behind control plane version {control_plane}"
    )
    raise ArmError(
        400,
        "NodePoolMcVersionIncompatible",
        f"Node pool version {pool} and control plane version {control_plane} are incompatible. {comparison}. For more information, "
        "please check https://aka.ms/version-skew-policy",
        cause="service",
    )


def pool_version(resources: Resources, cluster: str, name: str) -> str:
    """The version of a node pool, also of one that a request of its cluster has created; "" if it does not exist yet."""
    stored = resources.get(f"{cluster}/agentPools/{name}")
    if stored is not None and (found := _orchestrator(stored)):
        return found
    owner = resources.get(cluster)
    return as_text(member(owner.internal, name, "currentOrchestratorVersion")) if owner is not None else ""


def remember_versions(context: ProviderContext, version: str) -> None:
    """Versions of the pools in the body of a cluster: those requested, those before, or that of the control plane."""
    context.resource.internal = {
        name: _shown(_settled(context, pool, name, version))
        for pool in objects_of(context.properties.get("agentPoolProfiles"))
        if (name := as_text(pool.get("name")))
    }


def shown_pools(context: ProviderContext) -> JsonObject:
    """The pools in the body of a cluster, with their versions."""
    pools: list[Json] = [
        {**pool, **as_object(context.resource.internal.get(as_text(pool.get("name"))))}
        for pool in objects_of(context.properties.get("agentPoolProfiles"))
    ]
    return {"properties": {"agentPoolProfiles": pools}} if pools else {}


def _settled(context: ProviderContext, pool: JsonObject, name: str, control_plane: str) -> str:
    asked = as_text(pool.get("orchestratorVersion"))
    cluster = context.id if context.resource.type.lower() != _POOLS.lower() else parent_id_of(context.id)
    return (patch(asked) if asked else "") or pool_version(context.resources, cluster, name) or control_plane


def pool_members(context: ProviderContext) -> JsonObject:
    """The version of a pool that is written apart from its cluster."""
    cluster = context.resources.get(parent_id_of(context.id))
    version = current_version(cluster) if cluster is not None else ""
    settled = _settled(context, context.properties, context.leaf, version or patch("1.36"))
    return {"properties": _shown(settled)}


def copy_to_cluster(context: ProviderContext) -> None:
    """A pool that is both in the body of its cluster and written apart from it has one version."""
    cluster = context.resources.get(parent_id_of(context.id))
    if cluster is not None and context.leaf in cluster.internal:
        versions = {**cluster.internal, context.leaf: _shown(_orchestrator(context.resource))}
        context.resources.save(replace(cluster, internal=versions))


def stored_pools(resources: Resources, cluster: str) -> list[Resource]:
    """The pools of a cluster that are written apart from it."""
    return list(resources.children(cluster, _POOLS))


def _orchestrator(pool: Resource) -> str:
    return as_text(as_object(pool.computed.get("properties")).get("currentOrchestratorVersion"))


def _shown(version: str) -> JsonObject:
    return {"orchestratorVersion": version, "currentOrchestratorVersion": version}


def _minor(version: str) -> tuple[int, ...]:
    return parts(version)[:2]


def _steps(lower: str, higher: str) -> int:
    """Minor versions from one to the other."""
    return parts(patch(higher))[1] - parts(patch(lower))[1]
