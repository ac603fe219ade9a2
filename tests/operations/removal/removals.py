"""Removal of an installation in an embedded Azure of this process, whose clock runs on with each deletion."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from typing_extensions import override

from installer.answers.model import Answers
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Method, Response
from installer.engine.runner import Result
from installer.engine.runner import run as run_steps
from installer.engine.step import Stop
from installer.engine.stream import Stream
from installer.errors import InstallerError
from installer.jsontypes import Json
from installer.operations.removal.existing import Existing
from installer.operations.removal.extent import Extent
from installer.operations.removal.forecast import forecast
from installer.operations.removal.model import Forecast
from installer.operations.removal.reading import read
from installer.operations.removal.steps import removal_steps
from tests.emulator.asgi_client import Local
from tests.emulator.deployments.deployed_estate import DeployedEstate
from tests.preflight.surveyed import LocalService
from tests.steps.step_context import StepMemory, no_answer

_ACCEPTED: Final = 202


class Killed(Exception):
    """The process of the installer ends here."""


class MovingService(LocalService):
    """An embedded Azure whose operations end at once; `left`: changes that it takes before the installer is killed."""

    left: int | None = None

    def __init__(self, azure: Local, prefix: str = "") -> None:
        super().__init__(azure, prefix)
        self._clock = threading.Lock()

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        if method == "DELETE" and self.left is not None:
            if self.left == 0:
                raise Killed
            self.left -= 1
        try:
            response = super().reply(method, path, body, doing)
        except AzureRefused as refused:
            if refused.code == "ScopeLocked":
                with self._clock:
                    self.on_loop(self._azure.clock.advance(30))
            raise
        if response.status == _ACCEPTED and method == "DELETE":
            with self._clock:  # steps run side by side, and move one clock
                self.on_loop(self._azure.done())
        return response


@dataclass
class Removal:
    """An installation to be removed."""

    estate: DeployedEstate
    answers: Answers
    events: list[str] = field(default_factory=list)
    environment: str = ""
    remaining: Answers | None = None

    @cached_property
    def arm(self) -> MovingService:
        """Azure Resource Manager."""
        return MovingService(self.estate.azure)

    @cached_property
    def graph(self) -> MovingService:
        """Microsoft Graph."""
        return MovingService(self.estate.azure, "/v1.0")

    @property
    def extent(self) -> Extent:
        """The part of it that is removed."""
        return Extent(self.answers, self.environment, self.remaining)

    def read(self) -> Existing:
        """The state of the installation now."""
        return read(self.extent, self.arm, self.graph)

    def forecast(self) -> Forecast:
        """The forecast of a removal now."""
        return forecast(self.extent, self.read(), self.estate.azure.clock.now())

    def run(self, made: Forecast, kill_after: int | None = None) -> Result:
        """Carry a forecast out; with `kill_after`, the process ends at the next deletion."""
        self.arm.left = kill_after
        stream = Stream()
        stream.listen(lambda event: self.events.append(f"{event.kind} {event.text}"))
        steps = removal_steps(made, self.arm, self.graph, self.forecast)
        bugs: list[BaseException] = []

        def bug(error: BaseException) -> InstallerError:
            bugs.append(error)
            return InstallerError(repr(error))

        result = run_steps(
            steps, stream=stream, memory=StepMemory(), stop=Stop(), answering=no_answer, explain_bug=bug, patience=0
        )
        self.arm.left = None
        for one in bugs:
            if not isinstance(one, Killed):
                raise one
        return result

    def contents(self) -> set[str]:
        """IDs of everything in Azure and its directory, in lower case."""
        emulator = self.estate.azure.emulator
        store = emulator.resources
        found = [[*store.groups(one.id), *store.of_subscription(one.id)] for one in emulator.directory.subscriptions]
        kinds = ("applications", "servicePrincipals", "credentials")
        graph = [one for kind in kinds for one in store.of_type(f"graph/{kind}")]
        return {one.key for part in found for one in part} | {one.key for one in graph}

    def records(self) -> list[str]:
        """IDs of the deployments in Azure, in lower case; without those of a policy of others."""
        found = [str(key) for (key,) in self.estate.azure.database.rows("SELECT key FROM deployments")]
        return [key for key in found if "/deployments/policydeployment" not in key]

    def close(self) -> None:
        """End its threads."""
        self.arm.close()
        self.graph.close()
        self.estate.azure.database.close()
