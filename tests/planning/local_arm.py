"""Azure Resource Manager and Microsoft Graph of an embedded Azure in the test's own process, as plans read them."""

import copy
import dataclasses
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from typing_extensions import override

from installer import __version__
from installer.answers.draft import answers_as_json
from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.errors import refused_by
from installer.cloud.models import Deployment, deployment_of
from installer.conventions.naming import INSTALLATION_TAG
from installer.emulator.deployments.request import DeploymentRequest, propose, scope_of
from installer.emulator.deployments.whatif import what_if
from installer.emulator.errors import ArmError
from installer.estate.parameters.context import Installation
from installer.json_access import JsonObject, member, objects_of
from installer.jsontypes import Json
from installer.steps import answers_record
from tests.emulator.asgi_client import Local
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.in_memory import run
from tests.preflight.surveyed import LocalService

if TYPE_CHECKING:
    from installer.arm_templates import Plan
    from installer.arm_templates.scopes import Scope

API = "2025-04-01"


class _PredictedOnce:
    """A plan whose prediction, which depends on the template and the parameters only, is made once."""

    def __init__(self, plan: Any) -> None:
        self._plan = plan

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plan, name)

    @cached_property
    def _found(self) -> list[Any]:
        return list(self._plan.predict())

    def predict(self) -> list[Any]:
        """The predicted resources."""
        return copy.deepcopy(self._found)


class LocalArm(Arm):
    """Azure Resource Manager whose requests stay in this process.

    Args:
        azure: The embedded Azure.
        subscription: The subscription.
        expands_once: Whether the same template with the same parameters is expanded once: for many plans of one estate.

    """

    def __init__(self, azure: Local, subscription: str, *, expands_once: bool = False) -> None:
        self.azure = azure
        self._expanded: dict[str, DeploymentRequest] | None = {} if expands_once else None
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
    def registrations(self, subscription: str) -> dict[str, str]:
        found = self.service.every(f"/subscriptions/{subscription}/providers?api-version={API}")
        return {str(one["namespace"]).lower(): str(one["registrationState"]) for one in found}

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

        async def asked() -> JsonObject:
            return what_if(emulator, self._proposal(home, name, body), "a-correlation")

        try:
            result = self.service.on_loop(asked())
        except ArmError as refused:
            error: Json = {"code": refused.code, "message": refused.message}
            raise refused_by(error, name, status=refused.status) from refused
        return objects_of(member(result, "properties", "changes"))

    def _proposal(self, home: "Scope", name: str, body: str) -> DeploymentRequest:
        if self._expanded is not None and (known := self._expanded.get(name + body)) is not None:
            return known
        runtime = self.azure.engine.runtime
        found = propose(self.azure.emulator, home, name, body, runtime=runtime, needs_location=True)
        if self._expanded is not None:
            plan = cast("Plan", _PredictedOnce(found.plan))
            found = self._expanded[name + body] = dataclasses.replace(found, plan=plan)
        return found

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


def record_answers(estate: DeployedEstate, given: Answers, run_name: str = "r1") -> None:
    """Record answers in Azure, as a run does."""
    it = Installation(given)
    values = {"answers": answers_as_json(given), "given": {}, "run": run_name, "installer": __version__}
    body: Any = {
        "location": it.location,
        "tags": {INSTALLATION_TAG: given.subscription.prefix},
        "properties": {
            "mode": "Incremental",
            "template": answers_record.TEMPLATE,
            "parameters": {name: {"value": value} for name, value in values.items()},
        },
    }
    name = it.names.deployment(answers_record.STAGE)
    path = f"{estate.scope}/providers/Microsoft.Resources/deployments/{name}?api-version={API}"
    run(estate.ask("PUT", path, body))
