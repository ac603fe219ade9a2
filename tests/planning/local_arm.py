"""Azure Resource Manager and Microsoft Graph of an embedded Azure in the test's own process, as plans read them."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from typing_extensions import override

from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.errors import refused_by
from installer.cloud.models import Deployment, deployment_of
from installer.emulator.deployments.request import propose, scope_of
from installer.emulator.deployments.whatif import what_if
from installer.emulator.errors import ArmError
from installer.json_access import member, objects_of
from installer.jsontypes import Json
from tests.emulator.asgi_client import Local
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.in_memory import run
from tests.preflight.surveyed import LocalService

API = "2025-04-01"


class LocalArm(Arm):
    """Azure Resource Manager whose requests stay in this process."""

    def __init__(self, azure: Local, subscription: str) -> None:
        self.azure = azure
        self._service = LocalService(azure)
        super().__init__(self._service.target, subscription)

    @cached_property
    @override
    def service(self) -> LocalService:
        return self._service

    @cached_property
    @override
    def graph(self) -> LocalService:
        return LocalService(self.azure, "/v1.0")

    @override
    def groups(self, subscription: str) -> set[str]:
        found = self.service.every(f"/subscriptions/{subscription}/resourcegroups?api-version={API}")
        return {str(one["name"]).lower() for one in found}

    @override
    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        return self.service.find(f"{resource_id}?api-version={api_version}")

    @override
    def deployment(self, name: str) -> Deployment | None:
        path = f"/subscriptions/{self.subscription}/providers/Microsoft.Resources/deployments/{name}"
        found = self.service.find(f"{path}?api-version={API}")
        return deployment_of(name, found) if found else None

    @override
    def what_if(
        self, name: str, *, location: str, template: Mapping[str, Json], parameters: Mapping[str, Json]
    ) -> list[dict[str, Json]]:
        properties: Json = {"mode": "Incremental", "template": dict(template), "parameters": dict(parameters)}
        body = json.dumps({"location": location, "properties": properties})
        emulator = self.azure.emulator
        home = scope_of(f"/subscriptions/{self.subscription}", emulator.directory.tenant_id)
        try:
            runtime = self.azure.engine.runtime
            proposal = propose(emulator, home, name, body, runtime=runtime, needs_location=True)
            result = what_if(emulator, proposal, "a-correlation")
        except ArmError as refused:
            error: Json = {"code": refused.code, "message": refused.message}
            raise refused_by(error, name, status=refused.status) from refused
        return objects_of(member(result, "properties", "changes"))

    def close(self) -> None:
        """End the threads of its services."""
        self.service.close()
        if "graph" in self.__dict__:
            self.graph.close()


def installed(path: Path, given: Answers) -> DeployedEstate:
    """An installation whose stages are deployed."""
    estate = new_estate(path, given)
    run(estate.deploy(given, all_stages=True))
    return estate
