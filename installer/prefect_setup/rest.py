"""Where a Prefect server answers, and the few plain requests that need no Prefect client."""

import base64
import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from installer.errors import PrefectFailed
from installer.jsontypes import Json

BUSY: Final = frozenset({429, 503})
"""What a server says whose database is busy: it is not a refusal."""
BUSY_TRIES: Final = 20
BUSY_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 600.0
"""Estimated: what a server may take for its first start, its container included."""
ANSWER_SECONDS: Final = 10.0
"""How long a request may take; a server that is busy with its first start still answers within one or two."""


@dataclass(frozen=True)
class Api:
    """A Prefect server.

    url: of the API, "http://127.0.0.1:4200/api", without a slash at the end.
    auth: "name:password" for basic authentication; empty when the server asks for none.
    ui_url: where people look at it.
    key: of Prefect Cloud, in place of auth.
    """

    url: str
    auth: SecretStr
    ui_url: str
    key: SecretStr = field(default_factory=lambda: SecretStr(""))

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Api":
        """The server that Prefect's own environment variables name."""
        url = environment["PREFECT_API_URL"].rstrip("/")
        auth, key = (SecretStr(environment.get(f"PREFECT_API_{name}", "")) for name in ("AUTH_STRING", "KEY"))
        return cls(url, auth, url.removesuffix("/api"), key)

    def headers(self) -> dict[str, str]:
        """The headers that let a request in."""
        if key := self.key.get_secret_value():
            return {"Authorization": f"Bearer {key}"}
        secret = self.auth.get_secret_value()
        return {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}


@dataclass(frozen=True)
class Answer:
    """What the server said: HTTP status and the JSON of the body."""

    status: int
    body: Json


def ask(
    api: Api, method: Literal["GET", "POST"], path: str, body: Json = None, *, authorised: bool = True
) -> Answer | None:
    """One request to the API; None when nobody answers (yet)."""
    url = urlsplit(api.url)
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.hostname or "", url.port, timeout=ANSWER_SECONDS)
    try:
        connection.request(
            method,
            url.path + path,
            body=None if method == "GET" else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **(api.headers() if authorised else {})},
        )
        answer = connection.getresponse()
        raw = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    try:
        return Answer(answer.status, json.loads(raw) if raw else None)
    except ValueError:
        return Answer(answer.status, raw.decode("utf-8", "replace"))


def ask_patiently(
    api: Api,
    method: Literal["GET", "POST"],
    path: str,
    body: Json = None,
    *,
    what: str,
    pause: Callable[[float], None],
) -> Json:
    """The body of an answer that has to come; a server that is busy (503, 429, silence) is asked again a few times.

    Only for requests that may be repeated. Raises PrefectFailed, and whatever `pause` raises.
    """
    for _ in range(BUSY_TRIES):
        answer = ask(api, method, path, body)
        if answer is not None and answer.status not in BUSY:
            break
        pause(BUSY_SECONDS)
    return wanted(answer, what)


def wait_for_health(api: Api, pause: Callable[[float], None]) -> None:
    """Wait until the server answers, which may have to make its database first. Raises PrefectFailed."""
    if api.key.get_secret_value():
        return  # Prefect Cloud is there
    waited = 0.0
    while (answer := ask(api, "GET", "/health", authorised=False)) is None or answer.status != http.client.OK:
        if waited > LONGEST_SECONDS:
            raise PrefectFailed(f"Prefect has not answered at {api.url} for {LONGEST_SECONDS:.0f} s")
        pause(BUSY_SECONDS)
        waited += BUSY_SECONDS


def wanted(answer: Answer | None, what: str) -> Json:
    """The body of an answer that has to be there. Raises PrefectFailed with the server's own words."""
    if answer is None:
        raise PrefectFailed(f"Prefect does not answer: {what}")
    if answer.status >= http.client.BAD_REQUEST:
        raise PrefectFailed(f"Prefect refused ({answer.status}): {what}: {_words(answer.body)}")
    return answer.body


def _words(body: Json) -> str:
    if isinstance(body, dict):
        body = body.get("exception_detail") or body.get("detail") or body.get("exception_message") or body
    return body if isinstance(body, str) else json.dumps(body)
