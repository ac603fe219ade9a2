"""Requests are sent again while a server is busy, restarts or cannot be reached; other refusals are final."""

import pytest
from pydantic import SecretStr

from installer.errors import PrefectFailed
from installer.prefect_setup import rest
from installer.prefect_setup.rest import Api, Response, request_with_retries

API = Api("http://127.0.0.1:1/api", SecretStr(""), "")


def answering(monkeypatch: pytest.MonkeyPatch, *answers: Response | None) -> list[float]:
    """A server with these responses, the last one for ever; returns the pauses between requests."""
    left = list(answers)
    monkeypatch.setattr(rest, "ask", lambda *_given: left.pop(0) if len(left) > 1 else left[0])
    return []


@pytest.mark.parametrize("busy", [None, *(Response(status, "wait") for status in (408, 429, 500, 502, 503, 504))])
def test_a_busy_server_is_asked_again(monkeypatch: pytest.MonkeyPatch, busy: Response | None) -> None:
    pauses = answering(monkeypatch, busy, busy, Response(200, {"id": "1"}))
    assert request_with_retries(API, "GET", "/x", what="x", pause=pauses.append) == {"id": "1"}
    assert len(pauses) == 2


def test_a_refusal_is_final_and_a_server_that_stays_busy_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = answering(monkeypatch, Response(422, {"detail": "no such field"}))
    with pytest.raises(PrefectFailed, match=r"\(422\): x: no such field"):
        request_with_retries(API, "POST", "/x", what="x", pause=pauses.append)
    assert pauses == []
    pauses = answering(monkeypatch, Response(500, {"exception_message": "Internal Server Error"}))
    with pytest.raises(PrefectFailed, match=r"\(500\): x: Internal Server Error"):
        request_with_retries(API, "POST", "/x", what="x", pause=pauses.append)
    assert len(pauses) == rest.BUSY_TRIES


@pytest.mark.parametrize("key", ["pnu_two\nlines", "pnu_ünï", "pnu_\x00", "pnu_\u202e"])
def test_a_key_that_no_header_holds_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(PrefectFailed, match="copy it again") as refused:
        rest.ask(Api("http://127.0.0.1:1/api", SecretStr(""), "", SecretStr(key)), "GET", "/me/workspaces")
    assert "pnu_" not in str(refused.value)
