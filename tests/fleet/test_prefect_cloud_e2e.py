"""A fleet on a Prefect that demands an API key and limits the rate of requests, as Prefect Cloud does; its address is in a profile.

The server is a real one behind a proxy: it lets in who has the key, and answers every fifth request with 429 and Retry-After
(docs.prefect.io/v3/concepts/rate-limits).
"""

import http.server
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

import pytest

from installer.errors import PrefectFailed, UsageError
from installer.fleet.history import admin_api, check_access
from installer.prefect_setup.rest import Api
from tests.fleet.sample_fleet import alone
from tests.fleet.scripted_members import Scripted

KEY = "pnu_0123456789abcdef"


@dataclass
class Gate:
    """The proxy. `limited` counts the requests that it has put off."""

    api: Api
    limited: int = 0
    refused: int = 0
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, headers: Mapping[str, str]) -> int:
        """Status of a request before it is passed on; 0 to pass it on."""
        if "Upgrade" in headers:
            return 501  # events, which Prefect sends on a websocket, are lost
        with self.lock:
            self.asked += 1
            if headers.get("Authorization") != f"Bearer {KEY}":
                self.refused += 1
                return 401
            if self.asked % 5 == 0:
                self.limited += 1
                return 429
            return 0


def _handler(gate: Gate) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status = gate.turn(dict(self.headers))
            headers, answer = {"Content-Type": "application/json"}, b"{}"
            if status == 429:
                headers["Retry-After"] = "0.2"
            elif not status:
                status, headers, answer = self._forwarded(body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _forwarded(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            kept = {name: value for name, value in self.headers.items() if name.lower() in _KEPT}
            url = gate.api.url.removesuffix("/api") + self.path
            request = urllib.request.Request(  # noqa: S310  a loopback server
                url, data=body or None, method=self.command, headers={**kept, **gate.api.headers()}
            )
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                    return answer.status, _shown(answer.headers), answer.read()
            except urllib.error.HTTPError as refused:
                with refused:
                    return refused.code, _shown(refused.headers), refused.read()

        def log_message(self, *_given: object) -> None:
            """Nothing is logged."""

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._pass)
    return Handler


_KEPT = ("content-type", "accept", "x-prefect-api-version", "prefect-csrf-token", "prefect-csrf-client")


def _shown(headers: Message) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in ("content-type", "retry-after")}


@pytest.fixture
def gate(api: Api) -> Iterator[tuple[Gate, str]]:
    """The proxy and its URL."""
    found = Gate(api)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(found))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found, f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    server.server_close()


def _profile(home: Path, url: str, key: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    lines = ['active = "customers"', "[profiles.other]", "[profiles.customers]"]
    lines += [f'PREFECT_API_URL = "{url}"', f'PREFECT_API_KEY = "{key}"', ""]
    (home / "profiles.toml").write_text("\n".join(lines), encoding="utf-8")


def test_a_fleet_runs_with_the_key_of_the_profile_and_bears_rate_limits(
    gate: tuple[Gate, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, url = gate
    fleet = Scripted(proxy.api, tmp_path)
    _profile(tmp_path / "prefect", url, KEY)
    plain = Scripted.environment

    def environment(self: Scripted) -> dict[str, str]:
        found = {name: value for name, value in plain(self).items() if not name.startswith("PREFECT_API_")}
        return {**found, "PREFECT_HOME": str(tmp_path / "prefect"), "PREFECT_LOGGING_TO_API_ENABLED": "false"}

    monkeypatch.setattr(Scripted, "environment", environment)
    fleet.write(*map(alone, ("aa", "bb")), more="concurrency: {tenant: 2}\n")
    assert fleet.states() == {"aa": "done", "bb": "done"}
    assert proxy.limited > 3
    assert proxy.refused == 0


def test_the_profile_is_read_as_prefect_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="PREFECT_API_URL is not set"):
        admin_api()
    _profile(tmp_path, "https://api.prefect.cloud/api/accounts/a/workspaces/w", KEY)
    found = admin_api()
    assert (found.url, found.key.get_secret_value()) == ("https://api.prefect.cloud/api/accounts/a/workspaces/w", KEY)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    assert admin_api().url == "http://127.0.0.1:4200/api"
    monkeypatch.delenv("PREFECT_API_URL")
    monkeypatch.setenv("PREFECT_PROFILE", "other")
    with pytest.raises(UsageError, match="PREFECT_API_URL is not set"):
        admin_api()
    (tmp_path / "profiles.toml").write_text("active = [", encoding="utf-8")
    with pytest.raises(UsageError, match="PREFECT_API_URL is not set"):
        admin_api()


def test_a_wrong_key_is_refused_at_once(
    gate: tuple[Gate, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING", "PREFECT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    _profile(tmp_path, gate[1], "another")
    with pytest.raises(PrefectFailed, match="401"):
        check_access(admin_api())
