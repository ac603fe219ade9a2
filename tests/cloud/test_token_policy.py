"""Requests side by side get one token, or one failure to get it."""

import threading
import time
from collections.abc import Callable

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.rest import HttpRequest

from installer.cloud.rate_limit import RateLimiter
from installer.cloud.token_policy import TokenPolicy
from tests.processes import until

THREADS = 8


class Slow:
    """A credential that answers once every request has asked, or could have asked."""

    def __init__(self) -> None:
        self.begun = self.calls = 0

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        self.calls += 1
        until(lambda: self.begun == THREADS, "all requests to be under way")
        return AccessToken("token", int(time.time()) + 3600)


def policy_of(credential: Slow) -> TokenPolicy:
    return TokenPolicy(
        credential, "https://management.azure.com/.default", RateLimiter(), "https://management.azure.com"
    )


def at_once(send: Callable[[], object]) -> None:
    """Send from all threads, and wait for them."""
    threads = [threading.Thread(target=send) for _ in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_many_requests_at_once_ask_for_one_token() -> None:
    credential = Slow()
    policy = policy_of(credential)
    headers: list[str] = []

    def send() -> None:
        http = HttpRequest("GET", "https://management.azure.com/subscriptions")
        credential.begun += 1
        policy.on_request(PipelineRequest(http, PipelineContext(None)))
        headers.append(http.headers["Authorization"])

    at_once(send)
    assert headers == ["Bearer token"] * THREADS
    assert credential.calls == 1


class Refusing(Slow):
    """A credential without a token."""

    def get_token(self, *scopes: str, **options: object) -> AccessToken:
        super().get_token(*scopes, **options)
        time.sleep(0.2)  # every request waits for this one by now
        raise ClientAuthenticationError("no response")


def test_many_requests_at_once_share_the_failure_and_later_ones_ask_again() -> None:
    credential = Refusing()
    policy = policy_of(credential)
    failed: list[Exception] = []

    def send() -> None:
        credential.begun += 1
        try:
            policy.on_request(
                PipelineRequest(HttpRequest("GET", "https://management.azure.com/x"), PipelineContext(None))
            )
        except ClientAuthenticationError as failure:
            failed.append(failure)

    at_once(send)
    assert len(failed) == THREADS
    assert credential.calls == 1
    credential.begun = THREADS
    with pytest.raises(ClientAuthenticationError):
        policy.on_request(PipelineRequest(HttpRequest("GET", "https://management.azure.com/x"), PipelineContext(None)))
    assert credential.calls == 2
