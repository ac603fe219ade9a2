"""Hostile requests neither end the server nor reach files outside its state directory."""

import json
import socket
import ssl
from pathlib import Path

import pytest

from tests.emulator.server_process import API, Served

DEPLOYMENTS = "providers/Microsoft.Resources/deployments"


def _alive(azure: Served) -> bool:
    return bool(azure.raw("GET", f"/subscriptions?api-version={API}").ok)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "InvalidRequestContent"),
        (b"{", "InvalidRequestContent"),
        (b"[]", "InvalidRequestContent"),
        (b"null", "InvalidRequestContent"),
        (b"\xff\xfe\x00", "InvalidRequestContent"),
        (b'{"properties": 7}', "InvalidRequestContent"),
        (b'{"properties": {"template": []}}', "InvalidRequestContent"),
        (
            b'{"location": "westeurope", "properties": {"template": {"$schema": "s", "contentVersion": "1", "resources": 7}}}',
            "InvalidTemplate",
        ),
        (
            b'{"location": "westeurope", "properties": {"template": {"$schema": "s", "contentVersion": "1", "resources": [{"type": 1}]}}}',
            "InvalidTemplate",
        ),
        (
            b'{"location": "westeurope", "properties": {"parameters": [1], "template": {"$schema": "s", "contentVersion": "1", "resources": [7, null]}}}',
            "InvalidTemplate",
        ),
        (b'{"properties": {"template": ' + b"[" * 100_000, "InvalidRequestContent"),
        (
            b'{"location": "westeurope", "properties": {"parameters": {"a": {"value": '
            + b"[" * 700
            + b"]" * 700
            + b'}}, "template": {"$schema": "s", "contentVersion": "1", "resources": []}}}',
            "InvalidTemplate",
        ),
        (
            b'{"location": "westeurope", "properties": {"template": {"$schema": "s", "contentVersion": "1", "resources": [{"type": "A.B/c", "apiVersion": "1", '
            b'"name": "[' + b"concat(" * 5000 + b']"}]}}}',
            "InvalidTemplate",
        ),
    ],
)
def test_a_malformed_body_is_refused_as_a_bad_request(azure: Served, body: bytes, code: str) -> None:
    path = f"{azure.scope}/{DEPLOYMENTS}/x"
    for method, url in (("POST", f"{path}/validate"), ("POST", f"{path}/whatIf"), ("PUT", path)):
        answer = azure.raw(method, f"{url}?api-version={API}", body=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code), url


@pytest.mark.parametrize(
    "body", [rb'{"location": "\ud800"}', rb'{"location": "westeurope", "tags": {"\udc00": "\ud800"}}']
)
def test_half_a_character_is_no_fault_of_the_server(azure: Served, body: bytes) -> None:
    for path in (
        "resourceGroups/halves",
        f"{DEPLOYMENTS}/x",
        "resourceGroups/halves/providers/Microsoft.Cdn/profiles/p",
    ):
        answer = azure.raw("PUT", f"{azure.scope}/{path}?api-version={API}", body=body)
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("location", ["\u0416", "a\r\nX-Injected: 1", "\u202e", "\x00"])
def test_a_name_in_a_header_splits_no_response(azure: Served, location: str) -> None:
    azure.raw("PUT", f"{azure.scope}/resourceGroups/headers?api-version={API}", body='{"location": "westeurope"}')
    place = f"{azure.scope}/resourceGroups/headers/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-05-01"
    body = {"location": location, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    for method, sent in (("PUT", json.dumps(body)), ("DELETE", "")):
        answer = azure.raw(method, place, body=sent)
        assert answer.status_code < 500, answer.text
        assert "x-injected" not in answer.headers


@pytest.mark.parametrize(
    ("method", "verb", "code"),
    [
        ("POST", "/validate", "LocationRequired"),
        ("POST", "/whatIf", "InvalidTemplate"),
        ("PUT", "", "LocationRequired"),
    ],
)
def test_a_location_that_is_not_a_string_is_refused(azure: Served, method: str, verb: str, code: str) -> None:
    body = b'{"location": {}, "properties": {"template": {"$schema": "s", "contentVersion": "1", "resources": 7}}}'
    answer = azure.raw(method, f"{azure.scope}/{DEPLOYMENTS}/x{verb}?api-version={API}", body=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_huge_body_is_refused(azure: Served) -> None:
    answer = azure.raw("PUT", f"{azure.scope}/{DEPLOYMENTS}/x?api-version={API}", body=b" " * (9 * 1024 * 1024))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "RequestContentTooLarge")


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/../../etc/passwd", [404, 404, 404, 404]),
        ("/subscriptions/../../../etc/passwd", [404, 404, 404, 404]),
        ("/subscriptions/%2e%2e%2f%2e%2e/resourcegroups/%00", [404, 404, 404, 404]),
        ("/" + "a/" * 3000, [404, 404, 404, 404]),
        ("/providers/providers/providers", [404, 404, 404, 404]),
        (
            "/subscriptions/x/resourceGroups/providers/providers/providers/providers/providers",
            [404, 404, 404, 404],
        ),
        ("/%F0%9F%92%A3/oauth2/v2.0/token", [405, 405, 400, 405]),  # a tenant that does not exist
        ("/subscriptions/';DROP TABLE resources;--/resources", [404, 405, 405, 405]),
    ],
)
def test_strange_paths_are_refused(azure: Served, path: str, statuses: list[int]) -> None:
    methods = ("GET", "PUT", "POST", "DELETE")
    found = [azure.raw(method, f"{path}?api-version={API}", body=b"{}").status_code for method in methods]
    assert found == statuses


def test_the_server_survives_noise_on_its_port(azure: Served) -> None:
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


def test_the_server_writes_only_its_private_files_and_listens_only_on_loopback(azure: Served) -> None:
    state = Path(azure.info["ca_file"]).parent
    names = {path.name for path in state.iterdir()}
    assert {"azure.sqlite", "ca.pem", "server.pem", "server.key"} <= names
    assert names <= {
        "azure.sqlite",
        "azure.sqlite-wal",
        "azure.sqlite-shm",
        "ca.pem",
        "server.pem",
        "server.key",
        "trusted.pem",
        "lock",
    }
    assert (state / "server.key").stat().st_mode & 0o077 == 0
    assert (state / "azure.sqlite").stat().st_mode & 0o077 == 0
    assert azure.info["endpoint"].startswith("https://127.0.0.1:")
