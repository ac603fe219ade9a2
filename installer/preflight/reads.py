"""Reads of all checks: each request is sent once per session, side by side with the others.

A check that needs several independent responses requests them with `ahead` first, so that they arrive together.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from installer.cloud.errors import ENTRA, AzureRefused
from installer.cloud.rest import ABSENT, ACCESS_DENIED
from installer.json_access import objects_of
from installer.waiting import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Future

    from installer.cloud.rest import Method, Service
    from installer.jsontypes import Json

_SIDE_BY_SIDE: Final = 80
"""Requests at the same time: all reads of the checks. Azure Resource Manager admits bursts of 250 reads per subscription and
principal. Source: azure-docs, azure-resource-manager/management/request-limits-and-throttling.md."""

Kind = Literal["list", "one", "post"]


class NotVisible(Exception):
    """A fact that cannot be read.

    Attributes:
        what: The fact.
        why: Missing rights, no such resource, or a gap of a survey.
        code: Error code of Azure, "" without one.

    """

    def __init__(self, what: str, why: str, code: str = "") -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why, self.code = what, why, code


@dataclass(frozen=True)
class Request:
    """A read request.

    Attributes:
        kind: A paged list, one resource, or a POST without side effects.
        path: Path with its API version.
        what: The subject in words, for messages.
        body: JSON text of the body of a POST.
        about: ID of the resource that the caller needs from a list, "" if it needs all of them.

    """

    kind: Kind
    path: str
    what: str
    body: str = ""
    about: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Equal for requests with the same response."""
        return (self.kind, self.path.lower(), self.body)


def listing(path: str, what: str) -> Request:
    """A request for a paged list."""
    return Request("list", path, what)


def resource(path: str, what: str) -> Request:
    """A request for one resource."""
    return Request("one", path, what)


def post(path: str, body: Mapping[str, Json], what: str) -> Request:
    """A POST request without side effects."""
    return Request("post", path, what, json.dumps(body, sort_keys=True))


class Reads:
    """Remembers the response of each request. Thread-safe; has to be closed.

    Attributes:
        unreached: The last request that did not reach the service at all, None if every one did.

    Args:
        service: The endpoint.
        limits: Reason why a request cannot be answered, "" if it can: the gaps of a survey.
        assumed: Reason why the response about some items, such as a quota, proves nothing, "" if it does.

    """

    def __init__(
        self,
        service: Service,
        limits: Callable[[Request], str] = lambda _request: "",
        assumed: Callable[..., str] = lambda *_request: "",
    ) -> None:
        self.service = service
        self.assumed = assumed
        self.unreached: AzureRefused | None = None
        self._limits = limits
        self._lock = threading.Lock()
        self._pool = Workers(_SIDE_BY_SIDE, "reads")
        self._found: dict[tuple[str, str, str], Future[Json]] = {}

    @property
    def requests(self) -> int:
        """Number of requests that were sent; pages of a list count as one."""
        with self._lock:
            return len(self._found)

    def count(self, kind: Kind, part: str) -> int:
        """Number of requests of a kind that were sent to paths with a part, such as the name of an action."""
        with self._lock:
            return sum(1 for sent, path, _ in self._found if sent == kind and part.lower() in path)

    def ahead(self, requests: Iterable[Request]) -> None:
        """Send requests whose responses will be needed."""
        for request in requests:
            if not self._limits(request):
                self._begun(request)

    def answers(self, request: Request) -> bool:
        """Whether a request can be answered: no gap of a survey."""
        return not self._limits(request)

    def every(self, request: Request) -> list[dict[str, Json]]:
        """The items of a paged list. Raises NotVisible."""
        return objects_of(self._response(request))

    def find(self, request: Request) -> dict[str, Json] | None:
        """One resource, None if it does not exist. Raises NotVisible."""
        found = self._response(request)
        return found if isinstance(found, dict) else None

    def ask(self, request: Request) -> dict[str, Json]:
        """The response to a POST request without side effects. Raises NotVisible."""
        found = self._response(request)
        return found if isinstance(found, dict) else {}

    def forget(self) -> None:
        """Read everything again from now on."""
        with self._lock:
            self._found.clear()

    def close(self) -> None:
        """Cancel what was not yet sent."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begun(self, request: Request) -> Future[Json]:
        with self._lock:
            if not self._found:
                self.service.prepare()
            if request.key not in self._found:
                self._found[request.key] = self._pool.submit(self._send, request)
            return self._found[request.key]

    def _response(self, request: Request) -> Json:
        if reason := self._limits(request):
            raise NotVisible(request.what, reason)
        try:
            return self._begun(request).result()
        except AzureRefused as refused:
            if refused.unreached:
                self.unreached = refused
            raise NotVisible(request.what, _reason(refused), refused.code) from refused

    def _send(self, request: Request) -> Json:
        doing = f"read {request.what}"
        if request.kind == "list":
            return [*self.service.every(request.path, doing=doing)]
        if request.kind == "one":
            return self.service.find(request.path, doing=doing)
        method: Method = "POST"
        return self.service.ask(method, request.path, json.loads(request.body), doing=doing).body


def _reason(refused: AzureRefused) -> str:
    if refused.code.startswith(ENTRA):
        return "the sign-in was rejected"
    if refused.status in ACCESS_DENIED:
        return "this account may not read it"
    if refused.status == ABSENT:
        return "Azure does not find it"
    return str(refused).splitlines()[0]
