"""The whole application inside the test's own process: requests without sockets, time under the test's hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Message

from installer.emulator.authorization.tokens import open_identity
from installer.emulator.core import open_emulator
from installer.emulator.deployments.engine import Engine
from installer.emulator.deployments.stacks import Stacks
from installer.emulator.faults.requested import parse
from installer.emulator.protocol.app import application
from installer.emulator.protocol.request import Azure
from installer.emulator.protocol.throttling import Throttle
from installer.emulator.state.database import Database
from installer.emulator.survey import Survey
from installer.json_access import JsonObject, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.in_memory import SUBSCRIPTION, Bench
from tests.emulator.manual_clock import ManualClock

HOST: Final = "127.0.0.1:1"
API: Final = "2025-04-01"


@dataclass(frozen=True)
class Reply:
    """A response: status, headers by lower-case name, and the text of the body."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> JsonObject:
        """The body as an object."""
        return as_object(json.loads(self.text)) if self.text else {}

    @property
    def code(self) -> str:
        """The error code, or ''."""
        return as_text(member(self.json, "error", "code"))

    @property
    def value(self) -> list[JsonObject]:
        """The items of a list."""
        found = self.json["value"]
        assert isinstance(found, list)
        return [as_object(item) for item in found]


@dataclass
class Local(Bench):
    """A world with the application on top."""

    azure: Azure

    async def ask(
        self,
        method: str,
        url: str,
        body: Json = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        audience: str = "https://127.0.0.1:1",
    ) -> Reply:
        """Send one request as the service principal; `url` may be a whole one, also of a data plane."""
        parts = urlsplit(url)
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        token = self.azure.identity.token(self.emulator.directory.tenant_id, audience, "any")
        sent = {"host": parts.netloc or HOST, "authorization": f"Bearer {token}", **(headers or {})}
        scope = {
            "type": "http",
            "method": method,
            "path": parts.path,
            "raw_path": parts.path.encode("utf-8", "surrogatepass"),
            "query_string": parts.query.encode("utf-8", "surrogatepass"),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
            "scheme": "https",
            "server": ("127.0.0.1", 1),
            "asgi": {"version": "3.0", "spec_version": "2.4"},  # streams do not wait for a disconnection
        }
        answered: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            answered.append(message)

        await application(self.azure)(scope, receive, send)
        begun = next(message for message in answered if message["type"] == "http.response.start")
        text = b"".join(message.get("body", b"") for message in answered).decode()
        return Reply(begun["status"], {a.decode("latin-1"): b.decode("latin-1") for a, b in begun["headers"]}, text)

    async def done(self) -> None:
        """Advance the clock until the engine is idle."""
        await self.clock.finish(self.engine)


def local(
    path: Path,
    *,
    survey: Survey | None = None,
    faults: tuple[str, ...] = (),
    cloud: str | None = None,
    others: tuple[str, ...] = (),
) -> Local:
    """A world with its application, kept under `path`; `others`: IDs of further subscriptions."""
    clock, database = ManualClock(), Database(path / "azure.sqlite")
    identity = open_identity(database, clock)
    emulator = open_emulator(
        database,
        clock,
        1,
        subscriptions=[f"{SUBSCRIPTION}=Bench", *(f"{other}=Other" for other in others)],
        faults=[parse(text) for text in faults],
        caller=identity,
        survey=survey,
        cloud=cloud,
    )
    engine = Engine(emulator)
    azure = Azure(emulator, engine, identity, Stacks(emulator, engine), Throttle(clock, 1))
    return Local(path, clock, database, emulator, engine, azure)
