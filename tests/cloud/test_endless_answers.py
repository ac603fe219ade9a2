"""Answers that drip, never end or fill the memory are given up by every client, with the host and what was expected."""

import gzip
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final

import pytest
from azure.core.credentials import AccessToken
from azure.core.pipeline.policies._authentication import _BearerTokenCredentialPolicyBase

from installer import waiting, whole_answers
from installer.cloud import price_list, transport
from installer.cloud.arm import Arm
from installer.cloud.cli_credential import CliCredential
from installer.cloud.errors import AzureRefused, WrongAnswer, refusals
from installer.cloud.federated_sign_in import _assertion
from installer.cloud.price_list import PriceList
from installer.cloud.rest import Service, token
from installer.cloud.sign_in import _discover
from installer.cloud.signed_urls import LogPart, SignedUrls
from installer.cloud.target import Target
from installer.engine.step import Stop
from installer.errors import InstallerError, Interrupted
from tests.cloud.test_wrong_answers import SUBSCRIPTION
from tests.cloud.wire import target

OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS: Final = {
    "body": (OK + b"\r\n[", b" "),
    "headers": (OK, b"X"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
    "a size of a chunk": (CHUNKED, b"0"),
    "refusal": (b"HTTP/1.1 404 Not Found\r\n\r\n", b"x"),
    "redirect": (b"HTTP/1.1 307 Elsewhere\r\nLocation: /x\r\n\r\n", b"x"),
    "throttled": (b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n\r\n", b"x"),
}
"""A beginning, and what then comes for ever."""


@contextmanager
def endless(first: bytes, then: bytes, pause: float = 0.05) -> Iterator[str]:
    """A server that sends a beginning, and then the same for ever."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def converse(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.recv(65_536)
            connection.sendall(first)
            while then and not over.wait(pause):
                connection.sendall(then)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=converse, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        listening.close()


class _Credential:
    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        return AccessToken("token", 4_000_000_000)


def at(url: str) -> Target:
    return Target("azure", "public", url, url, url, _Credential, graph=url)


def _own_assertion(url: str) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", url)
        patch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x")
        with refusals("sign in"):
            return _assertion(None)


CLIENTS: Final[dict[str, Callable[[str], object]]] = {
    "Azure Resource Manager": lambda url: Service.of_arm(at(url)).ask("GET", "/x"),
    "Microsoft Graph": lambda url: Service.of_graph(at(url)).every("/applications"),
    "a data plane": lambda url: Service(at(url), url, url).find("/certificates/x"),
    "the SDK": lambda url: Arm(at(url), SUBSCRIPTION).groups(SUBSCRIPTION),
    "the price list": lambda url: PriceList(at(url), "EUR").items({"serviceName": "x"}),
    "signed URLs": lambda url: SignedUrls(at(url)).read_from(f"{url}/log?sig=secret", 0, doing="read the log"),
    "GitHub": _own_assertion,
    "discovery": _discover,
}


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback without TLS in place of the cloud, which tokens are else not sent to; short bounds."""
    monkeypatch.setattr(transport, "WHOLE_SECONDS", 0.6)
    monkeypatch.setattr(price_list, "_WHOLE_SECONDS", 0.6)
    monkeypatch.setattr(_BearerTokenCredentialPolicyBase, "_enforce_https", lambda *_arguments: None)
    monkeypatch.setattr("installer.waiting.time.sleep", lambda _seconds: None)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("client", "kind"),
    [*((client, "body") for client in CLIENTS), *((client, "headers") for client in CLIENTS)]
    + [("Azure Resource Manager", kind) for kind in ENDLESS if kind not in {"body", "headers"}],
)
def test_an_answer_without_an_end_is_given_up(client: str, kind: str) -> None:
    begun = time.monotonic()
    with endless(*ENDLESS[kind]) as url, pytest.raises(InstallerError) as refused:
        CLIENTS[client](url)
    text = str(refused.value)
    assert time.monotonic() - begun < 5
    assert f"{url.removeprefix('http://')} did not complete its answer (no whole answer within" in text
    assert "one answer of at most 64 MB was expected" in text
    assert "secret" not in text


@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_that_is_too_large_is_given_up(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "WHOLE_SECONDS", 60)
    monkeypatch.setattr(price_list, "_WHOLE_SECONDS", 60)
    monkeypatch.setattr(whole_answers, "MAX_BYTES", 1_000_000)
    with endless(OK + b"\r\n[", b" " * 100_000, 0) as url, pytest.raises(InstallerError, match="more than 1 MB"):
        CLIENTS[client](url)


@pytest.mark.parametrize("times", [1, 2])
def test_a_compressed_answer_is_not_unpacked_beyond_the_limit(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 GB of zeros is 1 MB in gzip, and 5 kB in gzip of gzip."""
    monkeypatch.setattr(transport, "WHOLE_SECONDS", 60)
    packed = gzip.compress(b"0" * 100_000_000, 1) * 10
    packed = gzip.compress(packed) if times == 2 else packed
    head = OK + b"Content-Encoding: " + b", ".join([b"gzip"] * times) + b"\r\nContent-Length: %d\r\n\r\n" % len(packed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with endless(head + packed, b"") as url, pytest.raises(WrongAnswer, match="more than 64 MB"):
        CLIENTS["Azure Resource Manager"](url)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000, "kB"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 99\r\n\r\n{}",
        OK + b"Content-Length: 1\r\n\r\n{}",
        OK + b"Content-Length: -5\r\n\r\n[",
        OK + b"Content-Length: 99999999999999999999\r\n\r\n{}",
        OK + b"Content-Encoding: gzip\r\n\r\n{}",
        OK + b"Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip, gzip\r\n\r\n{}",
        CHUNKED + b"2\r\n{}",
        CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"-1\r\n{}\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=lambda answer: repr(answer[17:70]),
)
def test_a_body_that_its_headers_contradict_is_no_bug(client: str, answer: bytes) -> None:
    with endless(answer, b"") as url:
        try:
            found = CLIENTS[client](url)
        except InstallerError as refused:
            assert all(line.isprintable() for line in str(refused).splitlines())  # noqa: PT017  a log may have any bytes
        else:
            assert isinstance(found, LogPart)


def test_a_stop_ends_the_wait_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "WHOLE_SECONDS", 60)
    monkeypatch.setattr(whole_answers, "STOPPABLE_SECONDS", 0.2)
    stop = Stop()
    begun = time.monotonic()
    with endless(*ENDLESS["body"]) as url, waiting.waiting_with(lambda _text: None, stop.pause):
        threading.Timer(0.5, stop.request).start()
        with pytest.raises(Interrupted):
            CLIENTS["Azure Resource Manager"](url)
    assert time.monotonic() - begun < 5


def test_ctrl_c_ends_the_wait_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "WHOLE_SECONDS", 60)
    begun = time.monotonic()
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with endless(*ENDLESS["headers"]) as url, pytest.raises(KeyboardInterrupt):
        CLIENTS["the SDK"](url)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("ask", [lambda it: it.get_token("x"), lambda it: it.get_token_info("x")])
def test_a_sign_in_of_the_azure_cli_without_an_end_is_given_up(
    ask: Callable[[CliCredential], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "WHOLE_SECONDS", 0.3)
    over = threading.Event()

    class Adaptor:
        def get_token(self, *_scopes: str, **_options: object) -> object:
            return over.wait(60)

        get_token_info = get_token

    def credential() -> CliCredential:
        return CliCredential(Adaptor)

    with pytest.raises(WrongAnswer, match="Microsoft Entra did not complete its answer"):
        ask(credential())
    with pytest.raises(AzureRefused, match="Microsoft Entra did not complete its answer"):
        token(replace(target(), credential=credential), "x")
    over.set()


def test_what_is_sent_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of sources through a slow line is no answer without an end."""
    given: list[float] = []

    def keep(_exchange: object, seconds: float, _check_stopped: object) -> None:
        given.append(seconds)
        raise TimeoutError("x")

    monkeypatch.setattr(transport, "in_time", keep)
    with pytest.raises(WrongAnswer):
        SignedUrls(at("http://127.0.0.1:1")).upload("http://127.0.0.1:1/x", b"x" * 20_000_000, doing="send the sources")
    assert given == [1000.6]
