"""Requests with a token or a password: urllib follows a redirect with all headers, so that one to another host is refused.

Source: Lib/urllib/request.py, HTTPRedirectHandler.redirect_request, which keeps every header but those of the content.
"""

import ssl
import urllib.request
from email.message import Message
from http.client import HTTPResponse
from typing import IO, cast
from urllib.parse import urlsplit


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
