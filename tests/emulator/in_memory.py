"""An embedded Azure inside the test's own process, with a clock that the test moves."""

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from installer.emulator.core import Emulator, open_emulator
from installer.emulator.deployments.engine import Engine
from installer.emulator.deployments.preflight import check_proposal
from installer.emulator.deployments.request import propose, scope_of
from installer.emulator.faults.requested import parse
from installer.emulator.state.database import Database
from installer.emulator.state.deployments import Deployment, Operation
from installer.json_access import JsonObject, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.manual_clock import ManualClock

SUBSCRIPTION: Final = "11111111-2222-3333-4444-555555555555"
SCOPE: Final = f"/subscriptions/{SUBSCRIPTION}"
GROUP: Final = f"{SCOPE}/resourceGroups/rg-a"

T = TypeVar("T")


@dataclass
class Bench:
    """One world with its engine."""

    path: Path
    clock: ManualClock
    database: Database
    emulator: Emulator
    engine: Engine

    def deploy(
        self,
        template: Mapping[str, Json],
        parameters: Mapping[str, Json] | None = None,
        *,
        name: str = "main",
        scope: str = SCOPE,
        location: str | None = "westeurope",
        mode: str = "Incremental",
    ) -> Deployment:
        """Send a deployment; what ARM refuses raises."""
        given = {key: {"value": value} for key, value in (parameters or {}).items()}
        body: dict[str, Json] = {"properties": {"mode": mode, "template": dict(template), "parameters": {**given}}}
        if location is not None:
            body["location"] = location
        proposal = propose(
            self.emulator,
            scope_of(scope, self.emulator.directory.tenant_id),
            name,
            json.dumps(body),
            runtime=self.engine.runtime,
            needs_location=True,
        )
        check_proposal(self.emulator, proposal)
        return self.engine.accept(proposal, "a-correlation")[0]

    def deployment(self, name: str = "main", scope: str = SCOPE) -> Deployment:
        """The stored record."""
        found = self.emulator.deployments.get(f"{scope}/providers/Microsoft.Resources/deployments/{name}")
        assert found is not None
        return found

    def operations(self, name: str = "main", scope: str = SCOPE) -> dict[str, Operation]:
        """The operations of a deployment by the last part of their target's name."""
        found = self.emulator.deployments.operations(self.deployment(name, scope).key)
        return {as_text(member(item.target, "id")).rsplit("/", 1)[-1]: item for item in found}

    def properties(self, resource_id: str) -> dict[str, Json]:
        """The properties of a resource as a GET shows them."""
        resource = self.emulator.resources.get(resource_id)
        assert resource is not None, resource_id
        return as_object(self.emulator.view(resource)["properties"])

    def died(self) -> "Bench":
        """The same state after the process was killed: nothing of the old engine is left."""
        self.clock.forget()
        self.database.close()
        return bench(self.path, clock=self.clock)


def bench(
    path: Path,
    *,
    clock: ManualClock | None = None,
    speed: float = 1,
    faults: Sequence[str] = (),
    script_outputs: Mapping[str, JsonObject] | None = None,
) -> Bench:
    """A world kept under `path`, in which `faults` strike and deployment scripts have outputs."""
    clock = clock or ManualClock()
    database = Database(path / "azure.sqlite")
    asked = [parse(text) for text in faults]
    emulator = open_emulator(
        database, clock, speed, subscriptions=[f"{SUBSCRIPTION}=Bench"], faults=asked, script_outputs=script_outputs
    )
    return Bench(path, clock, database, emulator, Engine(emulator))


def run(work: Coroutine[None, None, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(work)
