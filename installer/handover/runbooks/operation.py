"""Runbooks for daily operation: stop and start, scale, drain workers, upgrade Kubernetes."""

from collections.abc import Iterator

from installer.conventions.counts import counted
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.data import server_ids
from installer.handover.runbooks.model import Instruction, Runbook, at, in_environment
from installer.prefect_setup.desired import pool_name
from installer.resource_id import name_of

_NODE_POOL = "flows"
"""Node pool of flow runs: bicep/modules/kubernetes.bicep."""


def operation(it: Installation) -> Iterator[Runbook]:
    """The runbooks."""
    yield Runbook(
        "stop-and-start",
        "Stop and start",
        "To save cost while it is not used. Data stays; flow runs that are due meanwhile are late. Drain the workers first.",
        (*_power(it, "stop"), *_power(it, "start")),
    )
    yield Runbook(
        "scale",
        "Scale",
        "For more or larger flow runs, or a slow database. The next run of the installer sets the sizes of its answers again: "
        "give the new ones to those who run it.",
        tuple(_scale(it)),
    )
    yield Runbook(
        "drain-workers",
        "Drain workers",
        "Before maintenance: no new flow run starts, and those under way end. Runs that are created meanwhile start afterwards.",
        tuple(_drain(it)),
    )
    if any(site.on_kubernetes for site in it.sites):
        yield Runbook(
            "upgrade-kubernetes",
            "Upgrade Kubernetes",
            "Before a version of Kubernetes is no longer supported. Patches are installed by AKS. Drain the workers first.",
            tuple(_upgrade(it)),
        )


def _users(it: Installation, server: str) -> str:
    return ", ".join(site.name for site in it.sites if it.postgres(site) == name_of(server))


def _power(it: Installation, action: str) -> Iterator[Instruction]:
    """Workloads before databases when they stop, after them when they start."""
    workloads = [
        Instruction(f"{site.name}: {action} the cluster, then the web app", tuple(_workloads(it, site, action)))
        for site in it.sites
    ]
    databases = [
        Instruction(
            f"The database server of {_users(it, one)}: {action}",
            (f"az postgres flexible-server {action} {at(one)}",),
        )
        for one in server_ids(it)
        if _users(it, one)
    ]
    yield from (*workloads, *databases) if action == "stop" else (*databases, *workloads)


def _workloads(it: Installation, site: Site, action: str) -> Iterator[str]:
    where = in_environment(it, site)
    if site.on_kubernetes:
        yield f"az aks {action} {where} --name {it.names.kubernetes(site.name)}"
    if it.answers.platform.control_plane != "container_app":
        yield f"az webapp {action} {where} --name {it.names.site(site.name)}"


def _scale(it: Installation) -> Iterator[Instruction]:
    for site in it.sites:
        where = in_environment(it, site)
        if site.on_kubernetes:
            cluster = f"{where} --cluster-name {it.names.kubernetes(site.name)} --name {_NODE_POOL}"
            least, most = site.worker_nodes_least, site.worker_nodes_most
            yield Instruction(
                f"{site.name}: minimum and maximum of worker nodes, now {least} and {most}",
                (
                    f"az aks nodepool update {cluster} --update-cluster-autoscaler --min-count {least} --max-count {most}",
                    f"az aks nodepool show {cluster} --query count",
                ),
            )
        else:
            yield Instruction(
                f"{site.name}: replicas of the worker, now {counted(it.replicas(), 'replica')}",
                (
                    (
                        f"az containerapp update {where} --name {it.names.app(site.name, 'worker')} "
                        f"--min-replicas {it.replicas()} --max-replicas {it.replicas()}"
                    ),
                ),
            )
    for one in server_ids(it):
        if users := _users(it, one):
            size = next(site.postgres_size for site in it.sites if it.postgres(site) == name_of(one))
            yield Instruction(
                f"The database server of {users}: its size, now {size}; it restarts, so drain the workers first",
                (f"az postgres flexible-server update {at(one)} --sku-name {size}",),
            )


def _drain(it: Installation) -> Iterator[Instruction]:
    yield Instruction(
        "The command prefect runs inside the network, with PREFECT_API_URL and PREFECT_API_AUTH_STRING (Prefect Cloud: "
        "PREFECT_API_KEY) of the environment."
    )
    for site in it.sites:
        pool = pool_name(site.name)
        yield Instruction(
            f"{site.name}: pause the work pool, and repeat the second command until it lists no run",
            (
                f"prefect work-pool pause {pool}",
                "prefect flow-run ls --state-type PENDING --state-type RUNNING --state-type CANCELLING",
            ),
        )
        yield Instruction(f"{site.name}: resume it afterwards", (f"prefect work-pool resume {pool}",))


def _upgrade(it: Installation) -> Iterator[Instruction]:
    for site in it.sites:
        if not site.on_kubernetes:
            continue
        where, cluster = in_environment(it, site), it.names.kubernetes(site.name)
        yield Instruction(
            f"{site.name}: the versions that are offered",
            (f"az aks get-upgrades {where} --name {cluster} --output table",),
        )
        yield Instruction(
            f"{site.name}: the control plane, then the nodes, which are replaced one after another; VERSION is one of the offered",
            (
                f"az aks upgrade {where} --name {cluster} --kubernetes-version VERSION --control-plane-only --yes",
                *(
                    f"az aks nodepool upgrade {where} --cluster-name {cluster} --name {pool} --kubernetes-version VERSION --yes"
                    for pool in ("system", _NODE_POOL)
                ),
            ),
        )
        yield Instruction(
            f"{site.name}: all pods run again",
            (f'az aks command invoke {where} --name {cluster} --command "kubectl get pods --all-namespaces"',),
        )
