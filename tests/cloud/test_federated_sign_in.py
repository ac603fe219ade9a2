"""A job of a pipeline signs in by OpenID Connect: to the embedded Azure, with a new assertion for each token, and without a secret."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from azure.core.exceptions import ClientAuthenticationError

from installer.cloud.federated_sign_in import federated_sign_in
from installer.cloud.sign_in import azure_target
from installer.emulator.authorization.tokens import Identity, open_identity
from installer.emulator.clock import WallClock
from installer.emulator.state.database import Database
from installer.errors import UsageError
from tests.cloud.job_platform import EXCHANGE, ISSUER, Platform, job_platform
from tests.emulator.server_process import Served, serving

if TYPE_CHECKING:
    from installer.jsontypes import Json

SUBJECT: Final = "repo:Contoso/platform:environment:contoso-dev"
IDENTITY: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
VARIABLES: Final = (
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_TENANT_ID",
    "AZURESUBSCRIPTION_CLIENT_ID",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "AZURESUBSCRIPTION_TENANT_ID",
    "SYSTEM_ACCESSTOKEN",
    "SYSTEM_OIDCREQUESTURI",
)


@pytest.fixture(autouse=True)
def no_job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path / "no-session"))


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Identity, str]]:
    """The embedded Azure with an identity that trusts one environment of a repository; what signs, and its client ID."""
    state = tmp_path_factory.mktemp("azure")
    with serving(state, speed=1) as server:
        group = f"{server.scope}/resourceGroups/rg-pipelines"
        server.raw("PUT", f"{group}?api-version=2022-09-01", body=json.dumps({"location": "westeurope"}))
        place = f"{group}/providers/{IDENTITY}/id-dev"
        found = server.put(place, "2023-01-31", {"location": "westeurope"})
        properties: Json = {"issuer": ISSUER, "subject": SUBJECT, "audiences": [EXCHANGE]}
        server.put(f"{place}/federatedIdentityCredentials/pipelines", "2023-01-31", {"properties": properties})
        (file,) = state.glob("*.sqlite")
        database = Database(file)
        yield server, open_identity(database, WallClock()), str(found["properties"]["clientId"])
        database.close()


def _assertion(identity: Identity, subject: str = SUBJECT) -> str:
    return identity.signed({"iss": ISSUER, "sub": subject, "aud": EXCHANGE})


def _in_github(monkeypatch: pytest.MonkeyPatch, platform: Platform, client: str) -> None:
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{platform.url}?api-version=2.0")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-job")
    monkeypatch.setenv("AZURE_CLIENT_ID", client)


def test_a_job_of_github_gets_tokens_with_a_new_assertion_for_each(
    azure: tuple[Served, Identity, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, identity, client = azure
    monkeypatch.setenv("SSL_CERT_FILE", server.info["ca_file"])
    with job_platform() as platform:
        _in_github(monkeypatch, platform, client)
        target = azure_target(server.info["endpoint"], tenant=server.info["tenant"])
        assert target.account == f"{client} (GitHub Actions)"
        assert target.renewable()
        credential = target.credential()
        for audience in (server.info["endpoint"], "https://graph.example"):
            platform.answer = (200, json.dumps({"value": _assertion(identity)}))
            claims = identity.claims(credential.get_token(f"{audience}/.default").token)
            assert claims is not None
            assert (claims["aud"], claims["appid"]) == (audience, client)
        asked = ("GET", {"api-version": ["2.0"], "audience": [EXCHANGE]}, "Bearer of-the-job")
        assert platform.asked == [asked, asked]


def test_a_job_of_another_environment_is_refused_with_the_subject(
    azure: tuple[Served, Identity, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, identity, client = azure
    monkeypatch.setenv("SSL_CERT_FILE", server.info["ca_file"])
    with job_platform() as platform:
        _in_github(monkeypatch, platform, client)
        platform.answer = (200, json.dumps({"value": _assertion(identity, SUBJECT.replace("dev", "prod"))}))
        credential = azure_target(server.info["endpoint"], tenant=server.info["tenant"]).credential()
        with pytest.raises(ClientAuthenticationError, match=r"AADSTS700213.*environment:contoso-prod"):
            credential.get_token("https://management.azure.com/.default")


def test_capitals_count_and_an_assertion_ends(
    azure: tuple[Served, Identity, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, identity, client = azure
    monkeypatch.setenv("SSL_CERT_FILE", server.info["ca_file"])
    ended = identity.signed({"iss": ISSUER, "sub": SUBJECT, "aud": EXCHANGE}, lifetime=-1)
    for given, code in ((_assertion(identity, SUBJECT.lower()), "AADSTS7002138"), (ended, "AADSTS700024")):
        with job_platform() as platform:
            _in_github(monkeypatch, platform, client)
            platform.answer = (200, json.dumps({"value": given}))
            credential = azure_target(server.info["endpoint"], tenant=server.info["tenant"]).credential()
            with pytest.raises(ClientAuthenticationError, match=code):
                credential.get_token("https://management.azure.com/.default")


@pytest.mark.parametrize("answer", [(403, '{"message": "no permission"}'), (200, "{}"), (200, "<html>")])
def test_a_platform_that_gives_no_assertion_is_named(answer: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with job_platform() as platform:
        _in_github(monkeypatch, platform, "client")
        platform.answer = answer
        found = federated_sign_in("https://login.example", "tenant", None)
        assert found is not None
        with pytest.raises(ClientAuthenticationError, match=f"GitHub gave no token.*HTTP {answer[0]}"):
            found.credential().get_token("https://management.azure.com/.default")


def test_a_job_of_azure_pipelines_gets_tokens_through_its_service_connection(
    azure: tuple[Served, Identity, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, identity, client = azure
    monkeypatch.setenv("SSL_CERT_FILE", server.info["ca_file"])
    with job_platform() as platform:
        platform.answer = (200, json.dumps({"oidcToken": _assertion(identity)}))
        monkeypatch.setenv("SYSTEM_OIDCREQUESTURI", platform.url)
        monkeypatch.setenv("SYSTEM_ACCESSTOKEN", "of-the-job")
        monkeypatch.setenv("AZURESUBSCRIPTION_CLIENT_ID", client)
        monkeypatch.setenv("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "connection-1")
        monkeypatch.setenv("AZURESUBSCRIPTION_TENANT_ID", server.info["tenant"])
        target = azure_target(server.info["endpoint"], tenant=None)
        assert target.account == f"{client} (Azure Pipelines)"
        claims = identity.claims(target.credential().get_token("https://management.azure.com/.default").token)
        assert claims is not None
        assert claims["appid"] == client
        ((method, query, authorization),) = platform.asked
        assert (method, query["serviceConnectionId"], authorization) == ("POST", ["connection-1"], "Bearer of-the-job")


@pytest.mark.parametrize("missing", VARIABLES[:3])
def test_a_job_that_may_not_ask_for_assertions_signs_in_otherwise(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_github(monkeypatch, Platform("http://127.0.0.1:1"), "client")
    monkeypatch.delenv(missing)
    assert federated_sign_in("https://login.example", "tenant", None) is None


def test_a_secret_that_was_given_goes_before_and_an_unknown_tenant_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _in_github(monkeypatch, Platform("http://127.0.0.1:1"), "client")
    with pytest.raises(UsageError, match="set AZURE_TENANT_ID"):
        federated_sign_in("https://login.example", None, None)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "secret")
    assert azure_target("public", tenant="tenant").account == "client (service principal)"
