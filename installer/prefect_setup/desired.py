"""Desired objects in Prefect, computed from the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from installer.answers.model import Answers
from installer.conventions.naming import LAYERS, Names
from installer.conventions.naming.environment import FLOWS_ACCOUNT
from installer.conventions.sizing import cores
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.kubernetes.objects import (
    CONTAINER_SECURITY,
    HOME,
    IDENTITY_LABEL,
    KEPT_MOUNT,
    POD_SECURITY,
    TMP_MOUNT,
    TMP_VOLUME,
    file_of,
    kept_volume,
)
from installer.estate.parameters.kubernetes.prefect import CERTIFICATE_FILE
from installer.estate.parameters.prefect_api import PREFECT_CERTIFICATE, has_certificate
from installer.estate.parameters.prefect_container_apps import RUNS_PER_WORKER
from installer.images import IMAGE_FLOWS
from installer.prefect_setup.environment_variable import environment_variable
from installer.prefect_setup.lost_runs import lost_runs
from installer.prefect_setup.model import Block, Environment, Estate, WorkPool, WorkQueue
from installer.shipped_files import flow_project

QUEUE: Final = "flowforge"
CREDENTIALS_TYPE: Final = "azure-blob-storage-credentials"
CONTAINER_TYPE: Final = "azure-blob-storage-container"
PROJECT: Final = str(flow_project())
"""Folder with prefect.yaml and the initial flows of every environment."""
_FLOW_POD: Final[Mapping[str, JsonValue]] = {
    "metadata": {
        "labels": {IDENTITY_LABEL: "true"},
        # A flow run cannot be moved to another node.
        "annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"},
    },
    "spec": {
        "serviceAccountName": FLOWS_ACCOUNT,
        "automountServiceAccountToken": False,
        "securityContext": POD_SECURITY,
        # The volume with secrets makes the one that the job refers to, and has the certificate of the Prefect server.
        "volumes": [TMP_VOLUME, kept_volume(FLOWS_ACCOUNT)],
        "containers": [{"securityContext": CONTAINER_SECURITY, "volumeMounts": [TMP_MOUNT, KEPT_MOUNT]}],
    },
}
"""Pod of a flow run: the security settings are no variables, so that no deployment changes them."""
_TRUST: Final = {CERTIFICATE_FILE: file_of(PREFECT_CERTIFICATE)}
_FLOW_SIZE: Final = {"cpu_request": "500m", "memory_request": "1Gi", "cpu_limit": "2", "memory_limit": "4Gi"}
"""Default size of a flow run; a deployment may choose another one."""

_FINISHED_JOB_SECONDS: Final = 24 * 3600
"""Lifetime of the job of a finished flow run, for its log and its events; without one Kubernetes keeps it for ever."""


@dataclass(frozen=True)
class FlowRunLocation:
    """Location of flow runs.

    Attributes:
        flows: Folder of the flows for a worker.
        image: Repository and digest of the image of flow runs in a cluster.

    """

    flows: str
    image: str

    @classmethod
    def on_azure(cls, image: str) -> "FlowRunLocation":
        """Workers in the runtime of each environment; the image has the flows. It is the same in a rehearsal."""
        return cls(flows=IMAGE_FLOWS, image=image)


def pool_name(environment: str) -> str:
    """Name of the work pool of an environment."""
    return f"flowforge-{environment}"


def describe(answers: Answers, location: FlowRunLocation) -> Estate:
    """The desired objects in Prefect for these answers."""
    it = Installation(answers)
    return Estate(
        environments=tuple(
            Environment(
                name=environment,
                pool=_pool(it, it.site(environment), location),
                queue=WorkQueue(QUEUE, f"Flow runs of FlowForge in {environment}."),
                variable=environment_variable(it, it.site(environment)),
                blocks=_blocks(it.names, environment),
                flows=location.flows,
                automations=lost_runs(
                    environment,
                    pool_name(environment),
                    "kubernetes" if it.site(environment).on_kubernetes else "process",
                )
                if answers.platform.prefect == "server"
                else (),
            )
            for environment in answers.subscription.environments
        ),
    )


def _pool(it: Installation, site: Site, location: FlowRunLocation) -> WorkPool:
    names, environment = it.names, site.name
    kubernetes = site.on_kubernetes
    env = {"FLOWFORGE_ENVIRONMENT": environment, "FLOWFORGE_DATABASE_HOST": names.postgres_at(it.postgres(site))}
    defaults: dict[str, str | int | Mapping[str, str]] = {"env": env}
    if kubernetes:
        defaults |= {
            "env": {**env, **HOME, **(_TRUST if has_certificate(it, site) else {})},
            "namespace": names.namespace(environment, "flows"),
            "image": f"{names.registry_host}/{location.image}",
            **_FLOW_SIZE,
            "finished_job_ttl": _FINISHED_JOB_SECONDS,
        }
    where = names.kubernetes(environment) if kubernetes else "the worker's replicas"
    return WorkPool(
        name=pool_name(environment),
        type="kubernetes" if kubernetes else "process",
        description=f"FlowForge {environment}: flows run on {where}.",
        concurrency_limit=_limit(site),
        defaults=defaults,
        pod=_FLOW_POD if kubernetes else {},
    )


def _limit(site: Site) -> int:
    """One run for each core of the worker nodes, or those of each worker replica on Container Apps."""
    per_worker = cores(site.node_size) if site.on_kubernetes else RUNS_PER_WORKER
    return site.worker_nodes * max(per_worker, 1)


def _blocks(names: Names, environment: str) -> tuple[Block, ...]:
    account = names.blob_endpoint(environment).rstrip("/")
    # Only the URL: a managed identity needs no key or connection string.
    lake = Block(CREDENTIALS_TYPE, f"{environment}-lake", {"account_url": account}, {})
    containers = (
        Block(CONTAINER_TYPE, f"{environment}-{layer}", {"container_name": layer}, {"credentials": lake.key})
        for layer in LAYERS
    )
    return lake, *containers
