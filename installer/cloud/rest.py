"""REST client of Azure Resource Manager and Microsoft Graph, for operations without an SDK client.

Uses the pipeline of the SDK clients: tokens, retries, proxies, certificate authority. Responses are plain data with
sanitized text, and every failure becomes an AzureRefused.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from installer.cloud.access_tokens import claims_of
from installer.cloud.answer_checks import check_form, check_host, page_of, unreadable
from installer.cloud.errors import AzureRefused, WrongAnswer, refusals
from installer.cloud.rate_limit import RateLimiter
from installer.cloud.target import Target
from installer.json_access import JsonObject, as_object, parsed
from installer.jsontypes import Json
from installer.sanitize import MAX_CHARACTERS, clean_json

if TYPE_CHECKING:
    from azure.core import PipelineClient
    from azure.core.rest import HttpRequest, HttpResponse

Method = Literal["GET", "PUT", "POST", "PATCH", "DELETE"]
ABSENT: Final = 404
ACCESS_DENIED: Final = frozenset({401, 403})
"""Status codes for an account without the rights for a request."""
_MAX_PAGES: Final = 100
_IMPORTS: Final = threading.Lock()
_NEEDED: Final = (
    "azure.core.exceptions",
    "azure.core.pipeline.policies",
    "azure.core.rest",
    "azure.core",
    "azure.identity",
    "installer.cloud.token_policy",
    "installer.cloud.transport",
)
"""Modules that a request imports when it is sent, with what its credential imports."""


@dataclass(frozen=True)
class Response:
    """Status, body and Location header (URL to poll a long-running operation)."""

    status: int
    body: dict[str, Json] = field(default_factory=dict)
    location: str = ""


class Service:
    """An endpoint with the audience of its tokens. Methods block; do not call them on the UI thread."""

    def __init__(self, target: Target, endpoint: str, audience: str) -> None:
        self.target = target
        self.endpoint = endpoint
        self.audience = audience

    @classmethod
    def of_arm(cls, target: Target) -> "Service":
        """Azure Resource Manager."""
        return cls(target, target.endpoint, target.audience)

    @classmethod
    def of_graph(cls, target: Target) -> "Service":
        """Microsoft Graph, version 1.0."""
        return cls(target, f"{target.graph}/v1.0", target.graph)

    def ask(
        self,
        method: Method,
        path: str,
        body: Mapping[str, Json] | None = None,
        *,
        prefer: str = "",
        doing: str = "",
        most: int = MAX_CHARACTERS,
    ) -> Response:
        """Send one request.

        Args:
            method: HTTP method.
            path: Path with a leading slash, or an absolute URL of this endpoint.
            body: JSON body.
            prefer: Value of the Prefer header.
            doing: Description of the request for error messages.
            most: Maximum length of a text in the response, in characters.

        Raises:
            AzureRefused: Azure returned an error or could not be reached.

        """
        from azure.core.exceptions import HttpResponseError
        from azure.core.rest import HttpRequest

        where = path if path.lower().startswith("https://") else f"{self.endpoint}{path}"
        headers = {"Accept": "application/json", **({"Prefer": prefer} if prefer else {})}
        request = HttpRequest(method, where, headers=headers, json=None if body is None else dict(body))
        with refusals(doing or f"{method} {path.partition('?')[0]}"):
            check_host(where, self.endpoint)
            response = self._client.send_request(request)
            response.read()
            if response.status_code >= 400:
                raise HttpResponseError(response=response)
            if response.status_code >= 300:
                raise WrongAnswer(
                    unreadable(where, response.status_code, response.content), status=response.status_code
                )
            body = _content(response.content)
            check_form(where, body)
            return Response(
                response.status_code, clean_json(body, most=most), str(response.headers.get("Location", ""))
            )

    def prepare(self) -> None:
        """Import what requests need, before several threads send the first ones.

        Threads that import parts of one package at the same time may find modules that are not complete: Python breaks the
        deadlock of their locks that way.
        """
        with _IMPORTS:
            for name in _NEEDED:
                import_module(name)

    def find(self, path: str, *, doing: str = "") -> dict[str, Json] | None:
        """The resource at a path, None if it does not exist."""
        try:
            return self.ask("GET", path, doing=doing).body
        except AzureRefused as refused:
            if refused.status == ABSENT:
                return None
            raise

    def every(self, path: str, *, doing: str = "") -> list[dict[str, Json]]:
        """All items of a paged list."""
        found: list[dict[str, Json]] = []
        for _ in range(_MAX_PAGES):
            body = self.ask("GET", path, doing=doing).body
            with refusals(doing or f"GET {path.partition('?')[0]}"):
                items, path = page_of(self.endpoint, body)
            found += items
            if not path:
                break
        return found

    @cached_property
    def _client(self) -> "PipelineClient[HttpRequest, HttpResponse]":
        from azure.core import PipelineClient
        from azure.core.pipeline.policies import ProxyPolicy, RetryPolicy, UserAgentPolicy

        from installer.cloud.token_policy import TokenPolicy
        from installer.cloud.transport import transport_to

        policies = [
            UserAgentPolicy("flowforge-installer"),
            ProxyPolicy(),
            RetryPolicy(retry_total=5),
            TokenPolicy(
                self.target.credential(), f"{self.audience}/.default", RateLimiter(self.target.speed), self.endpoint
            ),
        ]
        return PipelineClient(self.endpoint, policies=policies, transport=transport_to(self.target.ca_file))


def token(target: Target, audience: str) -> str:
    """A token of the signed-in account for another audience, to be passed in a request. Raises AzureRefused."""
    with refusals(f"get a token for {audience}"):
        return target.credential().get_token(f"{audience}/.default").token


def signed_in(target: Target) -> str:
    """Object ID of the signed-in account from its token for Azure Resource Manager; "" if the token has none."""
    return str(_claims(target).get("oid", ""))


def kind_of_account(target: Target) -> str:
    """Principal type of the signed-in account for role assignments: ServicePrincipal or User."""
    return "ServicePrincipal" if _claims(target).get("idtyp") == "app" else "User"


def _claims(target: Target) -> Mapping[str, Json]:
    return claims_of(token(target, target.audience))


def quoted(value: str) -> str:
    """Percent-encode a path segment."""
    return quote(value, safe="")


def _content(raw: bytes) -> JsonObject:
    return as_object(parsed(raw)) if raw.strip() else {}
