"""Answers of a service by script, in place of the network: the whole pipeline of the SDK is above them."""

import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

import pytest
import requests
import urllib3
from azure.core.credentials import AccessToken

from installer.cloud.target import Target
from installer.jsontypes import Json

HOST: Final = "https://management.azure.com"


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Json, status: int = 200, **headers: str) -> "Answer":
        """An answer in JSON; names of headers with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(body).encode(), {"Content-Type": "application/json", **named})


@dataclass
class Wire:
    """The requests, and the answers to them: one for each in turn, then the last again."""

    answers: list[Answer]
    sent: list[requests.PreparedRequest] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, **_options: object) -> requests.Response:
        """Answer a request."""
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        raw = urllib3.HTTPResponse(
            BytesIO(answer.body), answer.headers, answer.status, preload_content=False, request_method=request.method
        )
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    def hosts_with_token(self) -> set[str]:
        """Hosts that got a token."""
        return {str(one.url).split("/")[2] for one in self.sent if "Authorization" in one.headers}


class _Credential:
    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        return AccessToken("token", 4_000_000_000)


def target() -> Target:
    """The public cloud, with a credential without a sign-in."""
    return Target("azure", "public", HOST, "https://login.example", HOST, _Credential)


def scripted(monkeypatch: pytest.MonkeyPatch, *answers: Answer) -> Wire:
    """Replace the network."""
    wire = Wire(list(answers))
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", wire.send)
    return wire
