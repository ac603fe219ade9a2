"""A request to a data plane, its refusal, and the checks that all data planes share: token, audience, role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.emulator.providers.roles import can
from installer.json_access import as_list, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

    from installer.emulator.core import Emulator
    from installer.emulator.protocol.request import Azure
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject


class ServiceError(Exception):
    """A refusal: HTTP status, code, message; `detail` is text that only storage has."""

    def __init__(
        self, status: int, code: str, message: str, *, detail: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class DataRequest:
    """One request to a data plane.

    Attributes:
        azure: The running server.
        http: The HTTP request.
        host: The host name that it was sent to.
        resource: The resource that has this name; None for a regional endpoint.
        request_id: Its id in the response.

    """

    azure: Azure
    http: Request
    host: str
    resource: Resource | None
    request_id: str

    @property
    def emulator(self) -> Emulator:
        """The state of this embedded Azure."""
        return self.azure.emulator

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.http.method

    @property
    def path(self) -> str:
        """The decoded path; doubled slashes are part of names."""
        return str(self.http.scope["path"])

    def query(self, name: str) -> str:
        """A query parameter, '' if it is missing."""
        return self.http.query_params.get(name, "")

    def header(self, name: str) -> str:
        """A header, '' if it is missing."""
        return self.http.headers.get(name, "")

    def bearer(self) -> str | None:
        """The bearer token; None without one."""
        scheme, _, token = self.header("authorization").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def claims(self) -> JsonObject | None:
        """The claims of a valid bearer token, else None."""
        token = self.bearer()
        return self.azure.identity.claims(token) if token else None

    def holds(self, claims: JsonObject, action: str, scope: str, *, data: bool = True) -> bool:
        """Whether roles of the caller that are in effect allow an action; a role with unknown permissions allows none."""
        here = self.resource or self.emulator.resources.get(scope)
        if here is None:
            return False
        context = self.emulator.provider_context(here)
        return can(context, as_text(claims.get("oid")), action, scope, data=data, unknown=False)


def is_for(claims: JsonObject, audiences: Iterable[str]) -> bool:
    """Whether a token was issued for one of these resources."""
    return as_text(claims.get("aud")).rstrip("/").lower() in {one.rstrip("/").lower() for one in audiences}


def has_endpoint(emulator: Emulator, resource: Resource, group: str) -> bool:
    """Whether a resource has an approved private endpoint for a part of it, such as "blob"."""
    for item in emulator.resources.under(f"{resource.id}/privateEndpointConnections"):
        status = as_text(member(item.desired, "properties", "privateLinkServiceConnectionState", "status"))
        if status == "Approved" and group in as_list(member(item.computed, "properties", "groupIds")):
            return True
    return False
