"""Authentication policy: one token for requests side by side, renewed once if it is rejected; the rate limit gets every response."""

import threading
import time
from typing import TYPE_CHECKING

from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

from installer.cloud.answer_checks import check_answer, check_host
from installer.cloud.rate_limit import RateLimiter
from installer.cloud.transport import body_of

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline import PipelineRequest, PipelineResponse
    from azure.core.rest import HttpRequest, HttpResponse

UNAUTHORIZED = 401


class TokenPolicy(ARMChallengeAuthenticationPolicy):
    """Adds the token to a request of the service at `endpoint`, and checks the answer.

    It is the last policy before the network: retries, redirects, pages and polls of the SDK come through it.
    """

    def __init__(self, credential: "TokenCredential", scope: str, pacer: RateLimiter, endpoint: str) -> None:
        super().__init__(credential, scope)
        self._pacer = pacer
        self._endpoint = endpoint
        self._getting = threading.Lock()
        self._failure: tuple[float, Exception] | None = None

    def on_request(self, request: "PipelineRequest[HttpRequest]") -> None:
        """Add the token unless the host is another one.

        The first requests wait for one and the same, as each `az` that gives one is a process. They share its failure, too: one after
        another they would wait for a sign-in that does not respond.
        """
        check_host(request.http_request.url, self._endpoint)
        begun = time.monotonic()
        with self._getting:
            if self._failure is not None and self._failure[0] >= begun:
                raise self._failure[1]
            try:
                super().on_request(request)
            except Exception as failure:
                self._failure = (time.monotonic(), failure)
                raise

    def on_response(
        self, request: "PipelineRequest[HttpRequest]", response: "PipelineResponse[HttpRequest, HttpResponse]"
    ) -> None:
        """Check what came back."""
        answer = response.http_response
        location = str(answer.headers.get("Location") or "")
        check_answer(request.http_request.url, answer.status_code, location, body_of(answer), self._endpoint)

    def send(self, request: "PipelineRequest[HttpRequest]") -> "PipelineResponse[HttpRequest, HttpResponse]":
        """Send a request, and once more with a new token if the first one was rejected."""
        response = self._sent(request)
        if response.http_response.status_code == UNAUTHORIZED:
            response = self._sent(request)
        return response

    def _sent(self, request: "PipelineRequest[HttpRequest]") -> "PipelineResponse[HttpRequest, HttpResponse]":
        if request.http_request.method == "GET":
            self._pacer.count()
        response = super().send(request)
        self._pacer.update(response.http_response.status_code, response.http_response.headers)
        return response
