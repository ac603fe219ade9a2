"""The plan of an upgrade of Kubernetes: each cluster as Azure shows it, the versions of its region, and the rights for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from installer.errors import UsageError
from installer.estate.parameters.resource_ids import resource_id
from installer.json_access import as_text, member
from installer.operations.upgrade.cluster_path import Cluster, Move, moves, offered_patches, unsupported
from installer.operations.upgrade.model import UpgradePlan, VersionChange
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.offer_reads import kubernetes_versions
from installer.preflight.reads import NotVisible, listing, resource
from installer.preflight.rights.check import judged
from installer.preflight.rights.needs import Need
from installer.resource_id import name_of
from installer.steps.cluster_upgrade import CLUSTERS, POOLS, VERSION, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.estate.parameters.context import Installation, Site
    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

ORDER: Final = (
    "before them, the work pools of the environment are paused, and flow runs that are under way end",
    "after them, the work pools are resumed, and an acceptance run proves the environment; only then the next one begins",
)
INTERRUPTS: Final = (
    "flow runs that are created meanwhile wait until the work pools are resumed",
    "each node is drained before it is replaced: pods of Prefect and of others in the cluster move and start again",
)
BACK: Final = (
    "Azure does not go back to an older version of Kubernetes, and an upgrade that has begun is not stopped halfway",
    "if the acceptance run fails: correct the workload and repeat the command; the old version exists only in a new cluster",
)
_UNSEEN: Final = (
    NotChecked(
        "use of APIs that the new version removes",
        "only Azure has records of it, and stops the upgrade before it begins",
    ),
    NotChecked("vCPU quota for the additional nodes", "the autoscaler may change the number of nodes until then"),
)


@dataclass(frozen=True)
class ClusterUpgrade:
    """The upgrades of the cluster of an environment.

    Attributes:
        site: The environment.
        cluster: Resource ID.
        moves: Upgrades in their order.

    """

    site: Site
    cluster: str
    moves: tuple[Move, ...]


def cluster_of(it: Installation, site: Site) -> str:
    """Resource ID of the cluster of an environment."""
    group = it.names.group(site.name)
    return resource_id(site.subscription, group, CLUSTERS, it.names.kubernetes(site.name))


def sites_on_kubernetes(it: Installation, environment: str) -> list[Site]:
    """The environments that are meant, and have a cluster. Raises UsageError if none has."""
    sites = [site for site in it.sites if site.on_kubernetes and environment in ("", site.name)]
    if not sites:
        where = environment or "the installation"
        raise UsageError(f"upgrade kubernetes: {where} has no cluster; its flows run on Container Apps")
    return sites


def plan_clusters(
    subject: Subject, it: Installation, environment: str, to: str, *, all_sites: bool = False
) -> tuple[UpgradePlan, tuple[ClusterUpgrade, ...]]:
    """The plan, and what to do at each cluster. Queries Azure; read-only.

    Args:
        subject: The answers with the reads.
        it: The installation.
        environment: The environment, "" for all of them.
        to: The version, "" for the newest one of each region.
        all_sites: Whether clusters that have the version are among those that are returned: a continued upgrade has to resume their
            work pools, and to prove them.

    Raises:
        UsageError: the version is not offered, or older than that of a cluster.

    """
    found: list[ClusterUpgrade] = []
    entries: list[Entry] = []
    problems: list[str] = []
    for site in sites_on_kubernetes(it, environment):
        where = cluster_of(it, site)
        try:
            body, cluster = _read(subject, where)
            patches = offered_patches(subject.arm.find(kubernetes_versions(site.subscription, site.location)) or {})
        except NotVisible as unseen:
            entries.append(_unread(where, unseen))
            continue
        target, problem = _target(cluster, to, patches, site)
        problems += [problem] if problem and problem not in problems else []
        entries += _states(where, body, cluster, patches)
        if target:
            found.append(ClusterUpgrade(site, where, tuple(moves(cluster, target, patches))))
    if problems:
        raise UsageError("\n".join(problems))
    upgrades = tuple(one for one in found if one.moves)
    if upgrades:
        entries += [*judged(subject, list(needs_of(upgrades))), *_UNSEEN]
    plan = UpgradePlan("kubernetes", it.names.prefix, tuple(_changes(upgrades)), ORDER, INTERRUPTS, BACK)
    findings = tuple(one for one in entries if isinstance(one, Finding))
    unseen_entries = tuple(dict.fromkeys(one for one in entries if isinstance(one, NotChecked)))
    return replace(plan, findings=findings, not_checked=unseen_entries), tuple(found) if all_sites else upgrades


def _read(subject: Subject, where: str) -> tuple[dict[str, Json], Cluster]:
    body = subject.arm.find(resource(f"{where}?api-version={VERSION}", name_of(where))) or {}
    if not body:
        raise NotVisible(name_of(where), "it does not exist")
    pools = subject.arm.every(listing(f"{where}/agentPools?api-version={VERSION}", f"node pools of {name_of(where)}"))
    versions = {
        as_text(one.get("name")): _shown(one, "currentOrchestratorVersion", "orchestratorVersion") for one in pools
    }
    return body, Cluster(_shown(body, "currentKubernetesVersion", "kubernetesVersion"), versions)


def _shown(body: dict[str, Json], *names: str) -> str:
    return next((text for name in names if (text := as_text(member(body, "properties", name)))), "")


def _unread(where: str, unseen: NotVisible) -> Finding:
    why = f"{unseen.what}: {unseen.why}"
    return Finding("blocks", f"the versions of {name_of(where)} cannot be read", where, why)


def _target(cluster: Cluster, to: str, patches: dict[tuple[int, ...], list[str]], site: Site) -> tuple[str, str]:
    """The version that a cluster gets, or why it cannot have the one that was asked for."""
    every = [one for minor in sorted(patches, reverse=True) for one in patches[minor]]
    if not every:
        return "", f"{site.location} shows no versions of Kubernetes"
    if not to:
        return max((every[0], cluster.version), key=numbers), ""
    wanted = next((one for one in every if to in (one, one.rpartition(".")[0])), "")
    if not wanted:
        return "", f"--to {to}: {site.location} offers {', '.join(every)}"
    if numbers(to) == numbers(cluster.version)[:2]:
        wanted = max(wanted, cluster.version, key=numbers)
    if numbers(wanted) < numbers(cluster.version):
        text = f"{site.name} has {cluster.version}, and Azure does not go back to an older version of Kubernetes"
        return "", f"--to {to}: {text}"
    return wanted, ""


def _states(
    where: str, body: dict[str, Json], cluster: Cluster, patches: dict[tuple[int, ...], list[str]]
) -> Iterator[Finding]:
    """Findings about the state of a cluster."""
    name = name_of(where)
    if as_text(member(body, "properties", "powerState", "code")).lower() == "stopped":
        ways = (WayOut(f"start it: az aks start --ids {where}"),)
        yield Finding("blocks", f"{name} is stopped", where, "Azure upgrades no stopped cluster", ways)
    state = as_text(member(body, "properties", "provisioningState"))
    if state.lower() not in ("", "succeeded"):
        yield Finding("warns", f"{name} is in the state {state}", where, "the upgrade waits for an operation of others")
    for version in unsupported(cluster, patches):
        why = (
            "Azure upgrades it to a supported version only without guarantee, and node pools on the way are not offered"
        )
        ways = (WayOut("make a new cluster, or upgrade it in the portal, then repeat the command"),)
        yield Finding("blocks", f"Kubernetes {version} of {name} has left support", where, why, ways)


def needs_of(upgrades: Sequence[ClusterUpgrade]) -> Iterator[Need]:
    """Actions that the upgrades send, at the groups of the clusters."""
    for one in upgrades:
        group = one.cluster.partition("/providers/")[0]
        for kind in (CLUSTERS, POOLS):
            yield Need(f"{kind}/write", group, f"upgrade {name_of(one.cluster)}", place=group, target=one.cluster)


def _changes(upgrades: Sequence[ClusterUpgrade]) -> Iterator[VersionChange]:
    for one in upgrades:
        for move in one.moves:
            what = f"node pool {move.pool}" if move.pool else "control plane"
            resource_of = f"{one.cluster}/agentPools/{move.pool}" if move.pool else one.cluster
            shown = f"{name_of(one.cluster)}, {what}"
            yield VersionChange(one.site.name, resource_of, shown, move.before, move.after)
