"""The request that handlers receive, and helpers for their responses."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.responses import Response

from installer.emulator.deployments.errors import subscription_not_found
from installer.emulator.deployments.request import group_not_found, read_body
from installer.emulator.errors import ArmError
from installer.json_access import JsonObject, as_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from installer.emulator.authorization.tenant import Subscription
    from installer.emulator.authorization.tokens import Identity
    from installer.emulator.core import Emulator
    from installer.emulator.deployments.engine import Engine
    from installer.emulator.deployments.stacks import Stacks
    from installer.emulator.protocol.throttling import Throttle
    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

_MAX_BODY = 8 * 1024 * 1024  # ARM accepts 4 MB; the rest is for clients that indent
_IN_HEADERS: Final = bytes(range(0x20, 0x7F))
"""Characters of headers: other ones would split a response, or cannot be sent (RFC 9110, 5.5)."""


@dataclass(frozen=True)
class Azure:
    """The parts of the running server that handlers use."""

    emulator: Emulator
    engine: Engine
    identity: Identity
    stacks: Stacks
    throttle: Throttle


@dataclass(frozen=True)
class ArmRequest:
    """One request.

    Attributes:
        azure: The running server.
        http: The HTTP request.
        path: The path without doubled and trailing slashes.
        parts: Values of the placeholders of the route.
        query: The query parameters; `api-version` is in lower case.
        correlation_id: The id that the response repeats.
        claims: The claims of the caller's token.

    """

    azure: Azure
    http: Request
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    correlation_id: str
    claims: JsonObject = field(default_factory=dict)

    @property
    def emulator(self) -> Emulator:
        """The state of this embedded Azure."""
        return self.azure.emulator

    @property
    def base(self) -> str:
        """The endpoint at which the client reached the server."""
        return f"https://{self.http.headers.get('host', '127.0.0.1')}"

    @property
    def api_version(self) -> str:
        """The requested api-version, or ''."""
        return self.query.get("api-version", "")

    def subscription(self, *, for_writing: bool = False) -> Subscription:
        """The subscription in the path; ArmError if it is unknown, or disabled and `for_writing`."""
        subscription_id = self.parts.get("subscription", "")
        found = self.emulator.directory.subscription(subscription_id)
        if found is None:
            raise subscription_not_found(subscription_id)
        if for_writing and found.read_only:
            raise ArmError(
                409,
                "ReadOnlyDisabledSubscription",
                f"The subscription '{found.id}' is disabled and therefore marked as read only. You cannot perform "
                "any write actions on this subscription until it is re-enabled.",
            )
        return found

    def group(self) -> Resource:
        """The resource group in the path; ArmError ResourceGroupNotFound if it is missing."""
        name = self.parts["group"]
        found = self.emulator.resources.get(f"/subscriptions/{self.subscription().id}/resourceGroups/{name}")
        if found is None:
            raise group_not_found(name)
        return found

    async def text(self) -> str:
        """The body; ArmError when it is too large or not UTF-8."""
        chunks, size = [], 0
        async for chunk in self.http.stream():
            size += len(chunk)
            if size > _MAX_BODY:
                raise ArmError(413, "RequestContentTooLarge", f"The request content is larger than {_MAX_BODY} bytes.")
            chunks.append(chunk)
        try:
            return b"".join(chunks).decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise ArmError(400, "InvalidRequestContent", "The request content is not UTF-8.") from problem

    async def body(self) -> JsonObject:
        """The body as an object; an empty one for an empty body."""
        text = await self.text()
        return as_object(read_body(text).value) if text.strip() else {}


def answer(status: int, body: Json = None, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response, empty without a body. Headers may hold names that a client has chosen, as parts of URLs."""
    sent = {name: quote(value, safe=_IN_HEADERS) for name, value in (headers or {}).items()}
    if body is None:
        return Response(status_code=status, headers=sent)
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(content, status, sent, media_type="application/json; charset=utf-8")


def refused(refusal: ArmError) -> Response:
    """An error response in ARM's envelope."""
    return answer(refusal.status, refusal.body(), {"x-ms-failure-cause": refusal.cause, **refusal.headers})


def correlation_of(headers: Mapping[str, str]) -> str:
    """The caller's correlation id or trace id, else a new GUID."""
    sent = headers.get("x-ms-correlation-request-id", "")
    if sent and len(sent) <= 64 and sent.isascii() and sent.isprintable():
        return sent
    trace = headers.get("traceparent", "").split("-")
    if len(trace) == 4 and len(trace[1]) == 32 and trace[1].isalnum():
        return trace[1].lower()
    return str(uuid.uuid4())
