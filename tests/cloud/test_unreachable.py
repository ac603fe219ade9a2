"""A service that is not reached is reported with its cause: name, proxy, certificate authority, clock. Never as a refused sign-in."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from azure.core import PipelineClient
from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError
from azure.core.pipeline.policies import RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import NameResolutionError

from installer.cloud.cli_credential import CliCredential
from installer.cloud.errors import AzureRefused, refusals
from installer.cloud.unreachable import network_fault, reason_unreached


def fetched(url: str, **options: Any) -> BaseException:
    """The error of a real client."""
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.RequestException) as raised:
            session.get(url, timeout=5, **options)
    return raised.value


class Adaptor:
    """A credential of azure-cli-core that raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        raise self.error

    get_token_info = get_token


@contextmanager
def tls_server(folder: Path, begins: datetime, ends: datetime) -> Iterator[tuple[str, str]]:
    """A server with a self-signed certificate: its URL and the file of the authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, ends)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    own = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(own)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            try:
                accepted, _ = listening.accept()
                with accepted, context.wrap_socket(accepted, server_side=True) as encrypted:
                    encrypted.recv(1)
            except OSError:  # the client refuses the certificate
                return

        thread = Thread(target=serve)
        thread.start()
        try:
            yield f"https://localhost:{listening.getsockname()[1]}/", str(folder / "ca.pem")
        finally:
            thread.join(5)


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "trusted", "words"),
    [
        (NOW - timedelta(9), NOW + timedelta(9), False, "the certificate of localhost is not trusted"),
        (
            NOW - timedelta(9),
            NOW - timedelta(1),
            True,
            "the certificate of localhost has expired, by the clock of this machine",
        ),
        (
            NOW + timedelta(1),
            NOW + timedelta(9),
            True,
            "the certificate of localhost is not yet valid, by the clock of this",
        ),
    ],
)
def test_certificates(tmp_path: Path, begins: datetime, ends: datetime, trusted: bool, words: str) -> None:
    with tls_server(tmp_path, begins, ends) as (url, authority):
        error = fetched(url, verify=authority if trusted else True)
    assert reason_unreached(error).startswith(words)
    assert isinstance(network_fault(error), ssl.SSLCertVerificationError)


def test_a_missing_file_of_authorities_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(OSError, match="suitable TLS CA") as raised:
        requests.get("https://localhost:1/", verify="/nowhere/ca.pem", timeout=1)
    assert reason_unreached(raised.value) == (
        "the file of certificate authorities /nowhere/ca.pem does not exist: correct SSL_CERT_FILE"
    )


@pytest.mark.parametrize("password", ["hunter2", "hunt%2Fer2", "hunt@er2", "hunt/er2"])
def test_a_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    proxy = "http://ada:hunter2@127.0.0.1:1"
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:{password}@127.0.0.1:1")
    told = reason_unreached(fetched("https://management.azure.com/", proxies={"https": proxy}))
    assert told.startswith("the proxy http://127.0.0.1:1 does not connect: correct HTTPS_PROXY")


def test_a_name_that_is_not_resolved() -> None:
    unresolved = requests.ConnectionError("HTTPSConnectionPool(host='does-not-exist.invalid', port=443): no address")
    unresolved.__cause__ = socket.gaierror(-2, "Name or service not known")
    told = reason_unreached(unresolved)
    assert told.startswith("the name does-not-exist.invalid is not resolved")


def test_a_refused_connection() -> None:
    error = fetched("https://127.0.0.1:1/")
    assert isinstance(network_fault(error), ConnectionError)


def sent(url: str) -> AzureError:
    """The error of a request of the Azure SDK, whose attribute inner_exception has the cause."""
    client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
        url, policies=[RetryPolicy(retry_total=0)], connection_timeout=5, read_timeout=0.2
    )
    with client, pytest.raises(AzureError) as raised:
        client.send_request(HttpRequest("GET", url))
    return raised.value


def test_errors_of_the_azure_sdk_name_the_host_and_what_to_check() -> None:
    assert reason_unreached(sent("https://127.0.0.1:1/")).startswith("127.0.0.1 refuses the connection: check")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = reason_unreached(sent(f"http://127.0.0.1:{silent.getsockname()[1]}/"))
    assert told.startswith("127.0.0.1 does not respond in time: check")
    no_address = socket.gaierror(-2, "unknown")
    unresolved = NameResolutionError("prices.invalid", HTTPSConnection("prices.invalid"), no_address)
    unresolved.__cause__ = no_address
    told = reason_unreached(ServiceRequestError(str(unresolved), error=unresolved))
    assert told.startswith("the name prices.invalid is not resolved: check")


def wrapped(error: BaseException) -> ClientAuthenticationError:
    """An error as credentials of azure-identity report it."""
    outer = ClientAuthenticationError(f"Authentication failed: {error}")
    outer.__cause__ = error
    return outer


def test_a_credential_without_network_is_no_refused_sign_in() -> None:
    offline = fetched("https://127.0.0.1:1/")
    for error in (wrapped(offline), ServiceRequestError("offline", error=offline)):
        with pytest.raises(AzureRefused, match="Azure could not be reached: ") as raised, refusals("get a token"):
            raise error
        assert raised.value.unreached
        assert raised.value.transient, "it counts towards the patience with a network"
    with pytest.raises(AzureRefused, match="rejected the sign-in") as raised, refusals("get a token"):
        raise wrapped(ValueError("no secret"))
    assert raised.value.status == 401


@pytest.mark.parametrize(
    "error", [ValueError("the token cache is damaged"), KeyError("user"), OSError("cannot decrypt")]
)
def test_a_damaged_session_of_the_azure_cli_is_a_refused_sign_in(error: Exception) -> None:
    with pytest.raises(AzureRefused, match="run az login") as raised, refusals("get a token"):
        CliCredential(lambda: Adaptor(error)).get_token("scope")
    assert raised.value.status == 401


def test_the_azure_cli_without_network() -> None:
    with pytest.raises(AzureRefused, match="could not be reached") as raised, refusals("get a token"):
        CliCredential(lambda: Adaptor(fetched("https://127.0.0.1:1/"))).get_token("scope")
    assert raised.value.unreached
