"""A data lake and identities in a running embedded Azure, and programs that run with them as jobs of Container Apps."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from installer.emulator.prefect.job_results import JobResults
from installer.jsontypes import Json
from tests.emulator.server_process import Served
from tests.processes import until

LAKE: Final = "ffdevlake0001"
CONTRIBUTOR: Final = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
READER: Final = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
LAYERS: Final = ("landing", "bronze", "silver", "gold")
WHERE: Final = "westeurope"
_JOBS: Final = "2025-07-01"
_STORAGE: Final = "2025-06-01"
_ROLES: Final = "2022-04-01"


@dataclass(frozen=True)
class Identity:
    """A managed identity."""

    id: str
    object_id: str
    client_id: str


@dataclass
class DataSite:
    """An environment with a lake.

    Attributes:
        azure: The running server.
        state: Its state directory.
        group: Resource ID of the group.
        who: Identities by name.

    """

    azure: Served
    state: Path
    group: str
    who: dict[str, Identity] = field(default_factory=dict)

    @property
    def lake(self) -> str:
        """Resource ID of the storage account."""
        return f"{self.group}/providers/Microsoft.Storage/storageAccounts/{LAKE}"

    def container(self, name: str) -> str:
        """Resource ID of a container."""
        return f"{self.lake}/blobServices/default/containers/{name}"

    def put(self, path: str, version: str, body: Mapping[str, Json]) -> dict[str, Any]:
        """Make a resource, and wait until it exists."""
        return self.azure.put(path, version, body)

    def add_identity(self, name: str) -> Identity:
        """A managed identity."""
        where = f"{self.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-{name}"
        made = self.put(where, "2024-11-30", {"location": WHERE})["properties"]
        self.who[name] = Identity(where, made["principalId"], made["clientId"])
        return self.who[name]

    def grant(self, name: str, role: str, scope: str) -> None:
        """Assign a built-in role to an identity."""
        where = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        definition = f"{self.azure.scope}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        properties: Json = {"roleDefinitionId": definition, "principalId": self.who[name].object_id}
        self.put(where, _ROLES, {"properties": properties})

    def put_lake(self, **properties: Json) -> None:
        """The storage account as the template makes it, with other properties."""
        own: dict[str, Json] = {"isHnsEnabled": True, "allowSharedKeyAccess": False, **properties}
        sku: Json = {"name": "Standard_ZRS"}
        self.put(self.lake, _STORAGE, {"location": WHERE, "kind": "StorageV2", "sku": sku, "properties": own})

    def put_container(self, name: str) -> None:
        """A container of the lake."""
        self.put(self.container(name), _STORAGE, {"properties": {}})

    def run(
        self, program: str, acts: str, *arguments: str, settings: Mapping[str, str] | None = None, secret: str = ""
    ) -> str:
        """Run a Python program as a job with an identity; returns its output. It must succeed.

        `secret`: URI of a secret in a key vault, for the variable SECRET.
        """
        name = f"job-{uuid.uuid4().hex[:8]}"
        job = f"{self.group}/providers/Microsoft.App/jobs/{name}"
        given = {"AZURE_CLIENT_ID": self.who[acts].client_id, **(settings or {})}
        env: list[Json] = [{"name": key, "value": value} for key, value in given.items()]
        if secret:
            env.append({"name": "SECRET", "secretRef": "kept"})
        kept: Json = [{"name": "kept", "keyVaultUrl": secret, "identity": self.who[acts].id}] if secret else []
        command: Json = ["python", "-c", program, *arguments]
        container: Json = {"name": "job", "image": "docker.io/library/python:3", "command": command, "env": env}
        properties: Json = {
            "configuration": {"triggerType": "Manual", "replicaTimeout": 60, "secrets": kept},
            "template": {"containers": [container]},
        }
        assigned: Json = {"type": "UserAssigned", "userAssignedIdentities": {self.who[acts].id: {}}}
        self.put(job, _JOBS, {"location": WHERE, "identity": assigned, "properties": properties})
        where = self.azure.raw("POST", f"{job}/start?api-version={_JOBS}").json()["id"]
        status = ""

        def ended() -> bool:
            nonlocal status
            status = str(self.azure.get(f"{where}?api-version={_JOBS}")["properties"]["status"])
            return status != "Running"

        until(ended, "the job has ended", 300.0)
        log = JobResults(self.state / "prefect").log(where)
        assert status == "Succeeded", log
        return log

    def results(
        self, program: str, acts: str, *arguments: str, settings: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Run a program whose last line is a JSON object; returns this object."""
        found: dict[str, Any] = json.loads(
            self.run(program, acts, *arguments, settings=settings).strip().splitlines()[-1]
        )
        return found


def register(azure: Served, *namespaces: str) -> None:
    """Register resource providers."""
    for namespace in namespaces:
        azure.raw("POST", f"{azure.scope}/providers/{namespace}/register?api-version=2021-04-01")
        where = f"{azure.scope}/providers/{namespace}?api-version=2021-04-01"
        until(lambda where=where: azure.get(where)["registrationState"] == "Registered", namespace)  # type: ignore[misc]


def build(azure: Served, state: Path) -> DataSite:
    """A lake with its layers; a worker that may write, a reader of the landing layer, and an identity without roles."""
    register(azure, "Microsoft.App", "Microsoft.Storage")
    site = DataSite(azure, state, f"{azure.scope}/resourceGroups/rg-data")
    site.put(site.group, "2025-04-01", {"location": WHERE})
    site.put_lake()
    for layer in LAYERS:
        site.put_container(layer)
    for name in ("worker", "reader", "stranger"):
        site.add_identity(name)
    site.grant("worker", CONTRIBUTOR, site.lake)
    site.grant("reader", READER, site.container("landing"))
    return site
