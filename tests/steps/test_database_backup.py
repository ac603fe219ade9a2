"""The backup before an upgrade: made once, found again, and replaced by the time to restore to where the service has none."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typing_extensions import override

from installer.cloud.rest import Method, Response
from installer.jsontypes import Json
from installer.steps.database_backup import BackUpServer
from tests.emulator.asgi_client import Local, local
from tests.emulator.in_memory import run
from tests.emulator.providers.test_database_backups import SERVER, server
from tests.preflight.surveyed import LocalService
from tests.steps.step_context import context_of

BIG, SMALL = "Standard_D2ds_v5", "Standard_B2ms"


class Moving(LocalService):
    """An embedded Azure whose operations end at once; counts the backups that are asked for."""

    asked = 0

    @override
    def reply(self, method: Method, path: str, body: "dict[str, Json] | None", doing: str) -> Response:  # type: ignore[override]
        self.asked += method == "PUT"
        response = super().reply(method, path, body, doing)
        if method == "PUT":
            self.on_loop(self._azure.done())
        return response


@dataclass
class Backups:
    """A server with its backups."""

    azure: Local
    events: list[str] = field(default_factory=list)
