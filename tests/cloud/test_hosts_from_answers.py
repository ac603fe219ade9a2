"""Names of hosts that Azure returns: tokens and files of the customer go to hosts of the cloud only."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from installer.cloud.errors import AzureRefused, WrongAnswer
from installer.cloud.rest import Service
from installer.cloud.signed_urls import SignedUrls
from installer.preflight.reads import NotVisible
from installer.runs.preflight import certificates_of
from tests.cloud.test_wrong_answers import PORTAL, _at_once
from tests.cloud.wire import HOST, Answer, scripted, target

__all__ = ["_at_once"]
GRAPH: Final = "https://graph.microsoft.com"
BLOB: Final = "https://acrtaskprodeus020.blob.core.windows.net/c/source.tar.gz?sig=secret"
CREATED: Final = Answer(201, b"")
FOREIGN: Final = (
    "https://evil.example/x?sig=secret",
    "https://blob.core.windows.net.evil.example/x?sig=secret",
    "https://evilblob.core.windows.net/x?sig=secret",
    "https://a.file.core.windows.net/x?sig=secret",
    "https://a.blob.core.chinacloudapi.cn/x?sig=secret",
    "https://a.blob.core.windows.net:8443/x?sig=secret",
    "https://me@a.blob.core.windows.net/x?sig=secret",
    "https://a.blob.core.windows.net@evil.example/x?sig=secret",
    "https://evil.example\\.blob.core.windows.net/x?sig=secret",
    "https://evil.example#.blob.core.windows.net/x?sig=secret",
    "http://a.blob.core.windows.net/x?sig=secret",
    "file:///etc/passwd?sig=secret",
    "//evil.example/x?sig=secret",
    "https://[::1/x?sig=secret",
    "https://a.blob.core.windows.net:port/x?sig=secret",
    "\n\x1b[2J?sig=secret",
    "",
)
USES: Final[dict[str, Callable[[SignedUrls, str], object]]] = {
    "upload": lambda it, url: it.upload(url, b"files", doing="upload the files"),
    "log": lambda it, url: it.read_from(url, 0, doing="read the log"),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("url", FOREIGN)
def test_files_go_to_blobs_of_the_cloud_only(use: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = scripted(monkeypatch, CREATED)
    with pytest.raises(WrongAnswer, match="no blobs of this cloud: nothing is sent there") as refused:
        USES[use](SignedUrls(target()), url)
    assert wire.sent == []
    assert "secret" not in str(refused.value)
    assert all(line.isprintable() for line in str(refused.value).splitlines())


@pytest.mark.parametrize(
    ("cloud", "endpoint", "url"),
    [
        ("public", HOST, BLOB),
        ("public", HOST, "https://ACRTASK.blob.core.windows.net:443/x?sig=secret"),
        ("usgov", "https://management.usgovcloudapi.net", "https://a.blob.core.usgovcloudapi.net/x"),
        ("china", "https://management.chinacloudapi.cn", "https://a.blob.core.chinacloudapi.cn/x"),
        ("https://management.local.azurestack.external", "https://management.local.azurestack.external", ""),
        ("rehearsal", "https://127.0.0.1:1234", "https://127.0.0.1:1234/blobs/x"),
    ],
)
def test_blobs_of_the_cloud_are_used(cloud: str, endpoint: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = scripted(monkeypatch, CREATED)
    own = replace(target(), cloud=cloud, endpoint=endpoint)
    USES["upload"](SignedUrls(own), url or "https://acr.blob.local.azurestack.external/x")
    assert len(wire.sent) == 1
    assert wire.hosts_with_token() == set()


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_in_place_of_a_blob_is_no_success(use: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = scripted(monkeypatch, Answer(status, PORTAL, {"Location": "https://evil.example/"}))
    with pytest.raises(WrongAnswer, match=rf"acrtaskprodeus020\.blob\.core\.windows\.net answered {status}"):
        USES[use](SignedUrls(target()), BLOB)
    assert len(wire.sent) == 1


def test_a_page_in_place_of_a_new_blob_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer(200, PORTAL, {"Content-Type": "text/html"}))
    with pytest.raises(WrongAnswer, match="answered 200 to a new blob, not 201"):
        USES["upload"](SignedUrls(target()), BLOB)


@pytest.mark.parametrize(
    "vault",
    [
        "evil.example/x?",
        "evil.example#",
        "me@evil",
        "evil\\",
        "evil:8443/",
        "evil.example\\",
        "a\tb",
        "a\nb",
        "",
        "\u00fc",
    ],
)
def test_the_token_of_key_vault_goes_to_key_vaults_only(vault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a vault comes from the URI of a certificate in the answers, and that perhaps from Azure's vaultUri."""
    wire = scripted(monkeypatch, Answer.of({}))
    with pytest.raises(NotVisible, match="no name of a key vault"):
        certificates_of(target())(vault, "certificate")
    assert wire.hosts_with_token() == set()


@pytest.mark.parametrize("name", ["../keys/x", "x?a=b", "x#", "x\\y", "x/../../y"])
def test_the_name_of_a_certificate_is_one_segment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = scripted(monkeypatch, Answer.of({}))
    certificates_of(target())("vault", name)
    (sent,) = wire.sent
    assert str(sent.url).startswith("https://vault.vault.azure.net/certificates/")
    assert str(sent.url).count("/") == 4


SERVICES: Final = {
    "Microsoft Graph": (f"{GRAPH}/v1.0", GRAPH),
    "a key vault": ("https://vault.vault.azure.net", "https://vault.azure.net"),
}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("member", ["nextLink", "@odata.nextLink"])
@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/x",
        "https://graph.microsoft.com.evil.example/x",
        "https://vault.azure.net/x",
        "http://graph.microsoft.com/v1.0/x",
        "https://me@graph.microsoft.com/v1.0/x",
        "https://evil.example\\.graph.microsoft.com/x",
        "//evil.example/x",
        "\\\\evil.example\\x",
        "@evil.example/x",
        ".evil.example/x",
        ":8443/x",
    ],
)
def test_a_next_page_elsewhere_gets_no_token(
    service: str, member: str, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = scripted(monkeypatch, Answer.of({"value": [], member: link}), Answer.of({"value": []}))
    endpoint, audience = SERVICES[service]
    own = Service(target(), endpoint, audience)
    try:
        own.every("/x")
    except AzureRefused as refused:
        assert "another host" in str(refused)  # noqa: PT017  a path without a host is one of the service
    assert wire.hosts_with_token() == {endpoint.split("/")[2]}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, PORTAL),
        Answer(200, b"[]"),
        Answer(302, b"", {"Location": "https://evil.example/"}),
        Answer(302, b"", {"Location": "//evil.example/"}),
        Answer.of({"value": {"id": "x"}}),
        Answer.of({"value": [{"id": ["x"]}]}),
        Answer(429, PORTAL, {"Retry-After": "99999999999"}),
        Answer(503, b"", {"Retry-After": "-1"}),
        Answer(
            401,
            b"",
            {"WWW-Authenticate": 'Bearer authorization="https://evil.example/x", resource="https://evil.example"'},
        ),
    ],
    ids=lambda answer: f"{answer.status}-{answer.body[:12]!r}",
)
def test_hostile_answers_of_other_services_are_refused(
    service: str, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = scripted(monkeypatch, answer)
    endpoint, audience = SERVICES[service]
    with pytest.raises(AzureRefused) as refused:
        Service(target(), endpoint, audience).every("/x")
    assert refused.value.exit_code in {3, 4}
    assert {str(one.url).split("/")[2] for one in wire.sent} == {endpoint.split("/")[2]}
