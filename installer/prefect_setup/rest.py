"""Minimal REST client of the Prefect API, without the Prefect package."""

import base64
import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import SecretStr

from installer.errors import PrefectFailed
from installer.json_access import JsonObject, parsed
from installer.jsontypes import Json
from installer.prefect_setup.same_host import whole_answer
from installer.sanitize import clean

BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
"""Status codes of a server that is busy or restarts: those after which Prefect's own client tries again (prefect/client/base.py),
504 of a proxy before it, and 500, which a server returns whose database has not responded in time (TimeoutError of asyncpg)."""
BUSY_TRIES: Final = 120
"""Estimated: a server whose process has ended responds again within a minute."""
BUSY_SECONDS: Final = 0.5
MAX_START_SECONDS: Final = 600.0
"""Estimated maximum for the first start of a server, including its container."""
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
MAX_SHOWN: Final = 2000
"""Characters of a response that is shown as it is."""
ANSWER_SECONDS: Final = 10.0
"""Timeout of a request; even during its first start a server responds within two seconds."""


@dataclass(frozen=True)
class Api:
    """A Prefect API.

    Attributes:
        url: URL of the API without a trailing slash, such as "http://127.0.0.1:4200/api".
        auth: "name:password" for basic authentication; empty for none.
        ui_url: URL of the UI.
        key: API key of Prefect Cloud, instead of `auth`.
        certificates: File of the certificates to trust; empty for those of the system.

    """

    url: str
    auth: SecretStr
    ui_url: str
    key: SecretStr = field(default_factory=lambda: SecretStr(""))
    certificates: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Api":
        """The API in Prefect's environment variables."""
        url = environment["PREFECT_API_URL"].rstrip("/")
        auth, key = (SecretStr(environment.get(f"PREFECT_API_{name}", "")) for name in ("AUTH_STRING", "KEY"))
        return cls(url, auth, url.removesuffix("/api"), key, environment.get("PREFECT_API_SSL_CERT_FILE", ""))

    def headers(self) -> dict[str, str]:
        """Authorization headers. Raises PrefectFailed if no header can hold the key."""
        if key := self.key.get_secret_value():
            if not (key.isascii() and key.isprintable()):  # else an exception that shows it
                raise PrefectFailed("the API key of Prefect has characters that no key has: copy it again")
            return {"Authorization": f"Bearer {key}"}
        secret = self.auth.get_secret_value()
        return {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}


@dataclass(frozen=True)
class Response:
    """HTTP status and body of a response: JSON, or the beginning of what is none."""

    status: int
    body: Json
    is_json: bool = True


def ask(api: Api, method: Method, path: str, body: Json = None, *, authorised: bool = True) -> Response | None:
    """Send one request; None if the server cannot be reached. Proxies of the environment are used, as Prefect's client does."""
    request = urllib.request.Request(  # noqa: S310  the URL comes from the settings of the job
        api.url + path,
        data=None if method == "GET" else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **(api.headers() if authorised else {})},
        method=method,
    )
    trust = ssl.create_default_context(cafile=api.certificates or None) if api.url.startswith("https:") else None
    try:
        status, raw = whole_answer(request, seconds=ANSWER_SECONDS, context=trust)
    except (OSError, http.client.HTTPException):
        return None
    try:
        return Response(status, parsed(raw) if raw else None)
    except ValueError:
        text = clean(raw.decode("utf-8", "replace"), MAX_SHOWN).strip()
        return Response(status, text, is_json=False)


def request_with_retries(
    api: Api,
    method: Method,
    path: str,
    body: Json = None,
    *,
    what: str,
    pause: Callable[[float], None],
) -> Json:
    """Send a request and return the body of the response; retries while the server is busy or unreachable.

    Only for requests that may be repeated. Raises PrefectFailed, and exceptions of `pause`.
    """
    for _ in range(BUSY_TRIES):
        answer = ask(api, method, path, body)
        if answer is not None and answer.status not in BUSY:
            break
        pause(BUSY_SECONDS)
    return successful_body(answer, what)


def wait_for_health(api: Api, pause: Callable[[float], None]) -> None:
    """Wait until the server is healthy; it may have to create its database first. Raises PrefectFailed."""
    if api.key.get_secret_value():
        return  # Prefect Cloud needs no start
    waited = 0.0
    while not _is_healthy(ask(api, "GET", "/health", authorised=False)):
        if waited > MAX_START_SECONDS:
            raise PrefectFailed(f"Prefect has not responded at {api.url} for {MAX_START_SECONDS:.0f} s")
        pause(BUSY_SECONDS)
        waited += BUSY_SECONDS


def _is_healthy(answer: Response | None) -> bool:
    return answer is not None and answer.status == http.client.OK and answer.is_json


def successful_body(answer: Response | None, what: str) -> Json:
    """The body of a successful response. Raises PrefectFailed with the message of the server."""
    if answer is None:
        raise PrefectFailed(f"Prefect does not respond: {what}")
    if answer.status >= http.client.BAD_REQUEST:
        raise PrefectFailed(f"Prefect rejected the request ({answer.status}): {what}: {_words(answer.body)}")
    if not answer.is_json or answer.status >= http.client.MULTIPLE_CHOICES:  # a redirect that was not followed
        raise _no_prefect(answer.body, what, answer.status)
    return answer.body


def object_in(body: Json, what: str) -> JsonObject:
    """The object that a successful response consists of. Raises PrefectFailed if it is none."""
    if not isinstance(body, dict):
        raise _no_prefect(body, what)
    return body


def objects_in(body: Json, what: str) -> list[JsonObject]:
    """The objects of a list that a successful response consists of.

    Raises PrefectFailed if it is none: taken for an empty list, it would say that nothing exists.
    """
    if not isinstance(body, list) or not all(isinstance(item, dict) for item in body):
        raise _no_prefect(body, what)
    return [item for item in body if isinstance(item, dict)]


def pages(read: Callable[[int], list[JsonObject]], what: str) -> Iterator[list[JsonObject]]:
    """Pages of a list, until one is empty. Raises PrefectFailed if the server does not know offsets, for it would have no end.

    Args:
        read: Reads the page that begins at an offset.
        what: Description for error messages.

    """
    offset, before = 0, list[JsonObject]()
    while page := read(offset):
        if page == before:
            raise PrefectFailed(f"something else than Prefect answered ({what}): the same page again")
        yield page
        offset, before = offset + len(page), page


def _no_prefect(body: Json, what: str, status: int = http.client.OK) -> PrefectFailed:
    text = body if isinstance(body, str) else json.dumps(body)
    first = clean(text, MAX_SHOWN).partition("\n")[0]
    return PrefectFailed(
        f"something else than Prefect answered {status} ({what}), such as the sign-in page of a network or a proxy: {first}"
    )


def _words(body: Json) -> str:
    if isinstance(body, dict):
        body = body.get("exception_detail") or body.get("detail") or body.get("exception_message") or body
    return body if isinstance(body, str) else json.dumps(body)
