"""Nothing that arrives ends the server, and nothing leads out of its state directory."""

import socket
import ssl
from pathlib import Path

import pytest

from tests.emulator.server_process import API, Served

DEPLOYMENTS = "providers/Microsoft.Resources/deployments"


def _alive(azure: Served) -> bool:
    return bool(azure.raw("GET", f"/subscriptions?api-version={API}").ok)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"properties": 7}',
        b'{"properties": {"template": []}}',
        b'{"location": {}, "properties": {"template": {"resources": 7}}}',
        b'{"location": "westeurope", "properties": {"template": {"resources": [{"type": 1}]}}}',
        b'{"location": "westeurope", "properties": {"parameters": [1], "template": {"resources": [7, null]}}}',
        b'{"properties": {"template": ' + b"[" * 100_000,
        b'{"location": "westeurope", "properties": {"parameters": {"a": {"value": '
        + b"[" * 700
        + b"]" * 700
        + b'}}, "template": {"resources": []}}}',
        b'{"location": "westeurope", "properties": {"template": {"resources": [{"type": "A.B/c", "apiVersion": "1", "name": "['
        + b"concat(" * 5000
        + b']"}]}}}',
    ],
)
def test_a_malformed_body_is_refused_as_a_bad_request(azure: Served, body: bytes) -> None:
    for verb in ("validate", "whatIf"):
        path = f"{azure.scope}/{DEPLOYMENTS}/x/{verb}?api-version={API}"
        assert 400 <= azure.raw("POST", path, body=body).status_code < 500
    answer = azure.raw("PUT", f"{azure.scope}/{DEPLOYMENTS}/x?api-version={API}", body=body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["code"]


def test_a_huge_body_is_refused(azure: Served) -> None:
    answer = azure.raw("PUT", f"{azure.scope}/{DEPLOYMENTS}/x?api-version={API}", body=b" " * (9 * 1024 * 1024))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "RequestContentTooLarge")


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/subscriptions/../../../etc/passwd",
        "/subscriptions/%2e%2e%2f%2e%2e/resourcegroups/%00",
        "/" + "a/" * 3000,
        "/providers/providers/providers",
        "/subscriptions/x/resourceGroups/providers/providers/providers/providers/providers",
        "/%F0%9F%92%A3/oauth2/v2.0/token",
        "/subscriptions/';DROP TABLE resources;--/resources",
    ],
)
def test_strange_paths_are_only_not_found(azure: Served, path: str) -> None:
    for method in ("GET", "PUT", "POST", "DELETE"):
        assert 400 <= azure.raw(method, f"{path}?api-version={API}", body=b"{}").status_code < 500


def test_noise_on_the_wire_is_survived(azure: Served) -> None:
    port = int(azure.info["endpoint"].rsplit(":", 1)[-1])
    context = ssl.create_default_context(cafile=azure.info["ca_file"])
    for noise in (b"\x00" * 64, b"GET / HTTP/9.9\r\n\r\n", b"POST /x HTTP/1.1\r\nContent-Length: 99\r\n\r\n{"):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            plain.sendall(noise)
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            secure.sendall(noise)
    assert _alive(azure)


def test_it_wrote_only_into_its_state_directory_and_listens_only_on_loopback(azure: Served) -> None:
    state = Path(azure.info["ca_file"]).parent
    names = {path.name for path in state.iterdir()}
    assert names <= {
        "azure.sqlite",
        "azure.sqlite-wal",
        "azure.sqlite-shm",
        "ca.pem",
        "server.pem",
        "server.key",
        "lock",
    }
    assert (state / "server.key").stat().st_mode & 0o077 == 0
    assert (state / "azure.sqlite").stat().st_mode & 0o077 == 0
    assert azure.info["endpoint"].startswith("https://127.0.0.1:")
