"""Principals of managed identities: outputs of the stage foundation, and placeholders before it has run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from installer.answers.model import ENVIRONMENTS
from installer.estate import keys
from installer.estate.parameters.stage_spec import Outputs
from installer.json_access import objects_of
from installer.jsontypes import Json

Workload = Literal["web", "auth", "prefect", "worker", "gateway", "cluster", "kubelet", "dbadmin", "encryption"]
WORKLOADS: Final[tuple[Workload, ...]] = (
    "web",
    "auth",
    "prefect",
    "worker",
    "gateway",
    "cluster",
    "kubelet",
    "dbadmin",
    "encryption",
)
"""Workloads with a managed identity: web app, federated credential of the web app, Prefect server, Prefect worker, ingress
(reads the certificate), Kubernetes cluster, its nodes (kubelet), bootstrap job (creates database roles), storage account, server and disks (use the customer-managed key)."""


@dataclass(frozen=True)
class Principal:
    """Object ID and client ID of a managed identity."""

    object_id: str
    client_id: str


def principals_of(outputs: Outputs, environment: str) -> dict[str, Principal]:
    """Principals of an environment by workload, from the outputs of the stage foundation.

    Raises KeyError if the outputs have none.
    """
    for found in objects_of(outputs[keys.FOUNDATION]["environmentPrincipals"]):
        if found["name"] == environment and isinstance(found["principals"], list):
            return {
                str(principal["workload"]): Principal(str(principal["principalId"]), str(principal["clientId"]))
                for principal in objects_of(found["principals"])
            }
    raise KeyError(f"the outputs of the stage foundation have no identities of {environment}")


def _placeholder_guid(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


def _placeholders(row: int) -> list[Json]:
    return [
        {
            "workload": workload,
            "principalId": _placeholder_guid(1000 * row + 10 * column),
            "clientId": _placeholder_guid(1000 * row + 10 * column + 1),
        }
        for column, workload in enumerate(WORKLOADS, start=1)
    ]


PLACEHOLDER_OUTPUTS: Final[Outputs] = {
    **{
        keys.image(kind): {"digest": f"sha256:{number:064x}"} for number, kind in enumerate(("prefect", "web"), start=1)
    },
    keys.FOUNDATION: {
        "environmentPrincipals": [
            {"name": environment, "principals": _placeholders(row)}
            for row, environment in enumerate(ENVIRONMENTS, start=1)
        ],
    },
    **{
        keys.control_plane(environment): {"host": f"{environment}-web.not-known-yet.azurecontainerapps.io"}
        for environment in ENVIRONMENTS
    },
    **{
        keys.app_registration(environment): {"clientId": _placeholder_guid(1000 * row)}
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
"""Placeholder outputs for planning before the deployment: distinct, nearly nil GUIDs."""


def with_new_environments(foundation: Mapping[str, Json], environments: Collection[str]) -> dict[str, Json]:
    """Outputs of the stage foundation with placeholders for environments that its last deployment did not have."""
    known = objects_of(foundation.get("environmentPrincipals"))
    names = {one["name"] for one in known if one["principals"]}
    every = objects_of(PLACEHOLDER_OUTPUTS[keys.FOUNDATION]["environmentPrincipals"])
    added = [one for one in every if one["name"] in environments and one["name"] not in names]
    return {**foundation, "environmentPrincipals": [*known, *added]} if added else dict(foundation)
