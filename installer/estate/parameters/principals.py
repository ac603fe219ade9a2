"""Identities as Entra knows them: what the foundation stage gives back, and what to plan with before it has run."""

from dataclasses import dataclass
from typing import Final, Literal

from installer.answers.model import ENVIRONMENTS
from installer.estate import keys
from installer.estate.parameters.stage_spec import Outputs
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
    environments = outputs[keys.FOUNDATION]["environmentPrincipals"]
    for found in environments if isinstance(environments, list) else ():
        if isinstance(found, dict) and found["name"] == environment and isinstance(found["principals"], list):
            return {
                str(principal["workload"]): Principal(str(principal["principalId"]), str(principal["clientId"]))
                for principal in found["principals"]
                if isinstance(principal, dict)
            }
    raise KeyError(f"the foundation stage gave back no identities of {environment}")


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
    keys.FOUNDATION: {
        "environmentPrincipals": [
            {"name": environment, "principals": _placeholders(row)}
            for row, environment in enumerate(ENVIRONMENTS, start=1)
        ],
    },
    **{
        keys.control_plane(environment): {"host": f"{environment}.not-known-yet.azurecontainerapps.io"}
        for environment in ENVIRONMENTS
    },
    **{
        keys.app_registration(environment): {"clientId": _nearly_nil(1000 * row)}
        for row, environment in enumerate(ENVIRONMENTS, start=1)
    },
    **{
        keys.runtime(environment): {
            "defaultDomain": f"{environment}.not-known-yet.azurecontainerapps.io",
            "staticIp": f"192.0.2.{row}",
        }
        for row, environment in enumerate(ENVIRONMENTS, start=1)
    },
}
"""Outputs to plan with before anything exists: ids that are nearly nil, each of them different."""
