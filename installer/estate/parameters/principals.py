"""Identities as Entra knows them: what the foundation stage gives back, and what to plan with before it has run."""

from dataclasses import dataclass
from typing import Final, Literal

from installer.answers.model import ENVIRONMENTS
from installer.estate.parameters.stage_spec import Outputs
from installer.json_access import objects_of
from installer.jsontypes import Json

Workload = Literal["web", "auth", "prefect", "worker", "gateway", "cluster", "kubelet", "dbadmin"]
WORKLOADS: Final[tuple[Workload, ...]] = (
    "web",
    "auth",
    "prefect",
    "worker",
    "gateway",
    "cluster",
    "kubelet",
    "dbadmin",
)
"""What has an identity of its own in an environment: the web app, what stands in for its client secret, the Prefect
server, the Prefect worker, the ingress that reads a certificate, the Kubernetes cluster, its nodes, the job
that makes roles in the databases."""


@dataclass(frozen=True)
class Principal:
    """An identity as Entra knows it."""

    object_id: str
    client_id: str


def principals_of(outputs: Outputs, environment: str) -> dict[str, Principal]:
    """The identities of an environment by workload, as the foundation stage gave them back.

    Raises KeyError if it gave back none.
    """
    for found in objects_of(outputs["foundation"]["environmentPrincipals"]):
        if found["name"] == environment and isinstance(found["principals"], list):
            return {
                str(principal["workload"]): Principal(str(principal["principalId"]), str(principal["clientId"]))
                for principal in objects_of(found["principals"])
            }
    raise KeyError(f"the foundation stage gave back no identities of {environment}")


def directory_key(environment: str) -> str:
    """Key of the step that makes the app registration of an environment; it gives back its `clientId`."""
    return f"directory-{environment}"


def _nearly_nil(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


def _placeholders(row: int) -> list[Json]:
    return [
        {
            "workload": workload,
            "principalId": _nearly_nil(1000 * row + 10 * column),
            "clientId": _nearly_nil(1000 * row + 10 * column + 1),
        }
        for column, workload in enumerate(WORKLOADS, start=1)
    ]


PLACEHOLDER_OUTPUTS: Final[Outputs] = {
    "foundation": {
        "environmentPrincipals": [
            {"name": environment, "principals": _placeholders(row)}
            for row, environment in enumerate(ENVIRONMENTS, start=1)
        ],
    },
    **{
        f"controlplane-{environment}": {"host": f"{environment}.not-known-yet.azurecontainerapps.io"}
        for environment in ENVIRONMENTS
    },
    **{
        directory_key(environment): {"clientId": _nearly_nil(1000 * row)}
        for row, environment in enumerate(ENVIRONMENTS, start=1)
    },
    **{
        f"runtime-{environment}": {
            "defaultDomain": f"{environment}.not-known-yet.azurecontainerapps.io",
            "staticIp": f"192.0.2.{row}",
        }
        for row, environment in enumerate(ENVIRONMENTS, start=1)
    },
}
"""Outputs to plan with before anything exists: ids that are nearly nil, each of them different."""
