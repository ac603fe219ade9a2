"""Requests with a token or a password: urllib follows a redirect with all headers, so that one to another host is refused.

Source: Lib/urllib/request.py, HTTPRedirectHandler.redirect_request, which keeps every header but those of the content.

`whole_answer` bounds the time and the size of an answer as a whole (installer/whole_answers.py).
"""

import ssl
import urllib.request
from email.message import Message
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import IO, Final, cast
from urllib.error import HTTPError
from urllib.parse import urlsplit

from installer.whole_answers import MAX_BYTES, bounded_body, in_time

WHOLE_SECONDS: Final = 120.0
_PART: Final = 65_536


class SameHost(urllib.request.HTTPRedirectHandler):
    """Follows redirects on the same host only, and never from TLS to none; any other one is an error with its status."""

    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message
    ) -> HTTPResponse | None:
        """Follow a redirect; one to something that is no address remains an error with its status."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)  # type: ignore[arg-type]  # as below
        except ValueError:  # of urllib.parse and of http.client.InvalidURL
            return None

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(  # noqa: PLR0917  the base class has these
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        """The request to send instead, None to refuse."""
        was, now = urlsplit(req.full_url), urlsplit(newurl)
        upgraded = (was.scheme, now.scheme) == ("http", "https") and was.hostname == now.hostname
        if (was.scheme, was.netloc) != (now.scheme, now.netloc) and not upgraded:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]  # http.client.HTTPMessage


def open_on_host(
    request: urllib.request.Request, *, seconds: float, context: ssl.SSLContext | None = None
) -> HTTPResponse:
    """Send a request; the response has to be closed. Raises HTTPError for refusals, OSError if nothing answers."""
    opener = urllib.request.build_opener(SameHost, urllib.request.HTTPSHandler(context=context))
    return cast("HTTPResponse", opener.open(request, timeout=seconds))


def whole_answer(
    request: urllib.request.Request,
    *,
    seconds: float,
    context: ssl.SSLContext | None = None,
    whole: float = WHOLE_SECONDS,
) -> tuple[int, bytes]:
    """Status and body, those of a refusal, too.

    Args:
        request: The request.
        seconds: Timeout of each read.
        context: Certificates to trust.
        whole: Timeout of everything.

    Raises:
        OSError: Nothing answers, not in time, or with more than MAX_BYTES.
        HTTPException: The answer is no HTTP, or breaks off.

    """

    def exchange() -> tuple[int, bytes]:
        try:
            with open_on_host(request, seconds=seconds, context=context) as answer:
                return answer.status, _body(answer)
        except HTTPError as refused:
            with refused:
                return refused.code, _body_of_refusal(refused)

    return in_time(exchange, whole)


def _body(answer: HTTPResponse) -> bytes:
    raw = bounded_body(iter(lambda: answer.read(_PART), b""))
    if answer.length:  # which a read with a limit does not check
        raise IncompleteRead(raw, answer.length)
    return raw


def _body_of_refusal(refused: HTTPError) -> bytes:
    """The beginning of the body, empty if the connection breaks meanwhile."""
    try:
        return refused.read(MAX_BYTES)
    except (OSError, HTTPException):
        return b""
